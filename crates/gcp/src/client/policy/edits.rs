//! The edits of one policy: which still hold, and which may be told apart.

use std::collections::BTreeMap;

use rbacform_core::{Edit, EditKind, ObservedObject, Value};
use rbacform_provider::ProviderError;

use crate::client::write::stale;
use crate::ident::{IAM_MEMBER, IAM_POLICY, Ident};
use crate::policy;

/// Whether an edit may be folded into the policy as it is now. A single grant is all identity: one
/// that somebody else has given or taken meanwhile is as good as done.
pub(super) fn check(
    edit: &Edit,
    instance: &str,
    resource: &str,
    fresh: &Value,
) -> Result<(), ProviderError> {
    if edit.object.kind == IAM_MEMBER {
        return Ok(());
    }
    let folded = policy::fold(fresh, std::slice::from_ref(edit));
    if policy::same(fresh, &folded) {
        return Ok(());
    }
    let objects = policy::observe(instance, resource, fresh, [&edit.object]);
    let found: Option<ObservedObject> = objects
        .into_iter()
        .find(|observed| observed.object == edit.object);
    let holds = match &found {
        None => edit.precondition.uid.is_none() || edit.kind == EditKind::Delete,
        Some(now) => edit.precondition.holds(&now.uid, &now.attributes),
    };
    match holds {
        true => Ok(()),
        false => Err(stale(edit, found.as_ref())),
    }
}

/// The smallest parts that edits may be taken apart into, each a list of indices. What gives and
/// takes for one member stays together, and so does everything that a whole binding or policy
/// decides over: apart, a refusal of one half would take away what the other was to give.
pub(super) fn atoms(edits: &[(usize, &Edit)]) -> Vec<Vec<usize>> {
    if edits.iter().any(|(_, edit)| edit.object.kind == IAM_POLICY) {
        return vec![edits.iter().map(|(index, _)| *index).collect()];
    }
    let mut parts = Parts::default();
    let about: Vec<(usize, &Edit, Option<Ident<'_>>)> = edits
        .iter()
        .map(|(index, edit)| (*index, *edit, Ident::of(&edit.object)))
        .collect();
    let mut whole: BTreeMap<(&str, Option<&str>), usize> = BTreeMap::new();
    let mut members: BTreeMap<&str, (usize, bool, bool)> = BTreeMap::new();
    for (index, edit, ident) in &about {
        let Some(ident) = ident else { continue };
        let gives = edit.kind != EditKind::Delete;
        if ident.member.is_empty() {
            whole.insert((ident.role, ident.condition), *index);
        } else {
            let seen = members
                .entry(ident.member)
                .or_insert((*index, false, false));
            seen.1 |= gives;
            seen.2 |= !gives;
        }
    }
    for (index, _, ident) in &about {
        parts.add(*index);
        let Some(ident) = ident else { continue };
        if let Some(other) = whole.get(&(ident.role, ident.condition)) {
            parts.join(*index, *other);
        }
        if let Some((other, true, true)) = members.get(ident.member) {
            parts.join(*index, *other);
        }
    }
    parts.lists()
}

/// Sets of indices that are joined step by step.
#[derive(Default)]
struct Parts {
    /// From each index to another of its part; the smallest one to itself.
    towards: BTreeMap<usize, usize>,
}

impl Parts {
    fn add(&mut self, index: usize) {
        self.towards.entry(index).or_insert(index);
    }

    fn root(&self, mut index: usize) -> usize {
        while let Some(next) = self.towards.get(&index).filter(|next| **next != index) {
            index = *next;
        }
        index
    }

    fn join(&mut self, one: usize, other: usize) {
        self.add(one);
        self.add(other);
        let (one, other) = (self.root(one), self.root(other));
        self.towards.insert(one.max(other), one.min(other));
    }

    fn lists(&self) -> Vec<Vec<usize>> {
        let mut lists: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for index in self.towards.keys() {
            lists.entry(self.root(*index)).or_default().push(*index);
        }
        lists.into_values().collect()
    }
}
