//! The access delta: who gains and who loses what, between two worlds.
//!
//! Each subject is compared with all it holds: what another binding or one of its implied groups
//! gives anyway is neither gained nor lost. A group is told of as a group, since nobody here knows
//! its members; a subject that is in it by its name is not told of again.

pub(crate) mod cell;
mod elsewhere;
mod entry;
mod holdings;
mod left;
pub(crate) mod names;
mod unseen;
pub(crate) mod url;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

pub use entry::Entry;
pub use holdings::Through;

use entry::Pieces;
pub(crate) use holdings::{Bound, Who, bindings};
use holdings::{Holding, Holdings};

use crate::subject::{AUTHENTICATED, MASTERS, UNAUTHENTICATED, implied_groups};
use crate::{Facts, PolicyRule};

/// What changes for whom.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Delta {
    /// What somebody gains, by subject and scope.
    pub gained: Vec<Entry>,
    /// What somebody loses.
    pub lost: Vec<Entry>,
    /// Subjects of changed bindings whose roles were not read.
    pub cannot_tell: Vec<(String, Through)>,
    /// Changed roles that bindings which were not read may give to anybody.
    pub held_unseen: Vec<ChangedRole>,
}

/// Which kinds are known whole: of these, what is not there does not exist.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// Every Role.
    pub roles: bool,
    /// Every ClusterRole.
    pub cluster_roles: bool,
    /// Every RoleBinding.
    pub role_bindings: bool,
    /// Every ClusterRoleBinding.
    pub cluster_role_bindings: bool,
    /// Namespaces of which every Role is known.
    pub roles_in: BTreeSet<String>,
    /// Namespaces of which every RoleBinding is known.
    pub role_bindings_in: BTreeSet<String>,
}

impl Known {
    /// All of a world, or nothing for sure.
    pub fn all(whole: bool) -> Self {
        Self {
            roles: whole,
            cluster_roles: whole,
            role_bindings: whole,
            cluster_role_bindings: whole,
            ..Self::default()
        }
    }

    /// Whether every Role of a namespace is known.
    pub fn roles_of(&self, namespace: &str) -> bool {
        self.roles || self.roles_in.contains(namespace)
    }

    /// Whether every RoleBinding of a namespace is known.
    pub fn role_bindings_of(&self, namespace: &str) -> bool {
        self.role_bindings || self.role_bindings_in.contains(namespace)
    }
}

/// A role that gives something else in the two worlds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ChangedRole {
    /// Its namespace; empty for a cluster role.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

/// The difference of two worlds. Aggregated roles must have been settled in both
/// ([`settle`](crate::aggregate::settle)).
pub fn delta(before: &Facts, after: &Facts, known: &Known) -> Delta {
    let touched = touched(before, after);
    let mut wanted = touched.whom.clone();
    wanted.extend(touched.whom.iter().flat_map(groups_of));
    let worlds = [before, after].map(|facts| Holdings::of(facts, &wanted));
    let [was, is] = &worlds;
    let mut delta = Delta {
        cannot_tell: untold(&touched, before, after, known),
        held_unseen: unseen::changed(before, after, known),
        ..Delta::default()
    };
    for who in &touched.whom {
        // Members of this group are refused nothing, whatever roles say.
        if *who == Who::Group(MASTERS.to_owned()) {
            continue;
        }
        delta.gained.extend(gained(who, was, is));
        delta.lost.extend(gained(who, is, was));
    }
    delta
}

