//! Decisions: one action for each object, and why.

use std::collections::{BTreeMap, BTreeSet};

use rbacform_core::{
    Action, Address, Change, Diagnostic, ObjectId, Reason, StateResource, Value, compare,
};

use crate::Context;
use crate::declared::declared;
use crate::edits::Edits;
use crate::ignored::without_nulls;
use crate::undeclared::{is_still_ours, leftover, no_longer_declared};

/// What is to become of one object.
#[derive(Debug)]
pub(crate) struct Decision {
    /// What a person reads.
    pub(crate) change: Change,
    /// What is written.
    pub(crate) edits: Edits,
    /// What it requires now: made before it.
    pub(crate) requires: Vec<ObjectId>,
    /// What it required when it was last applied: deleted after it.
    pub(crate) required: Vec<ObjectId>,
    /// The addresses it depended on then.
    pub(crate) depended_on: Vec<Address>,
    /// Objects whose removal would take this one along: it is given back in the same write.
    pub(crate) kept_from: Vec<ObjectId>,
}

/// Decides for every object that is declared, in state, or carries our mark.
///
/// Unchanged resources are only counted: in most plans they are nearly all.
pub(crate) fn decide(
    context: &Context<'_>,
    unchanged: &mut usize,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Decision> {
    let prior = &context.input.prior.resources;
    let observed = context.input.observed;
    let ours = observed
        .iter()
        .filter(|object| object.mark.as_ref() == Some(&context.mark));
    let objects: BTreeSet<&ObjectId> = context
        .desired
        .keys()
        .copied()
        .chain(prior.keys())
        .chain(ours.map(|object| &object.object))
        .collect();
    let mut decisions = Vec::new();
    for object in objects {
        let found = observed.get(object);
        let decision = match (context.desired.get(object), prior.get(object)) {
            (Some(desired), prior) => declared(context, desired, prior, found),
            (None, Some(prior)) => no_longer_declared(context, prior, found).map(Some),
            (None, None) => found.map_or_else(
                || Err(Vec::new()),
                |found| leftover(context, found).map(Some),
            ),
        };
        match decision {
            Ok(Some(decision)) => decisions.push(decision),
            Ok(None) => *unchanged += 1,
            Err(errors) => diagnostics.extend(errors),
        }
    }
    decisions
}

/// For `--refresh-only`: state learns what the world is; nothing is sent. Of an object that took
/// the place of ours it learns nothing: a later plan would take that for ours, and delete it.
pub(crate) fn refresh(context: &Context<'_>) -> Vec<Decision> {
    let learn = |prior: &StateResource| {
        let Some(found) = context.input.observed.get(&prior.object) else {
            let edits = Edits::forget(prior);
            return Decision::of_prior(prior, Action::Forget, Reason::DeletedOutside, edits);
        };
        let now = compare::project(&found.attributes, &prior.attributes, &Value::Null);
        let known = compare::same(&now, &prior.attributes) && found.uid == prior.uid;
        let edits = match known || !is_still_ours(found, prior, context) {
            true => Edits::None,
            false => Edits::record(StateResource {
                attributes: without_nulls(&now),
                uid: found.uid.clone(),
                ..prior.clone()
            }),
        };
        Decision::of_prior(prior, Action::NoOp, Reason::Unchanged, edits)
    };
    context.input.prior.resources.values().map(learn).collect()
}

impl Decision {
    /// Whether state learns something of an object that stays as it is.
    pub(crate) fn only_learns(&self) -> bool {
        self.change.action == Action::NoOp && !matches!(self.edits, Edits::None)
    }

    pub(crate) fn of_prior(
        prior: &StateResource,
        action: Action,
        reason: Reason,
        edits: Edits,
    ) -> Self {
        Self {
            change: Change {
                address: prior.address.clone(),
                previous_address: None,
                type_name: prior.address.type_name.clone(),
                object: prior.object.clone(),
                action,
                reason,
                before: prior.attributes.clone(),
                after: Value::Null,
                differences: Vec::new(),
                depends_on: Vec::new(),
            },
            edits,
            requires: Vec::new(),
            required: prior.requires.clone(),
            depended_on: prior.depends_on.clone(),
            kept_from: Vec::new(),
        }
    }
}

/// Every decision by object, for the graph.
pub(crate) fn by_object(decisions: &[Decision]) -> BTreeMap<&ObjectId, usize> {
    decisions
        .iter()
        .enumerate()
        .map(|(index, decision)| (&decision.change.object, index))
        .collect()
}
