//! How much access a plan takes away, for the gate against mass revocation.

use std::collections::BTreeSet;

use rbacform_core::{Change, ObjectId, Semantics, StateSnapshot, Value};

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

/// Counts the (subject, role, scope) triples that the changes take away.
pub fn revocations(
    changes: &[Change],
    prior: &StateSnapshot,
    semantics: &[&dyn Semantics],
) -> Revocations {
    let held = prior
        .resources
        .values()
        .map(|resource| grants(&resource.object, &resource.attributes, semantics).len())
        .sum();
    let revoked = changes
        .iter()
        .filter(|change| change.action != rbacform_core::Action::Forget)
        .map(|change| {
            let before = grants(&change.object, &change.before, semantics);
            let after = grants(&change.object, &change.after, semantics);
            before.difference(&after).count()
        })
        .sum();
    Revocations { revoked, held }
}

fn grants(
    object: &ObjectId,
    attributes: &Value,
    semantics: &[&dyn Semantics],
) -> BTreeSet<(String, ObjectId)> {
    semantics
        .iter()
        .find_map(|semantics| semantics.binding(object, attributes))
        .into_iter()
        .flat_map(|binding| {
            let role = binding.role;
            binding
                .subjects
                .into_iter()
                .map(move |subject| (subject, role.clone()))
        })
        .collect()
}
