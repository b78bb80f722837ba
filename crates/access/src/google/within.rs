//! What is in a resource: a grant on it whose condition does not hold of the resource itself may
//! hold of something in it.
//!
//! Google: `iam/docs/conditions-resource-attributes`; of a project's policy a condition is judged
//! for the resource that a request names, such as an object.

use std::collections::BTreeSet;

use super::condition::Moment;
use super::evaluator::InEffect;
use super::{Attributes, Evaluator, Missing, Principal, Resource, Verdict, member, roles};

impl Evaluator<'_> {
    /// What one would have to know to tell that somebody does not hold a permission on anything in
    /// a resource by a grant that is in effect on it. Policies of what is in it are not looked at.
    pub fn open_within(
        &self,
        who: &Principal,
        permission: &str,
        resource: &Resource,
    ) -> BTreeSet<Missing> {
        let denied = self.denied(who, permission, resource);
        let mut found = BTreeSet::new();
        for (_, binding, holds) in self.in_effect_within(permission, resource) {
            let members = binding.members.iter();
            let means = Verdict::any(members.map(|member| member::means(self.facts, member, who)));
            if let Verdict::Unknown(missing) = holds.and(means).and(denied.clone().not()) {
                found.extend(missing);
            }
        }
        found
    }

    /// The bindings in effect on a resource whose condition does not hold of it, but may of
    /// something in it; nearest first.
    pub(super) fn in_effect_within(
        &self,
        permission: &str,
        resource: &Resource,
    ) -> Vec<InEffect<'_>> {
        let mut found = Vec::new();
        let Some(within) = self.moment_within(resource) else {
            return found;
        };
        let here = self.moment(resource);
        for node in self.facts.lineage(resource).0 {
            let policy = self.facts.policy(&node);
            for binding in policy.map_or(&[][..], |policy| &policy.bindings) {
                let held = roles::holds(self.facts, self.roles, &binding.role, permission);
                let Some(condition) = &binding.condition else {
                    continue;
                };
                if held.is_no() || !condition.holds(&here).is_no() {
                    continue;
                }
                if !condition.holds(&within).is_no() {
                    let open = Verdict::unknown(Missing::Within {
                        resource: resource.as_str().to_owned(),
                        expression: condition.expression.clone(),
                    });
                    found.push((node.clone(), binding, held.and(open)));
                }
            }
        }
        found
    }

    /// What conditions are told about what is in a resource; none where nothing is in it, or where
    /// they are told no more of the resource itself.
    fn moment_within(&self, resource: &Resource) -> Option<Moment> {
        let here = self.facts.attributes(resource)?;
        let attributes = match here.kind {
            // Services name what is in a project in their own ways.
            "cloudresourcemanager.googleapis.com/Project" => None,
            "storage.googleapis.com/Bucket" | "secretmanager.googleapis.com/Secret" => {
                Some(Attributes {
                    within: true,
                    ..here
                })
            }
            _ => return None,
        };
        Some(Moment {
            now: self.now,
            resource: attributes,
        })
    }
}
