//! Claims about permissions on resources with policies of their own (Google).

mod control;
mod questions;
mod who;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use rbacform_core::{Asker, Assertion, Claim, Deed, Text};

use super::told::{Status, Verdict, cannot_tell, fail, listed, pass};
use super::world::{Planned, Policies};
use crate::bridge::{Proof, Step};
use crate::google::{Decision, Grant, Missing, NearMiss, Principal, Resource};

pub use questions::{PermissionQuestion, permission_questions};

/// Tests one.
pub(super) fn check(assertion: &Assertion, world: &Planned<'_>) -> Verdict {
    let Some(policies) = &world.policies else {
        return cannot_tell("the policies of Google resources are not known here");
    };
    if let Some(verdict) = control::of_deed(assertion, policies) {
        return verdict;
    }
    let judge = Judge { world, policies };
    let verdict = match &assertion.claim {
        Claim::Can(asker, deed) => judge.can(asker, deed),
        Claim::Cannot(asker, deed) => judge.cannot(asker, deed),
        Claim::WhoCan(deed, holders) => judge.who_can(deed, holders),
        Claim::CanOnly(..) => return cannot_tell("`can_only` is about rules of a cluster"),
    };
    match (&assertion.claim, verdict.status) {
        _ if assertion.known => verdict,
        (Claim::Cannot(asker, _), Status::Pass) => {
            control::of_asker(asker, world, policies).unwrap_or(verdict)
        }
        (Claim::Cannot(asker, _), Status::CannotTell) => {
            control::of_nobody(asker, world, policies, verdict)
        }
        _ => verdict,
    }
}

/// Somebody as policies name them; a workload of the cluster as its pool has it.
fn principal(policies: &Policies<'_>, asker: &Asker) -> Option<Principal> {
    policies.bridge.principal(&asker.subject, &groups(asker))
}

fn groups(asker: &Asker) -> Vec<String> {
    asker.group_names().map(group).collect()
}

/// A group as policies name it; other sets are written with what they are.
fn group(name: &str) -> String {
    match name.contains(':') {
        true => name.to_owned(),
        false => format!("group:{name}"),
    }
}

/// What every permission on every resource comes to for one principal.
#[derive(Default)]
struct Decided {
    held: Vec<String>,
    lacked: Vec<String>,
    /// What gives those that are held.
    grants: Vec<Grant>,
    /// What comes nearest to giving one that is lacked.
    nearest: Option<NearMiss>,
    missing: BTreeSet<Missing>,
    /// What is missing to tell that those that are lacked are so on everything in the resource.
    open: BTreeSet<Missing>,
    /// Whether a deny policy that was not read may take away what is held.
    deniable: bool,
}

/// Judges claims on the policies of a world.
struct Judge<'w> {
    world: &'w Planned<'w>,
    policies: &'w Policies<'w>,
}

