//! Positive controls: permissions, resources and subjects of Google that exist.

use std::collections::BTreeSet;

use rbacform_core::{Asker, Assertion, Claim, hint};

use super::{group, principal};
use crate::assert::told::{Nowhere, Part, Reason, Verdict, cannot_tell, nothing_there};
use crate::assert::world::{Planned, Policies};
use crate::google::{Evaluator, Missing, Resource, Workload, canonical};

/// The verdict of an assertion about permissions or resources that exist nowhere; none where they
/// do, or may.
pub(super) fn of_deed(assertion: &Assertion, policies: &Policies<'_>) -> Option<Verdict> {
    let (Claim::Can(_, deed) | Claim::Cannot(_, deed) | Claim::WhoCan(deed, _)) = &assertion.claim
    else {
        return None;
    };
    let mut permissions = deed.verbs.iter();
    let wrong = permissions.find_map(|permission| {
        of_permission(permission, &policies.bridge.google, assertion.custom)
    });
    let mut resources = deed.resources.iter();
    let wrong = wrong.or_else(|| resources.find_map(|target| of_resource(&target.name, policies)));
    wrong.map(nothing_there)
}

fn of_permission(permission: &str, evaluator: &Evaluator<'_>, custom: bool) -> Option<Nowhere> {
    if permission.contains('*') {
        return Some(Nowhere {
            part: Part::Verbs,
            message: format!("`{permission}` is no permission"),
            help: "Google's permissions are written out, each one".to_owned(),
        });
    }
    if custom || evaluator.knows(permission) {
        return None;
    }
    let help = match evaluator.roles.closest(permission) {
        Some(closest) => format!("did you mean `{closest}`?"),
        None => "if Google has it all the same, say `custom = true`".to_owned(),
    };
    Some(Nowhere {
        part: Part::Verbs,
        message: format!(
            "`{permission}` is none of Google's permissions, and no custom role has it"
        ),
        help,
    })
}

fn of_resource(name: &str, policies: &Policies<'_>) -> Option<Nowhere> {
    let resource = Resource::parse(name).ok()?;
    let mut holders = resource.holders().into_iter();
    let absent = holders.find(|holder| policies.absent.contains(holder))?;
    let known = policies.bridge.google.facts.policies();
    let known = known.map(|(name, _)| name);
    let alike = |name: &&str| name.split('/').count() == absent.split('/').count();
    let known = known.filter(|name| alike(name) && !policies.absent.contains(*name));
    let help = match hint::closest(&absent, known) {
        Some(closest) => format!("did you mean `{closest}`?"),
        None => "declare it, or mend the name".to_owned(),
    };
    Some(Nowhere {
        part: Part::Resource,
        message: format!("there is no `{absent}`"),
        help,
    })
}

/// The verdict where the subject of a claim that it holds nothing, or a group that it is said to be
/// in, is nowhere, or nobody here can tell; none where they exist.
pub(super) fn of_asker(
    asker: &Asker,
    world: &Planned<'_>,
    policies: &Policies<'_>,
) -> Option<Verdict> {
    let named = named(world, policies);
    let groups = || {
        let mut groups = asker.group_names().map(|name| canonical(&group(name)));
        let unnamed = groups.find(|group| !named.contains(group))?;
        let message = format!("no policy that was read names `{unnamed}`");
        let groups = named.iter().filter(|name| name.starts_with("group:"));
        let groups: BTreeSet<String> = groups.cloned().collect();
        Some(Verdict {
            part: Part::Groups,
            ..nowhere(&unnamed, message, &groups)
        })
    };
    of_subject(asker, &named, world, policies).or_else(groups)
}

fn of_subject(
    asker: &Asker,
    named: &BTreeSet<String>,
    world: &Planned<'_>,
    policies: &Policies<'_>,
) -> Option<Verdict> {
    let subject = asker.subject.as_str();
    let member = principal(policies, asker).map(|principal| principal.member);
    let mut spellings = member.into_iter().chain([canonical(subject)]);
    let is_everybody = ["allUsers", "allAuthenticatedUsers"].contains(&subject);
    if is_everybody || spellings.any(|spelling| named.contains(&spelling)) {
        return None;
    }
    if let Some(account) = subject.strip_prefix("serviceaccount:") {
        return of_workload(account, world);
    }
    if let Some(email) = subject.strip_prefix("serviceAccount:") {
        return of_account(email, policies, named);
    }
    let message = format!("no policy that was read names `{subject}`");
    Some(nowhere(subject, message, named))
}

