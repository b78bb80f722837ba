//! `--target`: only some resources, and what they need.

use std::collections::{BTreeMap, BTreeSet};

use rbacform_core::{Address, Diagnostic, ObjectId, hint};

use crate::{Context, decide::Decision};

/// The decisions for the targets and everything they require, or all where there is no target.
pub(crate) fn limit(
    decisions: Vec<Decision>,
    context: &Context<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Decision> {
    let targets = context.input.targets;
    if targets.is_empty() {
        return decisions;
    }
    let known: BTreeSet<&Address> = context
        .input
        .desired
        .iter()
        .map(|resource| &resource.address)
        .chain(
            context
                .input
                .prior
                .resources
                .values()
                .map(|resource| &resource.address),
        )
        .collect();
    for target in targets {
        if !known.iter().any(|address| target.covers(address)) {
            diagnostics.push(unknown(target, &known));
        }
    }
    let by_object: BTreeMap<&ObjectId, &Decision> = decisions
        .iter()
        .map(|decision| (&decision.change.object, decision))
        .collect();
    let mut wanted: BTreeSet<ObjectId> = BTreeSet::new();
    let mut queue: Vec<&Decision> = decisions
        .iter()
        .filter(|decision| {
            targets
                .iter()
                .any(|target| target.covers(&decision.change.address))
        })
        .collect();
    while let Some(decision) = queue.pop() {
        if !wanted.insert(decision.change.object.clone()) {
            continue;
        }
        queue.extend(
            decision
                .requires
                .iter()
                .filter_map(|object| by_object.get(object)),
        );
        let needed = &decision.change.depends_on;
        if !needed.is_empty() {
            queue.extend(decisions.iter().filter(|other| {
                needed
                    .iter()
                    .any(|address| address.covers(&other.change.address))
            }));
        }
    }
    decisions
        .into_iter()
        .filter(|decision| {
            wanted.contains(&decision.change.object)
                || decision
                    .kept_from
                    .iter()
                    .any(|taken| wanted.contains(taken))
        })
        .collect()
}

fn unknown(target: &Address, known: &BTreeSet<&Address>) -> Diagnostic {
    let known: Vec<String> = known.iter().map(ToString::to_string).collect();
    let close = hint::closest(&target.to_string(), known.iter().map(String::as_str))
        .map(|close| format!("did you mean `{close}`?"));
    let message = format!("no resource `{target}` in this stack or its state");
    Diagnostic::error("unknown-target", message).maybe_help(close)
}
