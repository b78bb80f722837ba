//! What is in a resource: a grant on it whose condition does not hold of the resource itself may
//! hold of something in it.
//!
//! Google: `iam/docs/conditions-resource-attributes`; of a project's policy a condition is judged
//! for the resource that a request names, such as an object.

use std::collections::BTreeSet;

use super::condition::Moment;
use super::evaluator::InEffect;
use super::{
    Attributes, Condition, Decision, Evaluator, Missing, Principal, Resource, Verdict, evaluator,
    member, roles,
};

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
        let within = self.moment_within(resource);
        let Some(within) = within.filter(|_| self.inside(permission, resource).is_none()) else {
            return found;
        };
        let here = self.moment_of(permission, resource);
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
                    let open = Verdict::unknown(within_of(condition, resource));
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
            Some("cloudresourcemanager.googleapis.com/Project") => None,
            Some("storage.googleapis.com/Bucket" | "secretmanager.googleapis.com/Secret") => {
                Some(Attributes {
                    within: true,
                    kind: None,
                    ..here
                })
            }
            _ => return None,
        };
        Some(Moment {
            now: Some(self.now),
            resource: attributes,
        })
    }

    /// What conditions are told where a permission is asked for on a resource: what is checked on
    /// something in it asks about that.
    pub(super) fn moment_of(&self, permission: &str, resource: &Resource) -> Moment {
        let here = self.moment(resource);
        match self.inside(permission, resource) {
            Some(attributes) => Moment {
                resource: Some(attributes),
                ..here
            },
            None => here,
        }
    }

    /// What conditions are told of the objects of a bucket and the versions of a secret, where a
    /// permission is checked on these.
    fn inside(&self, permission: &str, resource: &Resource) -> Option<Attributes> {
        let here = self.facts.attributes(resource)?;
        let of = INSIDE.iter().find(|of| here.kind == Some(of.holder))?;
        let verb = permission.strip_prefix(of.permissions)?;
        if of.of_holder.contains(&verb) {
            return None;
        }
        let names = here.names.iter();
        Some(Attributes {
            kind: Some(of.kind),
            names: names
                .map(|name| format!("{name}/{}", of.collection))
                .collect(),
            within: true,
            ..here
        })
    }

    /// The decision, which is open where a grant may give it on something in the resource.
    pub fn decide_within(
        &self,
        who: &Principal,
        permission: &str,
        resource: &Resource,
    ) -> Decision {
        let decision = self.decide(who, permission, resource);
        if decision != Decision::NoGrant || !self.facts.is_alive(&who.member) {
            return decision;
        }
        let missing = self.open_within(who, permission, resource);
        if missing.is_empty() {
            return decision;
        }
        let mut perhaps = Vec::new();
        for (node, binding, _) in self.in_effect_within(permission, resource) {
            let members = binding.members.iter();
            let meant = members.filter(|it| !member::means(self.facts, it, who).is_no());
            perhaps.extend(meant.map(|member| evaluator::grant(&node, binding, member)));
        }
        Decision::CannotTell { missing, perhaps }
    }

    /// What a condition that does not hold now of the resource whose policy has it comes to: since
    /// when it does, where it asks for nothing but the time; or what is missing to tell. None where it
    /// never does.
    pub(super) fn elsewhere(
        &self,
        condition: &Condition,
        resource: &Resource,
    ) -> Option<(Option<i64>, BTreeSet<Missing>)> {
        if condition.is_over(self.now) {
            return None;
        }
        if let Some(window) = condition.window() {
            return Some((Some(window.start()?), BTreeSet::new()));
        }
        let any = |moment: Moment| Moment {
            now: None,
            ..moment
        };
        let here = self.moment(resource);
        let within = self.moment_within(resource);
        let may_be = |moment: &Moment| !condition.holds(moment).is_no();
        let missing = if within.as_ref().is_some_and(may_be) {
            within_of(condition, resource)
        } else if may_be(&any(here)) || within.is_some_and(|it| may_be(&any(it))) {
            Missing::Condition {
                expression: condition.expression.clone(),
                needs: "the time of a request".to_owned(),
            }
        } else {
            return None;
        };
        Some((None, BTreeSet::from([missing])))
    }
}

/// A type of resource whose conditions are told of by what holds it.
struct Inside {
    /// The type of what holds it.
    holder: &'static str,
    kind: &'static str,
    collection: &'static str,
    /// What the names of its permissions begin with.
    permissions: &'static str,
    /// Those of them that are checked on the holder.
    of_holder: &'static [&'static str],
}

/// Google: `iam/docs/conditions-resource-attributes`, `storage/docs/access-control/iam#conditions`.
const INSIDE: [Inside; 2] = [
    Inside {
        holder: "storage.googleapis.com/Bucket",
        kind: "storage.googleapis.com/Object",
        collection: "objects",
        permissions: "storage.objects.",
        of_holder: &["list"],
    },
    Inside {
        holder: "secretmanager.googleapis.com/Secret",
        kind: "secretmanager.googleapis.com/SecretVersion",
        collection: "versions",
        permissions: "secretmanager.versions.",
        of_holder: &["add", "list"],
    },
];

fn within_of(condition: &Condition, resource: &Resource) -> Missing {
    Missing::Within {
        resource: resource.as_str().to_owned(),
        expression: condition.expression.clone(),
    }
}
