//! Server-side apply of one configuration to one live object.

use serde_json::Value;

use super::compare::Comparison;
use super::managed::{Managed, Operation};
use super::merge::{merge, remove};
use super::set::FieldSet;
use crate::schema::Shape;

/// Who applies, and how.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Applier<'a> {
    pub(crate) manager: &'a str,
    pub(crate) api_version: &'a str,
    pub(crate) force: bool,
    /// RFC 3339, whole seconds.
    pub(crate) now: &'a str,
}

/// A field that another manager owns with another value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Conflict {
    pub(crate) manager: String,
    pub(crate) operation: Operation,
    pub(crate) api_version: String,
    pub(crate) path: String,
}

/// Applies a configuration (neither side with managedFields) and updates the managers. An error
/// lists every conflict.
pub(crate) fn apply(
    shape: &Shape,
    live: &Value,
    config: &Value,
    managed: &mut Managed,
    applier: Applier<'_>,
) -> Result<Value, Vec<Conflict>> {
    let last = managed.applied_by(applier.manager).cloned();
    managed.set_applied(
        applier.manager,
        applier.api_version,
        FieldSet::of(shape, config),
    );
    let merged = merge(shape, live, config);
    let applied = match last.filter(|last| !last.is_empty()) {
        Some(last) => prune(shape, &merged, &last, managed),
        None => merged,
    };
    let comparison = Comparison::of(shape, live, &applied);
    let written = comparison.written();
    let is_self = |manager: &str, operation: Operation| {
        manager == applier.manager && operation == Operation::Apply
    };
    if !applier.force {
        let conflicts: Vec<Conflict> = managed
            .0
            .iter()
            .filter(|entry| !is_self(&entry.manager, entry.operation))
            .flat_map(|entry| {
                entry
                    .fields
                    .intersection(&written)
                    .paths()
                    .into_iter()
                    .map(|path| Conflict {
                        manager: entry.manager.clone(),
                        operation: entry.operation,
                        api_version: entry.api_version.clone(),
                        path,
                    })
            })
            .collect();
        if !conflicts.is_empty() {
            return Err(conflicts);
        }
    }
    for entry in &mut managed.0 {
        if !is_self(&entry.manager, entry.operation) {
            entry.fields = entry
                .fields
                .difference(&written)
                .difference(&comparison.removed);
        }
    }
    managed.tidy();
    if !(written.is_empty() && comparison.removed.is_empty()) {
        managed.touch_applied(applier.manager, applier.now);
    }
    Ok(applied)
}

/// Takes out what the manager applied last time and not now, where nobody else owns it.
fn prune(shape: &Shape, merged: &Value, last: &FieldSet, managed: &Managed) -> Value {
    let named = |set: &FieldSet| set.with_named_fields(shape);
    let fields_of = |value: &Value| named(&FieldSet::of(shape, value));
    let last = named(last);
    let all = fields_of(merged);
    let pruned = remove(shape, merged, &last);
    let owned = fields_of(&pruned).union(&named(&managed.all_fields()));
    let kept = remove(shape, merged, &all.difference(&owned));
    // Only what this manager had applied may go: what nobody owns stays.
    let gone = all.difference(&fields_of(&kept)).intersection(&last);
    remove(shape, merged, &gone)
}
