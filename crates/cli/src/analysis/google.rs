//! The access change at Google, as plans tell it.

use std::collections::{BTreeMap, BTreeSet};

use rbacform_access::bridge::{Acting, ByPods, Candidate, Guised};
use rbacform_access::google::{Gain, Grant, Window};
use rbacform_core::ObjectId;
use rbacform_core::plan::{AccessChange, AccessEntry, Via};
use rbacform_gcp::ident;

use super::{ANYBODY, binding_and_role};
use crate::planning::{GOOGLE, KUBERNETES};

/// Who holds more and who holds less, pods by the accounts that they act as too; and of whom nobody
/// can tell. Places are still to be found.
pub(crate) fn google_change(before: &Guised<'_>, after: &Guised<'_>) -> AccessChange {
    let gained = after.bridge.google.gained_since(&before.bridge.google);
    let lost = before.bridge.google.gained_since(&after.bridge.google);
    let untold: BTreeSet<Grant> = gained.untold.into_iter().chain(lost.untold).collect();
    let untold = untold.into_iter().map(|grant| AccessEntry {
        subject: after.spelled(&grant.member),
        ..entry(grant, BTreeSet::new())
    });
    AccessChange {
        gained: entries(gained.gains, after, before),
        lost: entries(lost.gains, before, after),
        cannot_tell: untold.chain(unseen(before, after)).collect(),
    }
}

/// Says of what a plan grants or revokes which of its changes does: a whole binding or policy may
/// decide over a grant that somebody else made. `world` is the one that has them.
pub(crate) fn put_down_to(
    changes: &[AccessEntry],
    entries: &mut [AccessEntry],
    world: &Guised<'_>,
) {
    let mut deciding: BTreeMap<_, Vec<&AccessEntry>> = BTreeMap::new();
    for change in changes {
        let same = deciding.entry(grant_of(change, world)).or_default();
        same.push(change);
    }
    for entry in entries {
        let same = deciding.get(&grant_of(entry, world)).into_iter().flatten();
        // Of a grant that is gained or lost for a time, the condition of the entry is that time.
        let exact = same.clone().find(|it| it.condition == entry.condition);
        let of_time = || same.clone().next().filter(|_| is_time(entry));
        if let Some(deciding) = exact.copied().or_else(|| of_time().copied()) {
            entry.via.clone_from(&deciding.via);
        }
    }
}

/// What names a grant, whoever else gains by it.
fn grant_of<'e>(entry: &'e AccessEntry, world: &Guised<'_>) -> (String, Option<ObjectId>, &'e str) {
    (
        world.spelled(entry.acting_as.as_deref().unwrap_or(&entry.subject)),
        entry.via.first().map(|via| via.role.clone()),
        &entry.scope,
    )
}

/// Whether the condition of an entry is a time of ours.
fn is_time(entry: &AccessEntry) -> bool {
    let condition = entry.condition.as_deref().unwrap_or_default();
    condition.starts_with("from ") || condition.starts_with("until ")
}

/// Who gets further at Google, or less far, by what they may make in the cluster. `cluster` is what
/// they gain and lose there.
pub(crate) fn change_by_pods(
    before: &Guised<'_>,
    after: &Guised<'_>,
    cluster: &AccessChange,
) -> AccessChange {
    let candidates = |entries: &[AccessEntry]| -> Vec<Candidate> {
        let candidates: BTreeSet<Candidate> = entries
            .iter()
            .filter(|entry| entry.platform == KUBERNETES)
            .map(|entry| {
                let namespace = Some(entry.scope.clone()).filter(|scope| scope != "cluster");
                (entry.subject.clone(), namespace)
            })
            .collect();
        candidates.into_iter().collect()
    };
    let told = |gains: Vec<ByPods>| gains.into_iter().map(by_pods).collect();
    AccessChange {
        gained: told(after.gained_by_pods(before, &candidates(&cluster.gained))),
        lost: told(before.gained_by_pods(after, &candidates(&cluster.lost))),
        cannot_tell: Vec::new(),
    }
}

fn by_pods(gain: ByPods) -> AccessEntry {
    let ByPods { acting, by } = gain;
    let (binding, role) = binding_and_role(
        &by.binding_namespace,
        &by.binding,
        &by.role_ref.kind,
        &by.role_ref.name,
    );
    AccessEntry {
        via: vec![Via {
            binding,
            role,
            file: None,
            line: None,
        }],
        ..acting_entry(acting)
    }
}