impl Judge<'_> {
    fn can(&self, asker: &Asker, deed: &Deed) -> Verdict {
        let subject = &asker.subject;
        let decided = match self.decide(asker, deed) {
            Ok(decided) => decided,
            Err(verdict) => return *verdict,
        };
        if !decided.lacked.is_empty() {
            let message = format!("nothing grants {} to `{subject}`", listed(&decided.lacked));
            return Verdict {
                help: decided.nearest.as_ref().map(near),
                ..fail(message, vec![])
            };
        }
        if !decided.missing.is_empty() {
            return self.lacks(decided.missing);
        }
        let message = match decided.deniable {
            true => {
                format!("`{subject}` has it, unless a deny policy takes it away: none was read")
            }
            false => format!("`{subject}` has it"),
        };
        Verdict {
            grants: decided.grants,
            ..pass(message, vec![])
        }
    }

    fn cannot(&self, asker: &Asker, deed: &Deed) -> Verdict {
        let subject = &asker.subject;
        let decided = match self.decide(asker, deed) {
            Ok(decided) => decided,
            Err(verdict) => return *verdict,
        };
        if !decided.held.is_empty() {
            return Verdict {
                grants: decided.grants,
                ..fail(format!("`{subject}` has {}", listed(&decided.held)), vec![])
            };
        }
        let mut missing = decided.missing;
        missing.extend(decided.open);
        match missing.is_empty() {
            true => pass(format!("nothing grants it to `{subject}`"), vec![]),
            false => self.lacks(missing),
        }
    }

    /// Every permission on every resource; the verdict where that cannot be asked.
    fn decide(&self, asker: &Asker, deed: &Deed) -> Result<Decided, Box<Verdict>> {
        let unknown = || {
            let message = "which project's Workload Identity pool the cluster is in is not known";
            Box::new(cannot_tell(message))
        };
        let bridge = &self.policies.bridge;
        let who = principal(self.policies, asker).ok_or_else(unknown)?;
        let (subject, groups) = (asker.subject.as_str(), groups(asker));
        let mut decided = Decided::default();
        for target in &deed.resources {
            let resource = resource(&target.name)?;
            for permission in &deed.verbs {
                let told = format!("{permission} on {}", target.name);
                let open = bridge.open_within(subject, &groups, permission, &resource);
                decided.open.extend(open);
                let own = bridge.decide(subject, &groups, permission, &resource);
                let own = own.ok_or_else(unknown)?;
                match own.decision {
                    Decision::Allowed { via, unread } => {
                        decided.deniable |= !unread.is_empty();
                        decided.grants.extend(via);
                        decided.held.push(match own.steps.last() {
                            Some(step) => format!("{told} as `{}`", step.becomes),
                            None => told,
                        });
                        decided.grants.extend(proofs(own.steps));
                    }
                    Decision::Denied { .. } => decided.lacked.push(told),
                    Decision::NoGrant => {
                        let near = || {
                            let google = &bridge.google;
                            google.near_misses(&who, permission, &resource, 1).pop()
                        };
                        decided.nearest = decided.nearest.or_else(near);
                        decided.lacked.push(told);
                    }
                    Decision::CannotTell { missing, .. } => decided.missing.extend(missing),
                }
            }
        }
        decided.grants.sort();
        decided.grants.dedup();
        Ok(decided)
    }

    /// What would have to be known. Of policies the files alone say nothing but what they grant.
    fn lacks(&self, missing: BTreeSet<Missing>) -> Verdict {
        let from_files = self.world.sight.partial.is_some();
        let of_policies = |it: &&Missing| matches!(it, Missing::Policy(_) | Missing::Parent(_));
        let told = missing.iter().filter(|it| !(from_files && of_policies(it)));
        let words: Vec<String> = told.map(ToString::to_string).collect();
        let verdict = match words.is_empty() {
            true => cannot_tell(
                "the files do not grant it; what else Google's policies do, `rbacform plan` tells",
            ),
            false => cannot_tell(format!("not known: {}", listed(&words))),
        };
        Verdict {
            lacking: missing,
            ..verdict
        }
    }
}

/// The grants at Google that let one act as an account.
fn proofs(steps: Vec<Step>) -> impl Iterator<Item = Grant> {
    steps.into_iter().filter_map(|step| match step.proof {
        Proof::Google(grant) => Some(grant),
        Proof::Kubernetes(_) | Proof::Group(_) => None,
    })
}

fn alone(subject: &Text) -> Asker {
    Asker {
        subject: subject.clone(),
        groups: Vec::new(),
    }
}

fn resource(name: &Text) -> Result<Resource, Box<Verdict>> {
    Resource::parse(name).map_err(|error| Box::new(cannot_tell(error.to_string())))
}

/// The grant that would give it but for one thing.
fn near(miss: &NearMiss) -> String {
    let grant = &miss.grant;
    let (role, place) = (&grant.role, &grant.resource);
    match miss.field {
        "condition" => {
            let condition = miss.has.join(" and ");
            format!(
                "nearest is `{role}` on `{place}`: its condition `{condition}` does not hold now"
            )
        }
        "resource" => format!("nearest is `{role}`, which is granted on `{place}`"),
        _ => format!(
            "nearest is `{role}` on `{place}`: it holds {}",
            listed(&miss.has)
        ),
    }
}
