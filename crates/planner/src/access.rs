//! Whose access a plan touches. This version does not evaluate by how much, and says so: every
//! subject of a changed binding, or of a changed role, is one that nobody can tell about yet.

use std::collections::{BTreeMap, BTreeSet};

use rbacform_core::plan::{AccessChange, AccessEntry, Via};
use rbacform_core::{Binding, Change, ObjectId, Value};

use crate::Context;

/// The access that the changes touch.
pub(crate) fn touched(changes: &[&Change], context: &Context<'_>) -> AccessChange {
    let changed: BTreeMap<&ObjectId, &Change> = changes
        .iter()
        .map(|change| (&change.object, *change))
        .collect();
    let mut entries = BTreeSet::new();
    for change in changes {
        for attributes in [&change.before, &change.after] {
            let binding = binding(&change.object, attributes, context);
            entries.extend(
                binding
                    .into_iter()
                    .flat_map(|found| of(&change.object, &found)),
            );
        }
    }
    // A role changes what everybody has who holds it, through bindings that do not change too.
    for found in context.input.observed.iter() {
        let Some(binding) = binding(&found.object, &found.attributes, context) else {
            continue;
        };
        if changed.contains_key(&binding.role) {
            entries.extend(of(&found.object, &binding));
        }
    }
    AccessChange {
        cannot_tell: entries.into_iter().collect(),
        ..AccessChange::default()
    }
}

fn binding(object: &ObjectId, attributes: &Value, context: &Context<'_>) -> Option<Binding> {
    context
        .input
        .semantics
        .iter()
        .find_map(|semantics| semantics.binding(object, attributes))
}

fn of(object: &ObjectId, binding: &Binding) -> Vec<AccessEntry> {
    let entry = |subject: &String| AccessEntry {
        platform: object.instance.to_string(),
        subject: subject.clone(),
        role: format!("{} {}", binding.role.kind, binding.role.name()),
        resource: "*".to_owned(),
        scope: binding.scope.clone(),
        condition: binding.condition.clone(),
        via: vec![Via {
            binding: object.clone(),
            role: binding.role.clone(),
        }],
    };
    binding.subjects.iter().map(entry).collect()
}
