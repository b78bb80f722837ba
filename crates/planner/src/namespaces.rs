//! Namespaces that are missing, or going: what is declared in them could not be made, or would go
//! with them. The server would say so object by object, halfway through.

use std::collections::BTreeSet;

use rbacform_core::{Action, DesiredResource, Diagnostic, ObjectId, Reason};

use crate::Context;
use crate::decide::Decision;

/// An error for each declared resource whose namespace is not there to hold it.
pub(crate) fn homeless(context: &Context<'_>, decisions: &[Decision]) -> Vec<Diagnostic> {
    let deleted: BTreeSet<&ObjectId> = decisions
        .iter()
        .filter(|decision| decision.change.action == Action::Delete)
        .map(|decision| &decision.change.object)
        .collect();
    let stay_behind = decisions
        .iter()
        .filter_map(|decision| abandoned_in(decision, &deleted));
    context
        .desired
        .values()
        .filter_map(|resource| {
            let home = resource
                .requires
                .iter()
                .find(|object| object.kind == "Namespace")?;
            let (code, state, help) = problem(context, home, &deleted)?;
            Some(error(resource, home, code, state, help))
        })
        .chain(stay_behind)
        .collect()
}

/// What is to be left in place cannot be, in a namespace that goes.
fn abandoned_in(decision: &Decision, deleted: &BTreeSet<&ObjectId>) -> Option<Diagnostic> {
    if decision.change.reason != Reason::Abandoned {
        return None;
    }
    let required = decision.required.iter();
    let home = required
        .filter(|object| object.kind == "Namespace")
        .find(|object| deleted.contains(object))?;
    let message = format!(
        "`{}` is to be left in place, but namespace `{}`, which this plan deletes, takes it along",
        decision.change.address,
        home.name()
    );
    Some(
        Diagnostic::error("namespace-deleted", message)
            .address(&decision.change.address)
            .help(
                "keep the namespace (`on_destroy = \"abandon\"`), or let go of what is in it too",
            ),
    )
}

fn problem(
    context: &Context<'_>,
    home: &ObjectId,
    deleted: &BTreeSet<&ObjectId>,
) -> Option<(&'static str, &'static str, &'static str)> {
    let known = (home.instance.clone(), home.kind.clone());
    if deleted.contains(home) {
        return Some((
            "namespace-deleted",
            "which this plan deletes, with everything in it",
            "declare the namespace again, or remove what is declared in it too",
        ));
    }
    if context.desired.contains_key(home) {
        return None;
    }
    match context.input.observed.get(home) {
        Some(found) if found.terminating => Some((
            "terminating",
            "which is being deleted",
            "wait until it is gone and declare it, or use another namespace",
        )),
        None if context.input.observed.complete.contains(&known) => Some((
            "missing-namespace",
            "which is neither declared nor in the cluster",
            "declare it as a `kubernetes.namespace`, or correct the name",
        )),
        _ => None,
    }
}

fn error(
    resource: &DesiredResource,
    home: &ObjectId,
    code: &'static str,
    state: &str,
    help: &str,
) -> Diagnostic {
    let message = format!(
        "`{}` is in namespace `{}`, {state}",
        resource.object.name(),
        home.name()
    );
    Diagnostic::error(code, message)
        .at(resource.span)
        .address(&resource.address)
        .help(help)
}
