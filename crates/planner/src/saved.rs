//! Whether a saved plan still says what a fresh one would.

use std::collections::BTreeMap;

use rbacform_core::{Edit, ObjectId, Step};

/// What changed since `saved` was made, a line each; empty where it may be carried out.
///
/// Only what the plan compared counts: uid, digest of the managed fields, what is to be done and
/// what state is to record.
/// A resourceVersion that moved because somebody else touched a label of theirs does not.
pub fn what_changed(saved: &[Step], fresh: &[Step]) -> Vec<String> {
    let (saved, fresh) = (edits(saved), edits(fresh));
    let mut changed: Vec<String> = Vec::new();
    for (object, old) in &saved {
        match fresh.get(object) {
            None => changed.push(format!(
                "`{}`: nothing is to be done any more",
                describe(object, old)
            )),
            Some(new) if same(old, new) => {}
            Some(_) => changed.push(format!(
                "`{}`: it is not what the plan saw",
                describe(object, old)
            )),
        }
    }
    for (object, new) in &fresh {
        if !saved.contains_key(object) {
            changed.push(format!(
                "`{}`: it would change too now",
                describe(object, new)
            ));
        }
    }
    changed
}

fn edits(steps: &[Step]) -> BTreeMap<&ObjectId, Vec<&Edit>> {
    let mut found: BTreeMap<&ObjectId, Vec<&Edit>> = BTreeMap::new();
    for edit in steps.iter().flat_map(|step| &step.edits) {
        found.entry(&edit.object).or_default().push(edit);
    }
    found
}

fn same(old: &[&Edit], new: &[&Edit]) -> bool {
    old.len() == new.len()
        && old.iter().zip(new).all(|(old, new)| {
            old.kind == new.kind
                && old.records == new.records
                && old.precondition.uid == new.precondition.uid
                && old.precondition.compared == new.precondition.compared
        })
}

fn describe(object: &ObjectId, edits: &[&Edit]) -> String {
    edits
        .first()
        .map_or_else(|| object.to_string(), |edit| edit.address.to_string())
}
