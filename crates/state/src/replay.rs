//! From journal to state: pure, and one code path with a run that was not killed.

use std::collections::{BTreeMap, BTreeSet};

use rbacform_core::{
    Adoption, Edit, ObjectId, ObservedObject, StateResource, StateSnapshot, Value, compare,
};

use crate::{Intent, Leftover, Outcome, Record, Verb};

/// What journals make of a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replay {
    /// The state, with every known outcome.
    pub snapshot: StateSnapshot,
    /// Intents whose end is not known, one an object, in order of object.
    pub open: Vec<Intent>,
    /// Temporary objects that may still be in the world, each with an intent about it.
    pub bridges: BTreeMap<ObjectId, Intent>,
    /// Whether anything was added to the state as it was given.
    pub changed: bool,
}

/// Records in `snapshot` that an edit was done. The uid is the reply's; empty where it has none.
pub fn apply_outcome(snapshot: &mut StateSnapshot, edit: &Edit, uid: &str) {
    record(
        snapshot,
        &edit.object,
        edit.records.as_ref(),
        edit.transient,
        uid,
    );
}

fn record(
    snapshot: &mut StateSnapshot,
    object: &ObjectId,
    records: Option<&StateResource>,
    transient: bool,
    uid: &str,
) {
    if transient {
        return;
    }
    match records {
        Some(resource) => {
            let mut resource = resource.clone();
            if !uid.is_empty() {
                resource.uid = uid.into();
            }
            snapshot.resources.insert(resource.object.clone(), resource);
        }
        None => {
            snapshot.resources.remove(object);
        }
    }
}

/// Applies the outcomes of journals to the state that they are bound to.
///
/// A journal of a former serial is spent. One of a later serial belongs to a state that was put
/// back to an older one, and where two runs worked on one object their order is not known: there
/// every intent counts as open, and the world decides.
pub fn replay(snapshot: StateSnapshot, journals: &[Leftover]) -> Replay {
    let bound: Vec<&Leftover> = journals
        .iter()
        .filter(|journal| !journal.is_spent(snapshot.serial))
        .collect();
    let contested = contested(&bound);
    let mut replay = Replay {
        snapshot,
        open: Vec::new(),
        bridges: BTreeMap::new(),
        changed: false,
    };
    let mut open = BTreeMap::new();
    for journal in bound {
        let later = journal
            .header
            .as_ref()
            .is_some_and(|header| header.serial > replay.snapshot.serial);
        let trusted = |object: &ObjectId| !later && !contested.contains(object);
        replay_one(&mut replay, &mut open, &journal.records, &trusted);
    }
    replay.open = open.into_values().collect();
    replay
}

fn replay_one(
    replay: &mut Replay,
    open: &mut BTreeMap<ObjectId, Intent>,
    records: &[Record],
    trusted: &dyn Fn(&ObjectId) -> bool,
) {
    let mut intents: BTreeMap<u64, &Intent> = BTreeMap::new();
    for entry in records {
        match entry {
            Record::Intent(intent) => {
                intents.insert(intent.seq, intent);
                let mut latest = Intent::clone(intent);
                if latest.records.is_none() && !trusted(&intent.object) {
                    // Should the deletion not have happened, this is what is there.
                    latest.records = open.remove(&intent.object).and_then(|made| made.records);
                }
                open.insert(intent.object.clone(), latest);
                if intent.transient {
                    let intent = Intent::clone(intent);
                    replay.bridges.insert(intent.object.clone(), intent);
                }
            }
            Record::Outcome { seq, result } => {
                let Some(intent) = intents.get(seq) else {
                    continue;
                };
                if trusted(&intent.object) && *result != Outcome::Unknown {
                    open.remove(&intent.object);
                    close(replay, intent, result);
                }
            }
        }
    }
}

fn close(replay: &mut Replay, intent: &Intent, result: &Outcome) {
    let Outcome::Done { uid, .. } = result else {
        return;
    };
    record(
        &mut replay.snapshot,
        &intent.object,
        intent.records.as_ref(),
        intent.transient,
        uid,
    );
    if !intent.transient {
        replay.changed = true;
    } else if intent.verb == Verb::Delete {
        replay.bridges.remove(&intent.object);
    }
}

/// The objects that more than one journal names.
fn contested(journals: &[&Leftover]) -> BTreeSet<ObjectId> {
    let mut seen: BTreeMap<&ObjectId, usize> = BTreeMap::new();
    let mut contested = BTreeSet::new();
    for (index, journal) in journals.iter().enumerate() {
        for entry in &journal.records {
            if let Record::Intent(intent) = entry
                && *seen.entry(&intent.object).or_insert(index) != index
            {
                contested.insert(intent.object.clone());
            }
        }
    }
    contested
}

/// Settles one open intent by what was just read of its object, and says whether state changed.
///
/// Where objects of the kind carry marks, the mark decides whose the object is. With ours, it is
/// managed; what the intent records counts as applied unless the object shows otherwise. Without,
/// or gone, it is forgotten, but for one that was to be updated: there the next plan tells of the
/// drift. Where they carry none, the intent itself is the claim: a grant that stands is ours, and
/// anything else if it is as it was to be made.
pub fn settle(
    snapshot: &mut StateSnapshot,
    intent: &Intent,
    observed: Option<&ObservedObject>,
    adoption: Adoption,
) -> bool {
    if intent.transient {
        return false;
    }
    let before = snapshot.resources.get(&intent.object);
    let ours = observed.filter(|object| match (adoption, before) {
        (Adoption::Marked, _) => object.mark.as_ref() == Some(&snapshot.mark()),
        (_, Some(before)) if intent.verb != Verb::Create => object.may_be(&before.uid),
        _ => true,
    });
    // A creation says that what state may have had before is gone, as a deletion does.
    let stays = matches!(intent.verb, Verb::Update | Verb::Record) && intent.records.is_some();
    match (ours, intent.records.as_ref()) {
        (Some(object), Some(records))
            if is_applied(intent.verb, records, before, object, adoption) =>
        {
            record(snapshot, &intent.object, Some(records), false, &object.uid);
        }
        // Gone, or not ours.
        (None, _) if !stays => return snapshot.resources.remove(&intent.object).is_some(),
        // Not deleted, or not changed by us: what was known before is what drift compares.
        _ => return false,
    }
    true
}

/// Whether an object of ours shows that the intent was carried out: it has what is recorded, and
/// lacks what state had before and the intent drops.
fn is_applied(
    verb: Verb,
    records: &StateResource,
    before: Option<&StateResource>,
    observed: &ObservedObject,
    adoption: Adoption,
) -> bool {
    let by_claim = match adoption {
        Adoption::Marked => verb == Verb::Create || before.is_none(),
        Adoption::Freely => verb == Verb::Create,
        Adoption::OnRequest => false,
    };
    if by_claim {
        return true;
    }
    if matches!(verb, Verb::Delete | Verb::Abandon) && before.is_some() {
        return false;
    }
    // A creation begins with nothing.
    let dropped = before
        .filter(|_| verb != Verb::Create)
        .map_or(&Value::Null, |before| &before.attributes);
    let projected = compare::project(&observed.attributes, &records.attributes, dropped);
    compare::same(&projected, &records.attributes)
}

#[cfg(test)]
#[path = "replay_tests.rs"]
mod tests;
