//! What nothing in a world names: a subject or a namespace that is most likely misspelt.

use std::collections::BTreeSet;

use rbacform_access::{Facts, Subject, User, subject};
use rbacform_core::hint::closest;

use super::args::WhatArgs;
use super::world::World;
use crate::load::SEMANTICS;

/// A note where no binding names somebody, nor a group that was said.
pub(super) fn nobody(user: &User, world: &World) -> Option<String> {
    let subjects: Vec<(&Subject, &str)> = own_subjects(&world.facts).collect();
    let own = user.groups.iter();
    let mut said = own.filter(|group| !is_anybodys(group)).peekable();
    let named = |(subject, namespace): &(&Subject, &str)| {
        subject::first_match(std::slice::from_ref(*subject), user, namespace).is_some()
    };
    // Who is in a group that everybody of a kind is in may be meant by that alone.
    if subjects.is_empty() || subjects.iter().any(named) {
        return None;
    }
    let (kind, name) = match (user.name.as_str(), said.peek()) {
        ("", Some(group)) => ("Group", (*group).clone()),
        ("", None) => return None,
        (name, _) => match subject::split_service_account(name) {
            Some((namespace, name)) => ("ServiceAccount", format!("{namespace}/{name}")),
            None => ("User", name.to_owned()),
        },
    };
    let alike = subjects.iter().filter(|(subject, _)| subject.kind == kind);
    let known: BTreeSet<String> = alike.map(spelled).collect();
    let meant = closest(&name, known.iter().map(String::as_str));
    Some(format!("no binding here names `{name}`{}", meant_by(meant)))
}

/// A note where nothing is in the namespace that was said.
pub(super) fn nowhere(what: &WhatArgs, world: &World) -> Option<String> {
    let asked = what.namespace.as_deref()?;
    let facts = &world.facts;
    let bindings = facts.all_role_bindings();
    let bindings = bindings.filter(|one| !is_platform("RoleBinding", &one.namespace, &one.name));
    let mut known: BTreeSet<&str> = bindings.map(|binding| binding.namespace.as_str()).collect();
    if known.is_empty() {
        return None;
    }
    known.extend(["default", "kube-system", "kube-public", "kube-node-lease"]);
    known.extend(facts.roles().map(|role| role.namespace.as_str()));
    known.extend(own_subjects(facts).map(|(subject, _)| subject.namespace.as_str()));
    if known.contains(asked) {
        return None;
    }
    let meant = meant_by(closest(asked, known));
    Some(format!("nothing here is in namespace `{asked}`{meant}"))
}

/// The subjects of bindings that no cluster makes by itself, with the bindings' namespaces.
fn own_subjects(facts: &Facts) -> impl Iterator<Item = (&Subject, &str)> {
    let wide = facts.cluster_role_bindings();
    let wide = wide.map(|binding| (&binding.subjects, "", binding.name.as_str()));
    let local = facts.all_role_bindings();
    let local = local.map(|binding| {
        let (namespace, name) = (binding.namespace.as_str(), binding.name.as_str());
        (&binding.subjects, namespace, name)
    });
    let own = wide
        .map(|one| ("ClusterRoleBinding", one))
        .chain(local.map(|one| ("RoleBinding", one)))
        .filter(|(kind, (_, namespace, name))| !is_platform(kind, namespace, name));
    own.flat_map(|(_, (subjects, namespace, _))| {
        subjects.iter().map(move |subject| (subject, namespace))
    })
}

fn meant_by(close: Option<&str>) -> String {
    close.map_or_else(String::new, |close| format!("; did you mean `{close}`?"))
}

/// Its name; a service account's with its namespace.
fn spelled((subject, binding_namespace): &(&Subject, &str)) -> String {
    let Subject {
        name, namespace, ..
    } = subject;
    match (subject.kind.as_str(), namespace.as_str()) {
        ("ServiceAccount", "") => format!("{binding_namespace}/{name}"),
        ("ServiceAccount", namespace) => format!("{namespace}/{name}"),
        _ => name.clone(),
    }
}

fn is_platform(kind: &str, namespace: &str, name: &str) -> bool {
    let object = crate::analysis::object(kind, namespace, name);
    let mut semantics = SEMANTICS.iter();
    semantics.any(|semantics| semantics.is_bootstrap(&object))
}

/// Whether a group holds everybody of a kind, so that nobody is known by it.
fn is_anybodys(group: &str) -> bool {
    [subject::AUTHENTICATED, subject::UNAUTHENTICATED].contains(&group)
}
