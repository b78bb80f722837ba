//! Which writes that bear on the actor's own access may be carried out beside another one.

use std::collections::{BTreeMap, BTreeSet};

use rbacform_core::{ObjectId, ObservedSet, Step};

use super::standing::Standing;
use super::write::after;
use crate::Facts;
use crate::subject::first_match;

/// Beyond this many pairs of steps the order alone is looked at: a plan whose every step changes
/// the actor's own access is no plan that this should slow down.
const PAIRS: usize = 1_000_000;

/// The steps that give the actor access or take it, and what each waits for and is waited for by.
pub(super) struct Own {
    /// By step: whether each step of the plan comes before it, or after it, in any case.
    ordered: BTreeMap<usize, Vec<bool>>,
}

impl Own {
    pub(super) fn new(steps: &[Step], observed: &ObservedSet, first: &Standing<'_>) -> Self {
        let own = own(steps, observed, first);
        let ordered = match own.len().saturating_mul(steps.len()) > PAIRS {
            true => BTreeMap::new(),
            false => own.iter().map(|id| (*id, ordered(steps, *id))).collect(),
        };
        Self { ordered }
    }

    /// The steps that may be carried out before or after this one, as it happens.
    pub(super) fn beside(&self, step: usize) -> BTreeSet<usize> {
        let open = self.ordered.iter().filter(|(own, ordered)| {
            **own != step && !ordered.get(step).copied().unwrap_or_default()
        });
        open.map(|(own, _)| *own).collect()
    }

    /// All of them.
    pub(super) fn all(&self) -> impl Iterator<Item = usize> {
        self.ordered.keys().copied()
    }
}

/// The steps that change a binding that names the actor, or a role that such a binding names.
fn own(steps: &[Step], observed: &ObservedSet, first: &Standing<'_>) -> BTreeSet<usize> {
    let mut roles: BTreeSet<(String, String, String)> = BTreeSet::new();
    let mut own = BTreeSet::new();
    for binding in first.facts().all_role_bindings() {
        let role = &binding.role_ref;
        roles.insert((
            role.kind.clone(),
            binding.namespace.clone(),
            role.name.clone(),
        ));
    }
    for binding in first.facts().cluster_role_bindings() {
        let role = &binding.role_ref;
        roles.insert((role.kind.clone(), String::new(), role.name.clone()));
    }
    for step in steps {
        for edit in &step.edits {
            let mut facts = Facts::default();
            if let Some(attributes) = after(edit, observed.get(&edit.object)) {
                facts.put(&edit.object, &attributes);
            }
            let namespace = edit.object.namespace().unwrap_or_default();
            let names_actor = |facts: &Facts| {
                let (role, subjects) = facts.binding(&edit.object)?;
                first_match(subjects, first.user(), namespace)?;
                Some((role.kind.clone(), namespace.to_owned(), role.name.clone()))
            };
            for role in [names_actor(first.facts()), names_actor(&facts)]
                .into_iter()
                .flatten()
            {
                own.insert(step.id);
                roles.insert(role);
            }
        }
    }
    let is_held = |object: &ObjectId| {
        roles.iter().any(|(kind, namespace, name)| {
            object.kind == *kind
                && match kind.as_str() {
                    "ClusterRole" => object.ident == *name,
                    _ => object.namespace() == Some(namespace) && object.name() == name,
                }
        })
    };
    let changed = steps
        .iter()
        .filter(|step| step.edits.iter().any(|edit| is_held(&edit.object)));
    own.extend(changed.map(|step| step.id));
    own
}

/// Whether each step comes before one, or after it, in any case. What a step depends on has a
/// smaller number.
fn ordered(steps: &[Step], id: usize) -> Vec<bool> {
    let mut ordered = vec![false; steps.len()];
    let mark = |ordered: &mut Vec<bool>, id: usize| {
        if let Some(slot) = ordered.get_mut(id) {
            *slot = true;
        }
    };
    let mut before: Vec<usize> = vec![id];
    while let Some(next) = before.pop() {
        for dependency in steps
            .get(next)
            .into_iter()
            .flat_map(|step| &step.depends_on)
        {
            if !ordered.get(*dependency).copied().unwrap_or(true) {
                mark(&mut ordered, *dependency);
                before.push(*dependency);
            }
        }
    }
    let mut after = BTreeSet::from([id]);
    for step in steps.iter().skip(id) {
        if step.depends_on.iter().any(|before| after.contains(before)) {
            after.insert(step.id);
            mark(&mut ordered, step.id);
        }
    }
    ordered
}
