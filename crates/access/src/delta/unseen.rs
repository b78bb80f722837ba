//! Changed roles of which nobody can tell who holds them, because bindings were not read.

use std::collections::BTreeSet;

use super::{ChangedRole, Known};
use crate::{Facts, PolicyRule};

/// The roles whose rules differ, where not every binding that may name them is known.
pub(super) fn changed(before: &Facts, after: &Facts, known: &Known) -> Vec<ChangedRole> {
    let mut found = roles(before, after, known);
    if !(known.role_bindings && known.cluster_role_bindings) {
        found.extend(cluster_roles(before, after));
    }
    found
}

fn roles(before: &Facts, after: &Facts, known: &Known) -> Vec<ChangedRole> {
    let all: BTreeSet<(&str, &str)> = [before, after]
        .into_iter()
        .flat_map(Facts::roles)
        .filter(|role| !known.role_bindings_of(&role.namespace))
        .map(|role| (&*role.namespace, &*role.name))
        .collect();
    let [was, is] = [before, after].map(|facts| {
        move |(namespace, name)| held(facts.role(namespace, name).map(|role| &*role.rules))
    });
    all.into_iter()
        .filter(|role| was(*role) != is(*role))
        .map(|(namespace, name)| changed_role(namespace, name))
        .collect()
}

fn cluster_roles(before: &Facts, after: &Facts) -> Vec<ChangedRole> {
    let all: BTreeSet<&str> = [before, after]
        .into_iter()
        .flat_map(Facts::cluster_roles)
        .map(|role| &*role.name)
        .collect();
    let [was, is] = [before, after]
        .map(|facts| move |name| held(facts.cluster_role(name).map(|role| &*role.rules)));
    all.into_iter()
        .filter(|name| was(name) != is(name))
        .map(|name| changed_role("", name))
        .collect()
}

fn changed_role(namespace: &str, name: &str) -> ChangedRole {
    ChangedRole {
        namespace: namespace.to_owned(),
        name: name.to_owned(),
    }
}

/// A role that is not there gives as little as one without rules.
fn held(rules: Option<&[PolicyRule]>) -> &[PolicyRule] {
    rules.unwrap_or_default()
}
