//! What becomes of an object that is no longer declared.

use rbacform_core::plan::Mode;
use rbacform_core::{
    Action, Address, Diagnostic, ObservedObject, OnDestroy, Reason, StateResource, Value, compare,
};

use crate::Context;
use crate::decide::Decision;
use crate::edits::{self, Edits};
use crate::ignored::without_nulls;

/// Deleted, left in place, or only forgotten.
pub(crate) fn no_longer_declared(
    context: &Context<'_>,
    prior: &StateResource,
    found: Option<&ObservedObject>,
) -> Result<Decision, Vec<Diagnostic>> {
    let Some(found) = found.filter(|found| is_still_ours(found, prior, context)) else {
        let edits = Edits::forget(prior);
        return Ok(Decision::of_prior(
            prior,
            Action::Forget,
            Reason::AlreadyGone,
            edits,
        ));
    };
    let covering = context.covered_by_declared(&prior.object);
    if !covering.is_empty() {
        // What decides over it now says in its own write whether it stays.
        let edits = Edits::forget(prior);
        let reason = Reason::CoveredByAnother;
        return Ok(Decision {
            requires: covering,
            ..Decision::of_prior(prior, Action::Forget, reason, edits)
        });
    }
    let lifecycle = context.lifecycle_in_files(&prior.object);
    let on_destroy = lifecycle
        .and_then(|lifecycle| lifecycle.on_destroy)
        .unwrap_or(prior.on_destroy);
    if on_destroy == OnDestroy::Abandon {
        let edits = Edits::abandon(prior, found);
        return Ok(Decision::of_prior(
            prior,
            Action::Forget,
            Reason::Abandoned,
            edits,
        ));
    }
    let reason = match context.input.mode {
        Mode::Destroy => Reason::Destroy,
        _ if context
            .input
            .expired
            .iter()
            .any(|(_, object)| *object == prior.object) =>
        {
            Reason::Expired
        }
        _ => Reason::NotDeclared,
    };
    if prior.prevent_destroy || lifecycle.is_some_and(|lifecycle| lifecycle.prevent_destroy) {
        let message = format!(
            "`{}` would be deleted, and its lifecycle says `prevent_destroy`",
            prior.address
        );
        return Err(vec![
            Diagnostic::error("prevent-destroy", message).address(&prior.address).help(
                "put the resource back; to let it go, apply it once with `prevent_destroy = false`",
            ),
        ]);
    }
    let mut decision =
        Decision::of_prior(prior, Action::Delete, reason, Edits::delete(prior, found));
    let now = compare::project(&found.attributes, &prior.attributes, &Value::Null);
    decision.change.before = without_nulls(&now);
    decision.change.differences = compare::differences(&decision.change.before, &Value::Null);
    Ok(decision)
}

/// Whether what stands there is what was applied: not another stack's by now, not another object
/// of the same name that nobody marked, and not on its way out already.
pub(crate) fn is_still_ours(
    found: &ObservedObject,
    prior: &StateResource,
    context: &Context<'_>,
) -> bool {
    let ours = match &found.mark {
        Some(mark) => *mark == context.mark,
        None if context.is_marked(&prior.object) => found.uid == prior.uid,
        None => found.may_be(&prior.uid),
    };
    ours && !found.terminating
}

/// An object that carries our mark and that neither stack nor state knows. The bridge of an
/// interrupted replacement goes. Anything else is only told of: `state rm` promised that it stays.
pub(crate) fn leftover(
    context: &Context<'_>,
    found: &ObservedObject,
) -> Result<Decision, Vec<Diagnostic>> {
    if !edits::is_bridge(&found.object) {
        let message = format!(
            "`{}` carries this stack's mark, but neither the stack nor its state knows it",
            found.object
        );
        return Err(vec![
            Diagnostic::warning("unknown-marked-object", message).help(
                "declare it, and it is adopted as it is; or delete it, or take its annotations \
             `rbacform.io/stack` and `rbacform.io/lineage` off",
            ),
        ]);
    }
    let type_name = context
        .schema_of(&found.object)
        .map_or("object", |schema| schema.name);
    let prior = StateResource {
        address: Address::new(type_name, "leftover", Some(found.object.ident.clone())),
        object: found.object.clone(),
        uid: found.uid.clone(),
        attributes: found.attributes.clone(),
        requires: Vec::new(),
        depends_on: Vec::new(),
        prevent_destroy: false,
        on_destroy: OnDestroy::Delete,
        ignore_changes: Vec::new(),
    };
    let edits = Edits::delete(&prior, found);
    let mut decision = Decision::of_prior(&prior, Action::Delete, Reason::MarkedOurs, edits);
    decision.change.before = found.attributes.clone();
    Ok(decision)
}
