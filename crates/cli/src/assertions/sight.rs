//! How much is known of the world that assertions are tested on.

use std::collections::BTreeSet;

use rbacform_access::assert::Sight;
use rbacform_access::{Facts, InvalidObject, aggregate, google};
use rbacform_core::{Action, Change, DesiredResource, ObjectId, ObservedSet, Value};

use crate::analysis;
use crate::planning::{GOOGLE, KUBERNETES};

/// Of a plan: what was read, less what the plan deletes, and what the stack declares.
pub(crate) fn of_plan(
    observed: &ObservedSet,
    changes: &[Change],
    declared: &[DesiredResource],
) -> Sight {
    let gone: BTreeSet<&ObjectId> = changes
        .iter()
        .filter(|change| change.action == Action::Delete)
        .map(|change| &change.object)
        .collect();
    let mut sight = Sight {
        whole: observed
            .complete
            .iter()
            .filter(|(instance, _)| instance == KUBERNETES)
            .map(|(_, kind)| kind.to_string())
            .collect(),
        role_bindings_in: analysis::known(observed).role_bindings_in,
        ..Sight::default()
    };
    for found in observed
        .iter()
        .filter(|found| !gone.contains(&found.object))
    {
        add(&mut sight, &found.object, &found.attributes);
    }
    for resource in declared {
        add(&mut sight, &resource.object, &resource.attributes);
    }
    sight
}

/// Of the files alone: what they do not grant, the cluster may.
pub(crate) fn of_stack(declared: &[DesiredResource]) -> Sight {
    let mut sight = Sight {
        partial: Some(
            "the files do not grant it; whether the cluster does, `rbacform plan` tells".to_owned(),
        ),
        ..Sight::default()
    };
    for resource in declared {
        add(&mut sight, &resource.object, &resource.attributes);
    }
    sight
}

/// What the files grant for sure, over the roles and bindings of a fresh cluster.
pub(crate) fn granted(declared: &[DesiredResource]) -> Result<Facts, InvalidObject> {
    let mut facts = Facts::default();
    // What is left to others once it was created may say something else by now.
    let is_ours = |resource: &&DesiredResource| resource.lifecycle.ignore_changes.is_empty();
    for resource in declared.iter().filter(is_ours) {
        if resource.object.instance == KUBERNETES {
            facts.put(&resource.object, &resource.attributes);
        }
    }
    facts.lay_bootstrap()?;
    aggregate::settle_written(&mut facts);
    Ok(facts)
}

/// What the files grant for sure at Google. A policy that they declare as a whole is all that will
/// be on its resource.
pub(crate) fn granted_at_google(declared: &[DesiredResource]) -> google::Facts {
    let mut facts = google::Facts::default();
    // As above: what is left to others may say something else by now.
    let is_ours = |resource: &&DesiredResource| resource.lifecycle.ignore_changes.is_empty();
    for resource in declared.iter().filter(is_ours) {
        if resource.object.instance == GOOGLE {
            facts.put(&resource.object, &resource.attributes);
        }
    }
    facts
}

/// Notes what an object shows to exist.
fn add(sight: &mut Sight, object: &ObjectId, attributes: &Value) {
    if object.instance == GOOGLE {
        note_members(attributes, &mut sight.named);
        return;
    }
    match object.kind.as_str() {
        "Namespace" => sight.namespaces.insert(object.name().to_owned()),
        "ServiceAccount" => sight.service_accounts.insert(object.ident.to_string()),
        _ => true,
    };
    if let Some(namespace) = object.namespace() {
        sight.namespaces.insert(namespace.to_owned());
    }
}

/// The members that a grant, a binding or a policy names.
fn note_members(attributes: &Value, named: &mut BTreeSet<String>) {
    let member = attributes.get("member").and_then(Value::as_str);
    let members = attributes.get("members").and_then(Value::as_list);
    let texts = members.unwrap_or_default().iter().filter_map(Value::as_str);
    named.extend(texts.chain(member).map(str::to_owned));
    let bindings = attributes.get("bindings").and_then(Value::as_list);
    for binding in bindings.unwrap_or_default() {
        note_members(binding, named);
    }
}
