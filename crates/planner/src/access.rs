//! The grants that a plan gives and takes: a role of one subject on one resource.
//!
//! That is what gates and losers are about. Who gains and who loses access by it is evaluated
//! outside of this crate, where both worlds are known.

use std::collections::{BTreeMap, BTreeSet};

use rbacform_core::plan::{AccessEntry, Mode, Via};
use rbacform_core::{Action, Binding, Change, ObjectId, Value};

use crate::Context;

/// Grants that the changes give and take, each told as the access that it is by itself.
#[derive(Default)]
pub(crate) struct Touched {
    pub(crate) granted: Vec<AccessEntry>,
    pub(crate) revoked: Vec<AccessEntry>,
}

/// The grants that the changes touch.
pub(crate) fn touched(changes: &[&Change], context: &Context<'_>) -> Touched {
    let grants = changes.iter().copied();
    let grants: Vec<&Change> = grants
        .filter(|change| holds_grants(&change.object, context))
        .collect();
    exactly(&grants, context)
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
fn exactly(changes: &[&Change], context: &Context<'_>) -> Touched {
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
        return Touched::default();
    }
    let (stands, kept) = (standing(context), declared(context));
    Touched {
        granted: entries(&given, |grant| stands.contains_key(grant)),
        revoked: entries(&taken, |grant| {
            given.contains_key(grant) || kept.contains_key(grant)
        }),
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

/// A role as its platform writes it: `ClusterRole view`, `roles/viewer`.
pub(crate) fn role_text(object: &ObjectId, binding: &Binding, context: &Context<'_>) -> String {
    match holds_grants(object, context) {
        true => binding.role.ident.to_string(),
        false => format!("{} {}", binding.role.kind, binding.role.name()),
    }
}
