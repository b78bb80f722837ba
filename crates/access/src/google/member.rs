//! Whether a member of a policy means somebody.
//!
//! Google: `iam/docs/principals-overview`, `iam/docs/principal-identifiers`.

use std::collections::BTreeSet;

use super::principal::{ANYBODY, AUTHENTICATED, Kind, Principal, Workload, canonical, pool};
use super::resource::project_of_account;
use super::{Facts, Missing, Verdict};

/// Whether `member` means `who`.
pub(super) fn means(facts: &Facts, member: &str, who: &Principal) -> Verdict {
    let member = canonical(member);
    if member == who.member || who.groups.contains(&member) {
        return Verdict::Yes;
    }
    let cannot_tell = || Verdict::unknown(Missing::Member(member.clone()));
    match member.split_once(':') {
        None if member == ANYBODY => Verdict::Yes,
        // Identities of other providers have no Google account.
        None if member == AUTHENTICATED => {
            matches!(who.kind, Kind::User | Kind::Account | Kind::Group).into()
        }
        Some(("group", _)) => in_group(facts, &member, who, &mut BTreeSet::new()),
        // The primary domain of an organization stands for its other domains too.
        Some(("domain", _)) => match who.kind {
            Kind::User | Kind::Group => cannot_tell(),
            _ => Verdict::No,
        },
        Some(("principal" | "principalSet" | "serviceAccount", _)) => {
            federated(facts, &member, who)
        }
        Some((kind @ ("projectOwner" | "projectEditor" | "projectViewer"), project)) => {
            convenience(facts, kind, project, who)
        }
        Some(("principalHierarchy", _)) => cannot_tell(),
        _ => Verdict::No,
    }
}

/// Groups have people, service accounts and other groups in them.
fn in_group(facts: &Facts, group: &str, who: &Principal, seen: &mut BTreeSet<String>) -> Verdict {
    if !matches!(who.kind, Kind::User | Kind::Account | Kind::Group) {
        return Verdict::No;
    }
    let Some(members) = facts.group(group) else {
        return Verdict::unknown(Missing::Group(group.to_owned()));
    };
    if !seen.insert(group.to_owned()) {
        return Verdict::No;
    }
    let is = |member: &String| {
        let member = canonical(member);
        match member.starts_with("group:") && member != who.member {
            true => in_group(facts, &member, who, seen),
            false => (member == who.member || who.groups.contains(&member)).into(),
        }
    };
    Verdict::any(members.iter().map(is))
}

/// Principals of pools, and sets of service accounts.
fn federated(facts: &Facts, member: &str, who: &Principal) -> Verdict {
    let cannot_tell = || Verdict::unknown(Missing::Member(member.to_owned()));
    if let Some(set) = member.strip_prefix("principalSet://cloudresourcemanager.googleapis.com/") {
        return match who.kind {
            Kind::Account => accounts(facts, set, who).unwrap_or_else(cannot_tell),
            _ => Verdict::No,
        };
    }
    match (&who.kind, Workload::of(member)) {
        (Kind::Workload(is), Some(set)) => stands_for(&set, is).unwrap_or_else(cannot_tell),
        // Of a pod its uid and attributes are not known here, but its pool is.
        (Kind::Workload(is), None) => match pool(member) {
            Some((pool, _)) if pool == format!("{}.svc.id.goog", is.project) => cannot_tell(),
            _ => Verdict::No,
        },
        (Kind::Federated, _) => match (pool(member), pool(&who.member)) {
            (Some((one, "*")), Some((other, _))) if one == other => Verdict::Yes,
            (Some((one, set)), Some((other, _)))
                if one == other && !set.starts_with("subject/") =>
            {
                cannot_tell()
            }
            _ => Verdict::No,
        },
        _ => Verdict::No,
    }
}

/// Whether a set of workloads has one in it.
fn stands_for(set: &Workload, is: &Workload) -> Option<Verdict> {
    let fits = |wanted: &Option<String>, is: &Option<String>| wanted.is_none() || wanted == is;
    if set.project != is.project
        || !fits(&set.namespace, &is.namespace)
        || !fits(&set.name, &is.name)
    {
        return Some(Verdict::No);
    }
    match (&set.cluster, &is.cluster) {
        (None, _) => Some(Verdict::Yes),
        (Some(set), Some(is)) => Some((set == is).into()),
        (Some(_), None) => None,
    }
}

/// `projects/N/type/ServiceAccount` and its like. None where nobody here can tell.
fn accounts(facts: &Facts, set: &str, who: &Principal) -> Option<Verdict> {
    let (node, ty) = set.split_once("/type/")?;
    let email = who.member.split_once(':')?.1;
    if ty != "ServiceAccount" {
        return None;
    }
    let project = project_of_account(email)?;
    let own = format!("projects/{project}");
    let node = facts.spelled(node);
    let resource = super::Resource::parse(&own).ok()?;
    let (nodes, above) = facts.lineage(&resource);
    match (nodes.contains(&node), above) {
        (true, _) => Some(Verdict::Yes),
        // The project may be the one whose number is written there.
        (false, _) if node.starts_with("projects/") && facts.number(&project).is_none() => None,
        (false, Some(_)) if !node.starts_with("projects/") => None,
        (false, _) => Some(Verdict::No),
    }
}

/// `projectOwner:P`: who holds the basic role in the project's own policy.
fn convenience(facts: &Facts, kind: &str, project: &str, who: &Principal) -> Verdict {
    let role = match kind {
        "projectOwner" => "roles/owner",
        "projectEditor" => "roles/editor",
        _ => "roles/viewer",
    };
    let resource = facts.spelled(&format!("projects/{project}"));
    let policy = facts.policy(&resource);
    let bindings = policy.map_or(&[][..], |policy| &policy.bindings);
    let members = bindings
        .iter()
        .filter(|binding| binding.role == role && binding.condition.is_none())
        .flat_map(|binding| &binding.members)
        // Such a member never stands in a project's own policy.
        .filter(|member| !member.starts_with("project"));
    let held = Verdict::any(members.map(|member| means(facts, member, who)));
    match policy.is_some_and(|policy| policy.whole) {
        true => held,
        false => held.or(Verdict::unknown(Missing::Policy(resource))),
    }
}
