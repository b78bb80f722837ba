//! The policies of Google resources before and after a plan, and the pods that act as accounts.

use std::collections::BTreeMap;

use rbacform_access::bridge::{Bridge, Workloads};
use rbacform_access::google::Facts;
use rbacform_core::plan::Reason;
use rbacform_core::{Action, Change, DesiredResource, ObjectId, ObservedSet, Value};

use super::{is_kubernetes, overlay, writes};
use crate::google_roles;
use crate::planning::GOOGLE;

/// What is known of Google, and of the cluster's service accounts, at one time.
#[derive(Default)]
pub(crate) struct Side {
    pub(crate) facts: Facts,
    workloads: Workloads,
}

/// What stands at Google, and what will stand once a plan is carried out.
#[derive(Default)]
pub(crate) struct GoogleWorlds {
    pub(crate) before: Side,
    pub(crate) after: Side,
}

impl GoogleWorlds {
    /// The worlds of a plan. Every policy that was read is known whole. `project` is the one whose
    /// pool the cluster is in, where that is known; `was_deleted` says of a custom role that is not
    /// there whether it was, and comes back with whatever is bound to it.
    pub(crate) fn of_plan(
        observed: &ObservedSet,
        changes: &[Change],
        declared: &[DesiredResource],
        project: Option<&str>,
        was_deleted: impl Fn(&str) -> bool,
    ) -> Self {
        let side = |changes: &[Change]| {
            let mut workloads = workloads(observed, changes);
            workloads.project = project.map(str::to_owned);
            Side {
                facts: facts(observed, changes, declared),
                workloads,
            }
        };
        let mut before = side(&[]);
        for change in changes.iter().filter(|it| it.action == Action::Create) {
            let comes_back = match change.object.kind.as_str() {
                "CustomRole" => was_deleted(&change.object.ident),
                // One that was deleted behind the stack's back is brought back with its grants.
                "ServiceAccount" => change.reason == Reason::DeletedOutside,
                _ => false,
            };
            if comes_back && change.object.instance == GOOGLE {
                before.facts.remove(&change.object, &Value::Null);
            }
        }
        Self {
            before,
            after: side(changes),
        }
    }
}

impl Side {
    /// One graph of policies and pods, at a moment.
    pub(crate) fn bridge<'w>(
        &'w self,
        cluster: &'w rbacform_access::Facts,
        now: i64,
    ) -> Bridge<'w> {
        Bridge {
            google: google_roles::evaluator(&self.facts, now),
            kubernetes: cluster,
            workloads: &self.workloads,
        }
    }
}

/// The cluster's service accounts, with changes.
pub(crate) fn workloads(observed: &ObservedSet, changes: &[Change]) -> Workloads {
    let mut workloads = Workloads::default();
    for found in observed.iter().filter(|it| is_kubernetes(&it.object)) {
        workloads.put(&found.object, &found.attributes);
    }
    let written = changes
        .iter()
        .filter(|it| is_kubernetes(&it.object) && writes(it.action));
    for change in written {
        match (change.action, observed.get(&change.object)) {
            (Action::Delete, _) => workloads.remove(&change.object),
            (Action::Update | Action::Adopt, Some(found)) => {
                let will = overlay::changed(&found.attributes, &change.before, &change.after);
                workloads.put(&change.object, &will);
            }
            _ => workloads.put(&change.object, &change.after),
        }
    }
    workloads
}

/// The policies that were read, with changes.
fn facts(observed: &ObservedSet, changes: &[Change], declared: &[DesiredResource]) -> Facts {
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
    let ours = changes.iter().filter(|it| it.object.instance == GOOGLE);
    let (wider, single): (Vec<&Change>, Vec<&Change>) = ours
        .filter(|change| writes(change.action))
        .partition(|change| matches!(change.object.kind.as_str(), "IamBinding" | "IamPolicy"));
    // First what they held: a grant that takes the place of a binding stays.
    for change in &wider {
        grants.retain(|_, grant| !covers(&change.object, last(change), grant));
        read_whole(&mut facts, last(change));
    }
    for change in single {
        let (object, is_gone) = (&change.object, change.action == Action::Delete);
        match object.kind.as_str() {
            "IamMember" if is_gone => {
                grants.remove(object);
            }
            "IamMember" => {
                grants.insert(object, &change.after);
            }
            _ if is_gone => facts.remove(object, &change.before),
            _ => facts.put(object, &change.after),
        }
        read_whole(&mut facts, last(change));
    }
    let stay = wider.iter().filter(|it| it.action != Action::Delete);
    for change in stay {
        facts.put(&change.object, &change.after);
    }
    for (object, grant) in grants {
        facts.put(object, grant);
    }
    for resource in declared.iter().filter(|it| it.object.instance == GOOGLE) {
        read_whole(&mut facts, &resource.attributes);
    }
    facts
}

/// What a change is about: as it will be, or as it was where it goes.
fn last(change: &Change) -> &Value {
    match change.action {
        Action::Delete => &change.before,
        _ => &change.after,
    }
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

#[cfg(test)]
#[path = "policies_tests.rs"]
mod tests;
