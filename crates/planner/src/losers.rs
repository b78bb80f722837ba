//! Authoritative changes name everybody who loses by them before they act.

use std::collections::BTreeMap;

use rbacform_core::plan::AccessEntry;
use rbacform_core::{Change, Diagnostic, ObjectId};

use crate::Context;

/// A warning for each change of a whole binding or policy that takes access away, with every
/// subject that loses.
pub(crate) fn named(
    changes: &[&Change],
    revoked: &[AccessEntry],
    context: &Context<'_>,
) -> Vec<Diagnostic> {
    let mut losses: BTreeMap<&ObjectId, Vec<&AccessEntry>> = BTreeMap::new();
    for entry in revoked {
        for via in &entry.via {
            losses.entry(&via.binding).or_default().push(entry);
        }
    }
    let authoritative = changes.iter().filter(|change| {
        context
            .semantics(&change.object)
            .is_some_and(|semantics| semantics.is_authoritative(&change.object.kind))
    });
    authoritative
        .filter_map(|change| Some(warning(change, losses.get(&change.object)?, context)))
        .collect()
}

fn warning(change: &Change, lost: &[&AccessEntry], context: &Context<'_>) -> Diagnostic {
    let mut by_role: BTreeMap<(&str, &str), Vec<String>> = BTreeMap::new();
    for entry in lost {
        let condition = entry.condition.as_ref();
        let condition = condition.map(|text| format!(" (under `{text}`)"));
        let subject = format!("`{}`{}", entry.subject, condition.unwrap_or_default());
        let role = entry.role.as_deref().unwrap_or_default();
        by_role
            .entry((role, &entry.scope))
            .or_default()
            .push(subject);
    }
    let losers: Vec<String> = by_role
        .into_iter()
        .map(|((role, scope), subjects)| {
            format!("`{role}` on `{scope}` from {}", subjects.join(", "))
        })
        .collect();
    let message = format!("`{}` takes {}", change.address, losers.join("; "));
    let warning = Diagnostic::warning("access-removed", message)
        .address(&change.address)
        .help(
            "whoever is to keep it belongs into the declaration; `gcp.iam_member` adds a grant and \
             leaves the others alone",
        );
    match context.desired.get(&change.object) {
        Some(resource) => warning.at(resource.span),
        None => warning,
    }
}
