//! What is not known: where something may be granted by what nobody here has seen.

use super::told::{Reason, listed};
use super::world::Planned;
use crate::authorize::{Held, referenced_rules};
use crate::delta::bindings;
use crate::{RoleRef, User};

/// Why it cannot be told that a user is granted nothing more; none where it can. `local`: whether
/// bindings of namespaces matter.
pub(super) fn of_user(world: &Planned<'_>, user: &User, local: bool) -> Option<Reason> {
    if let Some(reason) = of_bindings(world, local) {
        return Some(reason);
    }
    let namespaces = match local {
        true => world.evaluator.namespaces_of(user),
        false => Default::default(),
    };
    let everywhere = std::iter::once("").chain(namespaces);
    everywhere
        .flat_map(|namespace| world.evaluator.held_bindings(user, namespace))
        .find_map(|held: Held<'_>| of_role(world, held.role_ref, held.namespace, held.name))
}

/// The same for everybody.
pub(super) fn of_anybody(world: &Planned<'_>, local: bool) -> Option<Reason> {
    if let Some(reason) = of_bindings(world, local) {
        return Some(reason);
    }
    let mut all = bindings(world.facts).filter(|bound| local || bound.namespace.is_empty());
    all.find_map(|bound| of_role(world, bound.role_ref, bound.namespace, bound.name))
}

fn of_bindings(world: &Planned<'_>, local: bool) -> Option<Reason> {
    if let Some(partial) = &world.sight.partial {
        return Some(Reason::new(partial.clone(), &[]));
    }
    let wanted = [("ClusterRoleBinding", true), ("RoleBinding", local)];
    let missing: Vec<&str> = wanted
        .into_iter()
        .filter(|(kind, matters)| *matters && !world.sight.is_whole(kind))
        .map(|(kind, _)| kind)
        .collect();
    if missing.is_empty() {
        return None;
    }
    let named: Vec<String> = missing.iter().map(|kind| format!("{kind}s")).collect();
    let message = format!("not all {} of the cluster are known", listed(&named));
    Some(Reason::new(message, &missing))
}

/// What a role gives is not known where it was not read, or gathers from roles that were not.
fn of_role(world: &Planned<'_>, role: &RoleRef, namespace: &str, binding: &str) -> Option<Reason> {
    let (kind, name) = (role.kind.as_str(), &role.name);
    if world.sight.is_whole(kind) {
        return None;
    }
    let is_known = referenced_rules(world.facts, role, namespace).is_some();
    let gathers = kind == "ClusterRole"
        && world
            .facts
            .cluster_role(name)
            .is_some_and(|role| role.aggregation.is_some());
    if is_known && !gathers {
        return None;
    }
    let message =
        format!("what {kind} `{name}` gives to those of the binding `{binding}` is not known");
    Some(Reason::new(message, &[kind]))
}
