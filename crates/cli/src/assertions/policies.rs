//! The policies of Google resources as they will be.

use std::collections::BTreeMap;

use rbacform_access::google::Facts;
use rbacform_core::{Action, Change, DesiredResource, ObjectId, ObservedSet, Value};

use crate::planning::GOOGLE;

/// The policies that were read, with a plan's changes: every one is known whole.
pub(crate) fn after(
    observed: &ObservedSet,
    changes: &[Change],
    declared: &[DesiredResource],
) -> Facts {
    let mut grants: BTreeMap<&ObjectId, &Value> = BTreeMap::new();
    let mut facts = Facts::default();
    for found in observed.iter().filter(|it| it.object.instance == GOOGLE) {
        match found.object.kind.as_str() {
            "IamMember" => {
                grants.insert(&found.object, &found.attributes);
            }
            "IamBinding" | "IamPolicy" => {}
            _ => facts.put(&found.object, &found.attributes),
        }
        read_whole(&mut facts, &found.attributes);
    }
    let mut wider = Vec::new();
    for change in changes.iter().filter(|it| it.object.instance == GOOGLE) {
        let (object, is_gone) = (&change.object, change.action == Action::Delete);
        match object.kind.as_str() {
            "IamMember" if is_gone => {
                grants.remove(object);
            }
            "IamMember" => {
                grants.insert(object, &change.after);
            }
            "IamBinding" | "IamPolicy" => wider.push(change),
            _ if is_gone => {}
            _ => facts.put(object, &change.after),
        }
        read_whole(
            &mut facts,
            if is_gone {
                &change.before
            } else {
                &change.after
            },
        );
    }
    for change in wider {
        let is_gone = change.action == Action::Delete;
        let covered = if is_gone {
            &change.before
        } else {
            &change.after
        };
        grants.retain(|_, grant| !covers(&change.object, covered, grant));
        if !is_gone {
            facts.put(&change.object, &change.after);
        }
    }
    for (object, grant) in grants {
        facts.put(object, grant);
    }
    for resource in declared.iter().filter(|it| it.object.instance == GOOGLE) {
        read_whole(&mut facts, &resource.attributes);
    }
    facts
}

/// The policy that a grant is on was read whole.
fn read_whole(facts: &mut Facts, attributes: &Value) {
    if let Some(resource) = attributes.get("resource").and_then(Value::as_str) {
        facts.put_whole(resource);
    }
}

/// Whether a whole binding or policy decides over a grant.
fn covers(object: &ObjectId, whole: &Value, grant: &Value) -> bool {
    let same = |key: &str| whole.get(key) == grant.get(key);
    match object.kind.as_str() {
        "IamPolicy" => same("resource"),
        _ => same("resource") && same("role") && same("condition"),
    }
}