fn acting_entry(acting: Acting) -> AccessEntry {
    AccessEntry {
        subject: acting.workload,
        acting_as: Some(acting.account),
        ..gained(acting.gain)
    }
}

/// What is held in one world and not in another: by members themselves, and by pods as accounts.
fn entries(gains: Vec<Gain>, world: &Guised<'_>, other: &Guised<'_>) -> Vec<AccessEntry> {
    let own = gains.into_iter().map(|gain| AccessEntry {
        subject: world.spelled(&gain.grant.member),
        ..gained(gain)
    });
    let acting = world.gained_since(other).into_iter().map(acting_entry);
    own.chain(acting).collect()
}

/// What changes for those whom no policy that was read names: a role may be bound in any policy of
/// its project or organization, an account may hold something in any, and who is denied something
/// holds it somewhere.
fn unseen(before: &Guised<'_>, after: &Guised<'_>) -> Vec<AccessEntry> {
    let (was, is) = (before.bridge.google.facts, after.bridge.google.facts);
    let anybody = |scope: &str| AccessEntry {
        platform: GOOGLE.to_owned(),
        subject: ANYBODY.to_owned(),
        resource: "*".to_owned(),
        scope: scope.to_owned(),
        ..AccessEntry::default()
    };
    let roles = was.changed_roles(is).map(|role| AccessEntry {
        role: Some(role.to_owned()),
        via: Vec::new(),
        ..anybody(role.split("/roles/").next().unwrap_or_default())
    });
    let denials = was.changed_denials(is).into_iter().map(anybody);
    // Whatever an account holds elsewhere goes with it.
    let own = was.changed_accounts(is).map(|email| AccessEntry {
        subject: format!("serviceAccount:{email}"),
        ..anybody(&account(email))
    });
    let [joined, parted] = [after.new_guises(before), before.new_guises(after)];
    let guises = joined.into_iter().chain(parted);
    let guises = guises.filter_map(|(pods, acting_as)| {
        let email = acting_as.strip_prefix("serviceAccount:")?;
        // One that this very plan makes holds nothing but what the plan gives it.
        let is_new = is.knows_account(email) && !was.knows_account(email);
        let acting = || AccessEntry {
            subject: pods.clone(),
            acting_as: Some(acting_as.clone()),
            ..anybody(&account(email))
        };
        (!is_new).then(acting)
    });
    let elsewhere: BTreeSet<AccessEntry> = own.chain(guises).collect();
    roles.chain(denials).chain(elsewhere).collect()
}

/// A service account by its full name.
fn account(email: &str) -> String {
    let object = ident::service_account(GOOGLE, email);
    object.map_or_else(
        || format!("projects/-/serviceAccounts/{email}"),
        |object| object.ident.to_string(),
    )
}

/// What is gained, with when where that is not all of the grant's time.
fn gained(gain: Gain) -> AccessEntry {
    let held = gain.grant.condition.clone();
    let entry = entry(gain.grant, gain.permissions);
    let Some(when) = gain.during.and_then(span) else {
        return entry;
    };
    let condition = match held.filter(|it| it.window().is_none()) {
        Some(condition) => format!("{}, {when}", condition.expression),
        None => when,
    };
    AccessEntry {
        condition: Some(condition),
        ..entry
    }
}

/// `from 2027-01-01T00:00:00Z until 2028-01-01T00:00:00Z`, or one of both.
fn span(window: Window) -> Option<String> {
    let time = |word: &str, seconds: Option<i64>| {
        let time = jiff::Timestamp::from_second(seconds?).ok()?;
        Some(format!("{word} {time}"))
    };
    let words = [time("from", window.start()), time("until", window.end())];
    let words: Vec<String> = words.into_iter().flatten().collect();
    (!words.is_empty()).then(|| words.join(" "))
}

fn entry(grant: Grant, permissions: BTreeSet<String>) -> AccessEntry {
    let binding = match grant.object {
        Some(object) => object,
        None => ident::iam_policy(GOOGLE, &grant.resource),
    };
    AccessEntry {
        platform: GOOGLE.to_owned(),
        subject: grant.member,
        role: permissions.is_empty().then(|| grant.role.clone()),
        permissions: permissions.into_iter().collect(),
        resource: "*".to_owned(),
        scope: grant.resource,
        condition: grant.condition.map(|condition| condition.expression),
        via: vec![Via {
            binding,
            role: ident::role(GOOGLE, &grant.role),
            file: None,
            line: None,
        }],
        ..AccessEntry::default()
    }
}
