//! Who holds a permission, and what somebody holds.

use std::collections::{BTreeMap, BTreeSet};

use super::evaluator::{InEffect, Judged, grant};
use super::principal::canonical;
use super::{Evaluator, Grant, Missing, Principal, Resource, Verdict, member};

/// Somebody who holds a permission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Who, as policies write it.
    pub member: String,
    /// The group that brings it, where it is in one whose members are known.
    pub group: Option<String>,
    /// Every grant that gives it.
    pub via: Vec<Grant>,
    /// What is missing to be sure; empty where it is sure.
    pub missing: BTreeSet<Missing>,
}

/// Everybody who holds a permission, as far as can be told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WhoCan {
    /// Those who do for sure, by name.
    pub holders: Vec<Holder>,
    /// Those of whom nobody here can tell.
    pub perhaps: Vec<Holder>,
    /// What was not read: it may name others, or deny those above.
    pub missing: BTreeSet<Missing>,
}

/// A role that somebody holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Holding {
    /// Through which grant.
    pub grant: Grant,
    /// What is missing to be sure; empty where it is sure.
    pub missing: BTreeSet<Missing>,
    /// When it begins, in seconds since 1970, where it has not yet.
    pub begins: Option<i64>,
}

/// Somebody, and the group that brings them.
type Meant = (String, Option<String>);

impl Evaluator<'_> {
    /// Everybody who holds a permission on a resource.
    pub fn who_can(&self, permission: &str, resource: &Resource) -> WhoCan {
        self.holders(permission, resource, self.in_effect(permission, resource))
    }

    /// The same, and among those of whom nobody can tell everybody who may hold it on something in
    /// the resource, by a grant whose condition asks which resource it is.
    pub fn who_can_within(&self, permission: &str, resource: &Resource) -> WhoCan {
        let mut bindings = self.in_effect(permission, resource);
        bindings.extend(self.in_effect_within(permission, resource));
        self.holders(permission, resource, bindings)
    }

    fn holders(
        &self,
        permission: &str,
        resource: &Resource,
        bindings: Vec<InEffect<'_>>,
    ) -> WhoCan {
        let mut given: BTreeMap<Meant, Vec<Judged>> = BTreeMap::new();
        for (node, binding, holds) in bindings {
            for member in binding
                .members
                .iter()
                .filter(|member| !member.starts_with("deleted:"))
            {
                let granted = (grant(&node, binding, member), holds.clone());
                for (who, group) in self.meant(member) {
                    given.entry((who, group)).or_default().push(granted.clone());
                }
            }
        }
        let mut answer = WhoCan::default();
        for ((member, group), grants) in given {
            let denied = self.denied(&Principal::of(&member), permission, resource);
            let granted = Verdict::any(grants.iter().map(|(_, verdict)| verdict.clone()));
            let missing = match granted.and(denied.not()) {
                Verdict::No => continue,
                Verdict::Yes => BTreeSet::new(),
                Verdict::Unknown(missing) => missing,
            };
            let sure = missing.is_empty();
            let via = grants
                .into_iter()
                .filter(|(_, verdict)| verdict.is_yes() || !sure)
                .map(|(grant, _)| grant)
                .collect();
            let holders = if sure {
                &mut answer.holders
            } else {
                &mut answer.perhaps
            };
            holders.push(Holder {
                member,
                group,
                via,
                missing,
            });
        }
        answer.missing = match self.out_of_sight(resource) {
            Verdict::Unknown(missing) => missing,
            _ => BTreeSet::new(),
        };
        answer.missing.extend(self.unread_denials(resource));
        answer
    }

    /// A member, and those in it where it is a group whose members are known.
    fn meant(&self, member: &str) -> Vec<Meant> {
        let member = canonical(member);
        let mut all = vec![(member.clone(), None)];
        let mut groups = vec![member.clone()];
        let mut seen = BTreeSet::new();
        while let Some(group) = groups.pop() {
            if !seen.insert(group.clone()) {
                continue;
            }
            for inner in self.facts.group(&group).into_iter().flatten() {
                let inner = canonical(inner);
                all.push((inner.clone(), Some(member.clone())));
                groups.push(inner);
            }
        }
        all
    }

    /// Every role that somebody holds, wherever it is granted, or may come to hold: those whose time is
    /// over are left out, and those whose condition can never hold.
    pub fn holdings(&self, who: &Principal) -> Vec<Holding> {
        let mut found = BTreeSet::new();
        for (node, bindings) in self.facts.policies() {
            let Ok(resource) = Resource::parse(node) else {
                continue;
            };
            let moment = self.moment(&resource);
            for binding in bindings {
                let mut holds = self.holds(binding, &moment);
                let mut begins = None;
                if let (true, Some(condition)) = (holds.is_no(), &binding.condition) {
                    let Some((start, missing)) = self.elsewhere(condition, &resource) else {
                        continue;
                    };
                    begins = start;
                    holds = match missing.is_empty() {
                        true => Verdict::Yes,
                        false => Verdict::Unknown(missing),
                    };
                }
                for member in &binding.members {
                    let missing = match holds.clone().and(member::means(self.facts, member, who)) {
                        Verdict::No => continue,
                        Verdict::Yes => BTreeSet::new(),
                        Verdict::Unknown(missing) => missing,
                    };
                    let grant = grant(node, binding, member);
                    found.insert(Holding {
                        grant,
                        missing,
                        begins,
                    });
                }
            }
        }
        found.into_iter().collect()
    }
}
