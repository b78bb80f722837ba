//! Grants that another grant gives anyway.

use super::principal::{ANYBODY, canonical};
use super::{Evaluator, Grant, Resource, roles};

impl Evaluator<'_> {
    /// A grant of this world, other than `grant` itself, that gives its subject all that `grant`
    /// gives, for as long: the same role or one that holds as much, to the same member or to
    /// everybody, on the same resource or above it, without a condition or under the same.
    ///
    /// This is what cancels a change of access: a gain that the world before covers is none, and
    /// neither is a loss that the world after covers. `grant` itself need not be in this world.
    /// A role whose permissions are not known is covered by itself alone.
    pub fn covers(&self, grant: &Grant) -> Option<Grant> {
        let resource = Resource::parse(&grant.resource).ok()?;
        let member = canonical(&grant.member);
        let (nodes, _) = self.facts.lineage(&resource);
        for node in nodes {
            let policy = self.facts.policy(&node);
            for binding in policy.map_or(&[][..], |policy| &policy.bindings) {
                let condition = binding.condition.as_ref();
                let lasts = condition.is_none_or(|held| {
                    grant
                        .condition
                        .as_ref()
                        .is_some_and(|own| own.expression == held.expression)
                });
                let own = node == grant.resource
                    && binding.role == grant.role
                    && condition == grant.condition.as_ref();
                if !lasts || !self.gives_as_much(&binding.role, &grant.role) {
                    continue;
                }
                let meant = binding.members.iter().find(|held| {
                    let held = canonical(held);
                    (held == member && !own) || (held == ANYBODY && member != ANYBODY)
                });
                if let Some(held) = meant {
                    return Some(super::evaluator::grant(&node, binding, held));
                }
            }
        }
        None
    }

    /// The grants of this world that `before` neither has nor [`covers`](Self::covers): what somebody
    /// gains. With the worlds swapped, what somebody loses.
    pub fn gained_since(&self, before: &Self) -> Vec<Grant> {
        let mut gained = Vec::new();
        for (node, bindings) in self.facts.policies() {
            for binding in bindings {
                let living = binding
                    .members
                    .iter()
                    .filter(|member| !member.starts_with("deleted:"));
                let grants = living.map(|member| super::evaluator::grant(node, binding, member));
                gained.extend(
                    grants.filter(|grant| !before.has(grant) && before.covers(grant).is_none()),
                );
            }
        }
        gained.sort();
        gained
    }

    fn has(&self, grant: &Grant) -> bool {
        let policy = self.facts.policy(&grant.resource);
        let mut bindings = policy.map_or(&[][..], |policy| &policy.bindings).iter();
        bindings.any(|held| {
            held.role == grant.role
                && held.condition == grant.condition
                && held
                    .members
                    .iter()
                    .any(|member| canonical(member) == canonical(&grant.member))
        })
    }

    fn gives_as_much(&self, role: &str, as_role: &str) -> bool {
        if role == as_role {
            return true;
        }
        let held = |role| roles::permissions(self.facts, self.roles, role);
        match (held(role), held(as_role)) {
            (Some(held), Some(wanted)) => !wanted.is_empty() && wanted.is_subset(&held),
            _ => false,
        }
    }
}