/// The verdict on a claim that cannot be told: that its subject or a group is nowhere is certain where
/// every policy is known that could name it; of a service account of the cluster, whatever else is not.
pub(super) fn of_nobody(
    asker: &Asker,
    world: &Planned<'_>,
    policies: &Policies<'_>,
    verdict: Verdict,
) -> Verdict {
    let is_unread = |it: &Missing| {
        matches!(
            it,
            Missing::Policy(_) | Missing::Parent(_) | Missing::Account(_)
        )
    };
    if !verdict.lacking.iter().any(is_unread) && verdict.missing.is_empty() {
        let found = of_asker(asker, world, policies).filter(|found| found.is_nowhere);
        if let Some(nowhere) = found {
            return nowhere;
        }
    }
    let Some(account) = asker.subject.strip_prefix("serviceaccount:") else {
        return verdict;
    };
    let is_it = |member: &String| {
        let workload =
            Workload::of(member).and_then(|it| Some(format!("{}/{}", it.namespace?, it.name?)));
        workload.as_deref() == Some(account)
    };
    if named(world, policies).iter().any(is_it) {
        return verdict;
    }
    match of_workload(account, world) {
        None => verdict,
        Some(nowhere) if nowhere.is_nowhere => nowhere,
        Some(untold) => {
            let mut missing = untold.missing;
            missing.extend(verdict.missing);
            Verdict { missing, ..verdict }
        }
    }
}

/// A service account of the cluster.
fn of_workload(account: &str, world: &Planned<'_>) -> Option<Verdict> {
    let sight = world.sight;
    if sight.service_accounts.contains(account) {
        return None;
    }
    if !sight.is_whole("ServiceAccount") {
        let message = format!("whether there is a service account `{account}` is not known");
        return Some(Reason::new(message, &["ServiceAccount"]).verdict());
    }
    let known = sight.service_accounts.iter().map(String::as_str);
    let help = match hint::closest(account, known) {
        Some(closest) => format!("did you mean `serviceaccount:{closest}`?"),
        None => KNOWN.to_owned(),
    };
    Some(nothing_there(Nowhere {
        part: Part::Subject,
        message: format!("there is no service account `{account}`, and no policy names it"),
        help,
    }))
}

/// A service account of a project.
fn of_account(email: &str, policies: &Policies<'_>, named: &BTreeSet<String>) -> Option<Verdict> {
    let subject = format!("serviceAccount:{email}");
    // A workload as its pool spells it is no account of a project's.
    if email.contains('[') {
        let message = format!("no policy that was read names `{subject}`");
        return Some(nowhere(&subject, message, named));
    }
    if policies.absent.contains(email) {
        let message = format!("there is no service account `{email}`, and no policy names it");
        return Some(nowhere(&subject, message, named));
    }
    if policies.bridge.google.facts.accounts().contains(email) {
        return None;
    }
    let missing = Missing::Account(email.to_owned());
    Some(Verdict {
        lacking: BTreeSet::from([missing.clone()]),
        ..cannot_tell(format!(
            "not known: {missing}; if there is, say `known = true`"
        ))
    })
}

const KNOWN: &str = "if it exists all the same, say `known = true`";

fn nowhere(subject: &str, message: String, named: &BTreeSet<String>) -> Verdict {
    let help = match hint::closest(subject, named.iter().map(String::as_str)) {
        Some(closest) => format!("did you mean `{closest}`?"),
        None => KNOWN.to_owned(),
    };
    nothing_there(Nowhere {
        part: Part::Subject,
        message,
        help,
    })
}

/// Everybody whom a policy names, or a declaration.
fn named(world: &Planned<'_>, policies: &Policies<'_>) -> BTreeSet<String> {
    let facts = policies.bridge.google.facts;
    let bindings = facts.policies().flat_map(|(_, bindings)| bindings);
    let members = bindings.flat_map(|binding| &binding.members);
    let all = members.chain(&world.sight.named);
    all.map(|member| canonical(member)).collect()
}
