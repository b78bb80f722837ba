//! What deny policies take of a role that somebody holds.

use std::collections::{BTreeMap, BTreeSet};

use super::{Evaluator, Principal, Resource, Verdict};

/// What one deny policy takes of a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Where the policy is attached.
    pub resource: String,
    /// The policy: `policies/.../denypolicies/ID`, or its id.
    pub policy: String,
    /// Whether it does for certain; otherwise it depends on what is not known here.
    pub certain: bool,
    /// The permissions that are denied, whatever is granted.
    pub permissions: BTreeSet<String>,
}

impl Evaluator<'_> {
    /// What the deny policies that were read take of a role's permissions, where somebody holds it
    /// on a resource. Nothing where it is not known what the role holds.
    pub fn taken(&self, who: &Principal, role: &str, resource: &Resource) -> Vec<Taken> {
        let mut nodes = self.facts.lineage(resource).0.into_iter();
        if !nodes.any(|node| self.facts.denials(&node).is_some_and(|it| !it.is_empty())) {
            return Vec::new();
        }
        let mut found: BTreeMap<(String, String, bool), BTreeSet<String>> = BTreeMap::new();
        for permission in self.permissions(role).unwrap_or_default() {
            for (resource, policy, verdict) in self.denials(who, permission, resource) {
                let certain = match verdict {
                    Verdict::No => continue,
                    Verdict::Yes => true,
                    Verdict::Unknown(_) => false,
                };
                let taken = found.entry((resource, policy, certain)).or_default();
                taken.insert(permission.to_owned());
            }
        }
        let found = found.into_iter();
        found
            .map(|((resource, policy, certain), permissions)| Taken {
                resource,
                policy,
                certain,
                permissions,
            })
            .collect()
    }
}