/// What `to` gives a subject by its own bindings that it does not hold in `from`, by itself or by
/// its groups, and that no group of its is told to gain.
fn gained(who: &Who, from: &Holdings, to: &Holdings) -> Vec<Entry> {
    let groups = groups_of(who);
    let mut found = Vec::new();
    let holders: Vec<&Who> = std::iter::once(who).chain(&groups).collect();
    let held_in = |scope: &str| in_world(from, &holders, scope);
    let own_groups: Vec<&Who> = groups.iter().collect();
    let told_in = |scope: &str| in_world(to, &own_groups, scope);
    let scopes: BTreeSet<&str> = holders
        .iter()
        .flat_map(|holder| from.scopes(holder))
        .collect();
    for scope in to.scopes(who) {
        let mut held = held_in("");
        let mut told = told_in("");
        if !scope.is_empty() {
            held.extend(held_in(scope));
            told.extend(told_in(scope));
            told.extend(to.at(who, ""));
        }
        let mut pieces = Pieces::new(to.at(who, scope), &held, &told);
        if scope.is_empty() {
            let others = scopes.iter().filter(|scope| !scope.is_empty());
            pieces.but(others.map(|other| (*other, held_in(other))));
        }
        found.extend(pieces.entries(&who.spelled(), scope));
    }
    found
}

/// What any of them holds in one scope of a world.
fn in_world<'w>(world: &'w Holdings, holders: &[&Who], scope: &str) -> Vec<&'w Holding> {
    let all = holders.iter();
    all.flat_map(|holder| world.at(holder, scope)).collect()
}

pub(crate) fn groups_of(who: &Who) -> Vec<Who> {
    let groups = match who {
        Who::User(name) => implied_groups(name),
        Who::Group(name) if [AUTHENTICATED, UNAUTHENTICATED, MASTERS].contains(&name.as_str()) => {
            Vec::new()
        }
        Who::Group(name) => {
            let mut groups = vec![AUTHENTICATED.to_owned()];
            if name.starts_with("system:serviceaccounts:") {
                groups.push("system:serviceaccounts".to_owned());
            }
            groups
        }
    };
    groups.into_iter().map(Who::Group).collect()
}

/// Bindings that say something else in the two worlds, or whose role does.
#[derive(Default)]
struct Touched<'a> {
    whom: BTreeSet<Who>,
    bindings: Vec<Bound<'a>>,
}

fn touched<'a>(before: &'a Facts, after: &'a Facts) -> Touched<'a> {
    let [was, is] = [before, after].map(|facts| {
        bindings(facts)
            .map(|bound| ((bound.namespace, bound.name), bound))
            .collect::<BTreeMap<_, _>>()
    });
    let mut touched = Touched::default();
    let mut seen: BTreeMap<(&str, &str, &str), bool> = BTreeMap::new();
    for key in was.keys().chain(is.keys()).collect::<BTreeSet<_>>() {
        let (old, new) = (was.get(key), is.get(key));
        let same = match (old, new) {
            (Some(old), Some(new)) => {
                old.subjects == new.subjects && old.role_ref == new.role_ref && {
                    let role_namespace = match new.role_ref.kind.as_str() {
                        "Role" => new.namespace,
                        _ => "",
                    };
                    let role = (role_namespace, &*new.role_ref.kind, &*new.role_ref.name);
                    *seen
                        .entry(role)
                        .or_insert_with(|| alike(old.rules(before), new.rules(after)))
                }
            }
            _ => false,
        };
        if !same {
            for bound in [old, new].into_iter().flatten() {
                touched.whom.extend(bound.whom());
                touched.bindings.push(*bound);
            }
        }
    }
    touched
}

fn alike(a: Option<&[PolicyRule]>, b: Option<&[PolicyRule]>) -> bool {
    a.unwrap_or_default() == b.unwrap_or_default()
}

fn untold(
    touched: &Touched<'_>,
    before: &Facts,
    after: &Facts,
    known: &Known,
) -> Vec<(String, Through)> {
    let mut found = BTreeSet::new();
    for bound in &touched.bindings {
        let read = match bound.role_ref.kind.as_str() {
            "Role" => known.roles_of(bound.namespace),
            _ => known.cluster_roles,
        };
        if !read && bound.rules(before).is_none() && bound.rules(after).is_none() {
            let whom = bound.whom();
            found.extend(whom.iter().map(|who| (who.spelled(), bound.through())));
        }
    }
    found.into_iter().collect()
}
