//! Claims about permissions on resources with policies of their own (Google).

use std::collections::BTreeSet;

use rbacform_core::{Asker, Assertion, Claim, Deed, Holders, Text};

use super::told::{Status, Verdict, cannot_tell, fail, listed, pass};
use super::world::{Planned, Policies};
use crate::google::{Decision, Grant, Missing, Principal, Resource};

/// Tests one.
pub(super) fn check(assertion: &Assertion, world: &Planned<'_>) -> Verdict {
    let Some(policies) = &world.policies else {
        return cannot_tell("the policies of Google resources are not known here");
    };
    match &assertion.claim {
        Claim::Can(asker, deed) => each(policies, asker, deed, true),
        Claim::Cannot(asker, deed) => {
            let verdict = each(policies, asker, deed, false);
            let is_known = assertion.known || is_named(policies, world, asker);
            match verdict.status {
                Status::Pass if !is_known => Verdict {
                    help: Some("if it exists all the same, say `known = true`".to_owned()),
                    ..cannot_tell(format!(
                        "no policy that was read names `{}`, and the stack does not declare it",
                        asker.subject
                    ))
                },
                _ => verdict,
            }
        }
        Claim::WhoCan(deed, holders) => who_can(policies, deed, holders),
        Claim::CanOnly(..) => cannot_tell("`can_only` is about rules of a cluster"),
    }
}

fn is_named(policies: &Policies<'_>, world: &Planned<'_>, asker: &Asker) -> bool {
    let member = principal(policies, asker).map(|principal| principal.member);
    let mut names = member
        .iter()
        .map(String::as_str)
        .chain([asker.subject.as_str()]);
    names.any(|name| {
        world.sight.named.contains(name)
            || name
                .strip_prefix("serviceaccount:")
                .is_some_and(|account| world.sight.service_accounts.contains(account))
    })
}

/// Somebody as policies name them; a workload of the cluster as its pool has it.
fn principal(policies: &Policies<'_>, asker: &Asker) -> Option<Principal> {
    let who = match asker.subject.strip_prefix("serviceaccount:") {
        None => Principal::of(&asker.subject),
        Some(account) => {
            let (namespace, name) = account.split_once('/')?;
            Principal::workload(policies.pool?, namespace, name)
        }
    };
    Some(who.in_groups(asker.groups.iter().map(ToString::to_string)))
}

/// Every permission on every resource: held where `wanted`, else not.
fn each(policies: &Policies<'_>, asker: &Asker, deed: &Deed, wanted: bool) -> Verdict {
    let Some(who) = principal(policies, asker) else {
        let message = "which project's Workload Identity pool the cluster is in is not known";
        return cannot_tell(message);
    };
    let (mut granted, mut wrong, mut missing) = (Vec::new(), Vec::new(), BTreeSet::new());
    let mut denials = false;
    for target in &deed.resources {
        let resource = match Resource::parse(&target.name) {
            Ok(resource) => resource,
            Err(error) => return cannot_tell(error.to_string()),
        };
        for permission in &deed.verbs {
            let told = format!("{permission} on {}", target.name);
            match policies.evaluator.decide(&who, permission, &resource) {
                Decision::Allowed { via, unread } => {
                    denials |= !unread.is_empty();
                    granted.extend(via);
                    if !wanted {
                        wrong.push(told);
                    }
                }
                Decision::Denied { .. } | Decision::NoGrant => {
                    if wanted {
                        wrong.push(told);
                    }
                }
                Decision::CannotTell { missing: more, .. } => missing.extend(more),
            }
        }
    }
    let subject = &asker.subject;
    let verdict = match (wrong.is_empty(), wanted) {
        (false, true) => fail(
            format!("nothing grants {} to `{subject}`", listed(&wrong)),
            vec![],
        ),
        (false, false) => fail(format!("`{subject}` has {}", listed(&wrong)), vec![]),
        (true, _) if !missing.is_empty() => lacks(&missing),
        (true, true) if denials => pass(
            format!("`{subject}` has it, unless a deny policy takes it away: none was read"),
            vec![],
        ),
        (true, true) => pass(format!("`{subject}` has it"), vec![]),
        (true, false) => pass(format!("nothing grants it to `{subject}`"), vec![]),
    };
    Verdict {
        grants: granted,
        ..verdict
    }
}

fn lacks(missing: &BTreeSet<Missing>) -> Verdict {
    let words: Vec<String> = missing.iter().map(ToString::to_string).collect();
    cannot_tell(format!("not known: {}", listed(&words)))
}

fn who_can(policies: &Policies<'_>, deed: &Deed, holders: &Holders) -> Verdict {
    let (Holders::Exactly(allowed) | Holders::AtMost(allowed)) = holders;
    let allowed: BTreeSet<String> = allowed.iter().map(|it| member(policies, it)).collect();
    let mut others: BTreeSet<String> = BTreeSet::new();
    let mut grants: Vec<Grant> = Vec::new();
    let (mut missing, mut told) = (BTreeSet::new(), Vec::new());
    for target in &deed.resources {
        let resource = match Resource::parse(&target.name) {
            Ok(resource) => resource,
            Err(error) => return cannot_tell(error.to_string()),
        };
        for permission in &deed.verbs {
            told.push(format!("{permission} on {}", target.name));
            let found = policies.evaluator.who_can(permission, &resource);
            missing.extend(found.missing);
            missing.extend(found.perhaps.into_iter().flat_map(|holder| holder.missing));
            for holder in found.holders {
                let listed = |name: &String| allowed.contains(name);
                if !listed(&holder.member) && !holder.group.as_ref().is_some_and(listed) {
                    others.insert(format!("`{}`", holder.member));
                    grants.extend(holder.via);
                }
            }
        }
    }
    if !others.is_empty() {
        let others: Vec<String> = others.into_iter().collect();
        let message = format!("{} too: {}", listed(&others), listed(&told));
        return Verdict {
            grants,
            ..fail(message, vec![])
        };
    }
    if let Holders::Exactly(all) = holders {
        for subject in all {
            let asker = Asker {
                subject: subject.clone(),
                groups: Vec::new(),
            };
            let verdict = each(policies, &asker, deed, true);
            if verdict.status != Status::Pass {
                return verdict;
            }
        }
    }
    match missing.is_empty() {
        true => pass("nobody else has it", vec![]),
        false => lacks(&missing),
    }
}

fn member(policies: &Policies<'_>, subject: &Text) -> String {
    let asker = Asker {
        subject: subject.clone(),
        groups: Vec::new(),
    };
    match principal(policies, &asker) {
        Some(principal) => principal.member,
        None => subject.to_string(),
    }
}
