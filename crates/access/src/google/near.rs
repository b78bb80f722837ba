//! Near misses: what somebody holds that would allow it but for one thing.

use std::collections::BTreeSet;

use super::evaluator::grant;
use super::{Evaluator, Grant, Principal, Resource, member, roles};

/// A grant that misses by one thing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NearMiss {
    /// The grant.
    pub grant: Grant,
    /// What does not fit: `condition`, `permission` or `resource`.
    pub field: &'static str,
    /// What was asked for.
    pub wanted: String,
    /// What it has instead.
    pub has: Vec<String>,
}

impl Evaluator<'_> {
    /// Near misses, at most `limit`: conditions that do not hold first, then roles in effect that
    /// lack the permission but have others on the same type, then the same permission elsewhere.
    pub fn near_misses(
        &self,
        who: &Principal,
        permission: &str,
        resource: &Resource,
        limit: usize,
    ) -> Vec<NearMiss> {
        let (nodes, _) = self.facts.lineage(resource);
        let moment = self.moment_of(permission, resource);
        let mut found = BTreeSet::new();
        for (node, bindings) in self.facts.policies() {
            let here = nodes.iter().any(|above| above == node);
            for binding in bindings {
                let held = roles::holds(self.facts, self.roles, &binding.role, permission);
                let miss = match (here, held.is_yes()) {
                    (true, true) if self.holds(binding, &moment).is_no() => {
                        let condition = binding.condition.as_ref();
                        let has = condition.map(|condition| condition.expression.clone());
                        (
                            0,
                            "condition",
                            permission.to_owned(),
                            has.into_iter().collect(),
                        )
                    }
                    (true, false) => {
                        let has = self.alike(&binding.role, permission);
                        if has.is_empty() {
                            continue;
                        }
                        (1, "permission", permission.to_owned(), has)
                    }
                    (false, true) => {
                        let wanted = resource.as_str().to_owned();
                        (2, "resource", wanted, vec![node.to_owned()])
                    }
                    _ => continue,
                };
                let (rank, field, wanted, has) = miss;
                let meant = |member: &&String| member::means(self.facts, member, who).is_yes();
                for member in binding.members.iter().filter(meant) {
                    let grant = grant(node, binding, member);
                    let (wanted, has) = (wanted.clone(), has.clone());
                    found.insert((
                        rank,
                        NearMiss {
                            grant,
                            field,
                            wanted,
                            has,
                        },
                    ));
                }
            }
        }
        let nearest = found.into_iter().map(|(_, miss)| miss);
        nearest.take(limit).collect()
    }

    /// What a role holds on the type of resource that a permission is about.
    fn alike(&self, role: &str, permission: &str) -> Vec<String> {
        let Some((ty, _)) = permission.rsplit_once('.') else {
            return Vec::new();
        };
        let held = self.permissions(role).unwrap_or_default();
        held.into_iter()
            .filter(|held| held.rsplit_once('.').is_some_and(|(of, _)| of == ty))
            .map(str::to_owned)
            .collect()
    }
}
