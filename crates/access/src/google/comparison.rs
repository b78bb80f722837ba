//! Two worlds side by side, and what roles of one hold beyond roles of the other.

use std::collections::{BTreeMap, BTreeSet};

use super::Evaluator;
use super::standing::Standing;

/// Two worlds. What was found out about roles is kept: many hold the same ones.
pub(crate) struct Comparison<'w> {
    pub(super) was: Standing<'w>,
    pub(super) is: Evaluator<'w>,
    left: BTreeMap<(String, Vec<String>), Left>,
}

/// What of a role's permissions is left, less what other roles hold.
pub(super) enum Left {
    /// None of them.
    Nothing,
    /// Some of them.
    Some(BTreeSet<String>),
    /// All of them.
    All(BTreeSet<String>),
    /// There are none.
    Empty,
    /// It is not known what the role holds.
    Unknown,
}

impl<'w> Comparison<'w> {
    pub(crate) fn of(was: &Evaluator<'w>, is: &Evaluator<'w>) -> Self {
        Self {
            was: Standing::of(was),
            is: *is,
            left: BTreeMap::new(),
        }
    }

    /// What a role holds in the later world, less what others held in the earlier one. Those of which
    /// that is not known count for nothing; but where it is one of itself, nobody can tell.
    pub(super) fn left(&mut self, role: &str, held: &BTreeSet<&str>) -> &Left {
        let key = (
            role.to_owned(),
            held.iter().map(|role| (*role).to_owned()).collect(),
        );
        let (was, is) = (self.was.world, self.is);
        self.left
            .entry(key)
            .or_insert_with(|| left(&was, &is, role, held))
    }

    /// Whether a role is the same in both worlds, whatever it holds.
    pub(super) fn is_unchanged(&self, role: &str) -> bool {
        let custom = |world: &Evaluator<'w>| world.facts.custom_role(role);
        role.starts_with("roles/") || custom(&self.was.world) == custom(&self.is)
    }
}

fn left(was: &Evaluator<'_>, is: &Evaluator<'_>, role: &str, held: &BTreeSet<&str>) -> Left {
    let had: BTreeMap<&str, Option<BTreeSet<&str>>> = held
        .iter()
        .map(|role| (*role, was.permissions(role)))
        .collect();
    let Some(new) = is.permissions(role) else {
        return Left::Unknown;
    };
    if had.get(role).is_some_and(Option::is_none) {
        return Left::Unknown;
    }
    let all = new.len();
    let had = |permission: &str| had.values().flatten().any(|had| had.contains(permission));
    let left: BTreeSet<String> = new
        .into_iter()
        .filter(|permission| !had(permission))
        .map(str::to_owned)
        .collect();
    match left.len() {
        0 if all == 0 => Left::Empty,
        0 => Left::Nothing,
        some if some == all => Left::All(left),
        _ => Left::Some(left),
    }
}
