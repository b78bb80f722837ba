//! What is not known: where something may be granted by what nobody here has seen.

use std::collections::BTreeSet;

use super::told::{Reason, listed};
use super::world::Planned;
use crate::authorize::{Held, referenced_rules};
use crate::delta::bindings;
use crate::{RoleRef, User};

/// The namespaces whose bindings matter, besides those of the whole cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// These.
    In(BTreeSet<String>),
    /// All of them.
    Anywhere,
}

impl Default for Place {
    fn default() -> Self {
        Self::In(BTreeSet::new())
    }
}

impl Place {
    /// The namespaces among some places; the whole cluster is no namespace.
    pub(super) fn in_some<'a>(places: impl Iterator<Item = &'a str>) -> Self {
        let namespaces = places.filter(|namespace| !namespace.is_empty());
        Self::In(namespaces.map(str::to_owned).collect())
    }

    pub(super) fn add(&mut self, other: Self) {
        match (&mut *self, other) {
            (Self::In(known), Self::In(more)) => known.extend(more),
            (known, _) => *known = Self::Anywhere,
        }
    }

    fn has(&self, namespace: &str) -> bool {
        match self {
            Self::In(namespaces) => namespace.is_empty() || namespaces.contains(namespace),
            Self::Anywhere => true,
        }
    }
}

/// Why it cannot be told that a user is granted nothing more in a place; none where it can.
pub(super) fn of_user(world: &Planned<'_>, user: &User, place: &Place) -> Option<Reason> {
    if let Some(reason) = of_bindings(world, place) {
        return Some(reason);
    }
    let namespaces = world.evaluator.namespaces_of(user).into_iter();
    let namespaces = namespaces.filter(|namespace| place.has(namespace));
    let everywhere = std::iter::once("").chain(namespaces);
    everywhere
        .flat_map(|namespace| world.evaluator.held_bindings(user, namespace))
        .find_map(|held: Held<'_>| of_role(world, held.role_ref, held.namespace, held.name))
}

/// The same for everybody.
pub(super) fn of_anybody(world: &Planned<'_>, place: &Place) -> Option<Reason> {
    if let Some(reason) = of_bindings(world, place) {
        return Some(reason);
    }
    let mut all = bindings(world.facts).filter(|bound| place.has(bound.namespace));
    all.find_map(|bound| of_role(world, bound.role_ref, bound.namespace, bound.name))
}

fn of_bindings(world: &Planned<'_>, place: &Place) -> Option<Reason> {
    let sight = world.sight;
    if let Some(partial) = &sight.partial {
        return Some(Reason::new(partial.clone(), &[]));
    }
    let local = match place {
        _ if sight.is_whole("RoleBinding") => None,
        Place::Anywhere => Some("RoleBindings of the cluster".to_owned()),
        Place::In(namespaces) => {
            let unread = namespaces
                .iter()
                .filter(|namespace| !sight.role_bindings_in.contains(*namespace));
            let unread: Vec<String> = unread.map(|name| format!("`{name}`")).collect();
            (!unread.is_empty()).then(|| format!("RoleBindings in {}", listed(&unread)))
        }
    };
    let wide = (!sight.is_whole("ClusterRoleBinding")).then_some("ClusterRoleBindings");
    let (named, missing) = match (wide, local) {
        (None, None) => return None,
        (None, Some(local)) => (local, vec!["RoleBinding"]),
        (Some(wide), None) => (format!("{wide} of the cluster"), vec!["ClusterRoleBinding"]),
        (Some(wide), Some(local)) => (
            format!("{wide} and {local}"),
            vec!["ClusterRoleBinding", "RoleBinding"],
        ),
    };
    let message = format!("not all {named} are known");
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
