//! Whose access the grants of a plan touch.
//!
//! Grants on resources are known exactly: who gains and who loses which role where. Of a changed
//! role the plan says who holds it. What Kubernetes' bindings give is evaluated where both worlds
//! are known whole, outside of this crate.

use std::collections::{BTreeMap, BTreeSet};

use rbacform_core::plan::{AccessChange, AccessEntry, Mode, Via};
use rbacform_core::{Action, Binding, Change, ObjectId, Value};

use crate::Context;

/// The access that the changes touch.
pub(crate) fn touched(changes: &[&Change], context: &Context<'_>) -> AccessChange {
    let grants = changes.iter().copied();
    let grants: Vec<&Change> = grants
        .filter(|change| holds_grants(&change.object, context))
        .collect();
    let mut access = exactly(&grants, context);
    access.cannot_tell = through_changed_roles(&grants, context);
    access
}

fn holds_grants(object: &ObjectId, context: &Context<'_>) -> bool {
    context
        .semantics(object)
        .is_some_and(|semantics| semantics.grants_on_resources())
}

/// One role of one subject in one place, under one condition.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Grant {
    subject: String,
    role: ObjectId,
    scope: String,
    condition: Option<String>,
}

/// Grants, and the objects that give them.
type Grants = BTreeMap<Grant, BTreeSet<ObjectId>>;

/// What the policies say after the changes and not before, and the other way round.
fn exactly(changes: &[&Change], context: &Context<'_>) -> AccessChange {
    let (mut taken, mut given) = (Grants::new(), Grants::new());
    for change in changes {
        // What is adopted as it is stands on both sides.
        if change.action == Action::Adopt && change.differences.is_empty() {
            continue;
        }
        add(&mut taken, &change.object, &change.before, context);
        add(&mut given, &change.object, &change.after, context);
    }
    if taken.is_empty() && given.is_empty() {
        return AccessChange::default();
    }
    let (stands, kept) = (standing(context), declared(context));
    AccessChange {
        gained: entries(&given, |grant| stands.contains_key(grant)),
        lost: entries(&taken, |grant| {
            given.contains_key(grant) || kept.contains_key(grant)
        }),
        cannot_tell: Vec::new(),
    }
}

/// What the policies say now.
fn standing(context: &Context<'_>) -> Grants {
    let mut grants = Grants::new();
    for found in context.input.observed.iter() {
        if holds_grants(&found.object, context) {
            add(&mut grants, &found.object, &found.attributes, context);
        }
    }
    grants
}

/// What the stack says, whether it changes or not.
fn declared(context: &Context<'_>) -> Grants {
    let mut grants = Grants::new();
    if context.input.mode != Mode::Destroy {
        for (object, resource) in &context.desired {
            if holds_grants(object, context) {
                add(&mut grants, object, &resource.attributes, context);
            }
        }
    }
    grants
}

fn add(grants: &mut Grants, object: &ObjectId, attributes: &Value, context: &Context<'_>) {
    for binding in context.bindings(object, attributes) {
        for subject in binding.subjects {
            let grant = Grant {
                subject,
                role: binding.role.clone(),
                scope: binding.scope.clone(),
                condition: binding.condition.clone(),
            };
            grants.entry(grant).or_default().insert(object.clone());
        }
    }
}

fn entries(grants: &Grants, but: impl Fn(&Grant) -> bool) -> Vec<AccessEntry> {
    let entry = |(grant, objects): (&Grant, &BTreeSet<ObjectId>)| {
        let via = |object: &ObjectId| Via {
            binding: object.clone(),
            role: grant.role.clone(),
            file: None,
            line: None,
        };
        let (Some(first), via) = (objects.first(), objects.iter().map(via).collect()) else {
            return None;
        };
        Some(AccessEntry {
            platform: first.instance.to_string(),
            subject: grant.subject.clone(),
            role: Some(grant.role.ident.to_string()),
            resource: "*".to_owned(),
            scope: grant.scope.clone(),
            condition: grant.condition.clone(),
            via,
            ..AccessEntry::default()
        })
    };
    grants
        .iter()
        .filter(|(grant, _)| !but(grant))
        .filter_map(entry)
        .collect()
}

/// Everybody who holds a changed role, through grants that do not change too.
fn through_changed_roles(changes: &[&Change], context: &Context<'_>) -> Vec<AccessEntry> {
    let changed: BTreeSet<&ObjectId> = changes.iter().map(|change| &change.object).collect();
    let mut entries = BTreeSet::new();
    for found in context.input.observed.iter() {
        if !holds_grants(&found.object, context) {
            continue;
        }
        for binding in context.bindings(&found.object, &found.attributes) {
            if changed.contains(&binding.role) {
                entries.extend(of(&found.object, &binding, context));
            }
        }
    }
    entries.into_iter().collect()
}

fn of(object: &ObjectId, binding: &Binding, context: &Context<'_>) -> Vec<AccessEntry> {
    let entry = |subject: &String| AccessEntry {
        platform: object.instance.to_string(),
        subject: subject.clone(),
        role: Some(role_text(object, binding, context)),
        resource: "*".to_owned(),
        scope: binding.scope.clone(),
        condition: binding.condition.clone(),
        via: vec![Via {
            binding: object.clone(),
            role: binding.role.clone(),
            file: None,
            line: None,
        }],
        ..AccessEntry::default()
    };
    binding.subjects.iter().map(entry).collect()
}

/// A role as its platform writes it: `ClusterRole view`, `roles/viewer`.
pub(crate) fn role_text(object: &ObjectId, binding: &Binding, context: &Context<'_>) -> String {
    match holds_grants(object, context) {
        true => binding.role.ident.to_string(),
        false => format!("{} {}", binding.role.kind, binding.role.name()),
    }
}
