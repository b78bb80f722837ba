//! How much access a plan takes away, for the gate against mass revocation.

use std::collections::BTreeSet;

use rbacform_core::{
    Action, Binding, Change, ObjectId, Semantics, StateResource, StateSnapshot, Value,
};

use crate::bindings_of;

/// Grants that a plan revokes, and grants that the stack holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Revocations {
    /// Subjects that lose a binding to a role.
    pub revoked: usize,
    /// Subjects that hold one through the stack, as last applied.
    pub held: usize,
}

impl Revocations {
    /// Whether this is so much that it must be allowed by number: more than 25, and more than
    /// half of what the stack holds.
    pub fn is_massive(self) -> bool {
        self.revoked > 25 && self.revoked * 2 > self.held
    }
}

/// Counts the subjects that the changes take a role from, in one place and under one condition,
/// and that nothing else of the stack gives it.
pub fn revocations(
    changes: &[Change],
    prior: &StateSnapshot,
    semantics: &[&dyn Semantics],
) -> Revocations {
    let of_prior =
        |resource: &StateResource| grants(&resource.object, &resource.attributes, semantics);
    let held: BTreeSet<Grant> = prior.resources.values().flat_map(of_prior).collect();
    let changing: BTreeSet<&ObjectId> = changes.iter().map(|change| &change.object).collect();
    let unchanged = prior
        .resources
        .values()
        .filter(|resource| !changing.contains(&resource.object))
        .flat_map(of_prior);
    // State forgets what somebody else decides over from now on: that change tells whether it goes.
    let acting = || {
        changes
            .iter()
            .filter(|change| change.action != Action::Forget)
    };
    // A binding under another name gives what the old one takes.
    let kept: BTreeSet<Grant> = acting()
        .flat_map(|change| grants(&change.object, &change.after, semantics))
        .chain(unchanged)
        .collect();
    let revoked: BTreeSet<Grant> = acting()
        .flat_map(|change| grants(&change.object, &change.before, semantics))
        .filter(|grant| !kept.contains(grant))
        .collect();
    Revocations {
        revoked: revoked.len(),
        held: held.len(),
    }
}

/// Subject, role, place and condition.
type Grant = (String, ObjectId, String, Option<String>);

fn grants(object: &ObjectId, attributes: &Value, semantics: &[&dyn Semantics]) -> BTreeSet<Grant> {
    let grants = bindings_of(semantics, object, attributes);
    let of_one = |binding: Binding| {
        let Binding {
            role,
            subjects,
            scope,
            condition,
        } = binding;
        subjects
            .into_iter()
            .map(move |subject| (subject, role.clone(), scope.clone(), condition.clone()))
    };
    grants.into_iter().flat_map(of_one).collect()
}
