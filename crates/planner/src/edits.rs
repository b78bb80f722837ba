//! Edits: what a decision writes. Data only.

use rbacform_core::{
    Address, DesiredResource, Edit, EditKind, ObjectId, ObservedObject, OnDestroy, Precondition,
    Semantics, StateResource, Value, compare,
};

use crate::Context;

/// What one decision writes.
#[derive(Debug)]
pub(crate) enum Edits {
    /// Nothing.
    None,
    /// One edit.
    One(Box<Edit>),
    /// A binding made anew: while the old one is gone, the bridge holds the new access.
    Replace(Box<Replacement>),
}

/// The four writes of a replacement, in order.
#[derive(Debug)]
pub(crate) struct Replacement {
    pub(crate) bridge: Edit,
    pub(crate) delete: Edit,
    pub(crate) create: Edit,
    pub(crate) unbridge: Edit,
}

impl Edits {
    pub(crate) fn create(
        context: &Context<'_>,
        desired: &DesiredResource,
        mut record: StateResource,
    ) -> Self {
        // One without a mark may come back as itself where it was deleted outside, if the provider
        // knows which one that was: made anew, a service account holds none of its grants.
        let prior = context.input.prior.resources.get(&desired.object);
        if let Some(prior) = prior.filter(|_| !context.is_marked(&desired.object)) {
            record.uid = prior.uid.clone();
        }
        Self::One(Box::new(creation(
            context,
            desired,
            &desired.attributes,
            record,
        )))
    }

    pub(crate) fn update(
        context: &Context<'_>,
        desired: &DesiredResource,
        found: &ObservedObject,
        compared: &Value,
        wanted: &Value,
    ) -> Self {
        Self::One(Box::new(Edit {
            address: desired.address.clone(),
            object: desired.object.clone(),
            kind: EditKind::Update {
                attributes: wanted.clone(),
                mark: context.mark.clone(),
            },
            precondition: precondition(found, compared.clone()),
            records: Some(record(context, desired, wanted)),
            transient: false,
        }))
    }

    pub(crate) fn replace(
        context: &Context<'_>,
        desired: &DesiredResource,
        found: &ObservedObject,
        compared: &Value,
        wanted: &Value,
    ) -> Self {
        let bridge = bridge_name(context, &desired.object);
        let edit = |object: &ObjectId, kind, precondition, transient| Edit {
            address: desired.address.clone(),
            object: object.clone(),
            kind,
            precondition,
            records: None,
            transient,
        };
        let made = EditKind::Create {
            attributes: wanted.clone(),
            mark: context.mark.clone(),
            built_in: false,
        };
        Self::Replace(Box::new(Replacement {
            bridge: edit(&bridge, made, Precondition::default(), true),
            delete: edit(
                &desired.object,
                EditKind::Delete,
                precondition(found, compared.clone()),
                false,
            ),
            create: creation(context, desired, wanted, record(context, desired, wanted)),
            unbridge: edit(&bridge, EditKind::Delete, Precondition::default(), true),
        }))
    }

    pub(crate) fn delete(prior: &StateResource, found: &ObservedObject) -> Self {
        let compared = compare::project(&found.attributes, &prior.attributes, &Value::Null);
        Self::One(Box::new(Edit {
            address: prior.address.clone(),
            object: prior.object.clone(),
            kind: EditKind::Delete,
            precondition: precondition(found, compared),
            records: None,
            transient: false,
        }))
    }

    pub(crate) fn abandon(prior: &StateResource, found: &ObservedObject) -> Self {
        let compared = compare::project(&found.attributes, &prior.attributes, &Value::Null);
        // What stands there stays, drift included: only the mark goes.
        let kind = match found.mark {
            Some(_) => EditKind::Abandon {
                attributes: compared.clone(),
            },
            None => EditKind::Record,
        };
        Self::One(Box::new(Edit {
            address: prior.address.clone(),
            object: prior.object.clone(),
            kind,
            precondition: precondition(found, compared),
            records: None,
            transient: false,
        }))
    }

    /// State forgets; nothing is sent.
    pub(crate) fn forget(prior: &StateResource) -> Self {
        Self::One(Box::new(Edit {
            address: prior.address.clone(),
            object: prior.object.clone(),
            kind: EditKind::Record,
            precondition: Precondition::default(),
            records: None,
            transient: false,
        }))
    }

    /// State learns; nothing is sent.
    pub(crate) fn record(record: StateResource) -> Self {
        Self::One(Box::new(Edit {
            address: record.address.clone(),
            object: record.object.clone(),
            kind: EditKind::Record,
            precondition: Precondition {
                uid: Some(record.uid.clone()),
                ..Precondition::default()
            },
            records: Some(record),
            transient: false,
        }))
    }
}

/// What state records of a resource once `attributes` are applied. The uid comes with the reply.
pub(crate) fn record(
    context: &Context<'_>,
    desired: &DesiredResource,
    attributes: &Value,
) -> StateResource {
    let on_destroy = on_destroy(desired, context.input.semantics);
    StateResource {
        address: desired.address.clone(),
        object: desired.object.clone(),
        uid: Default::default(),
        attributes: attributes.clone(),
        requires: desired.requires.clone(),
        depends_on: beyond_identity(context, desired),
        prevent_destroy: desired.lifecycle.prevent_destroy,
        on_destroy,
        ignore_changes: desired.lifecycle.ignore_changes.clone(),
    }
}

/// What becomes of an object that is no longer declared.
pub fn on_destroy(desired: &DesiredResource, semantics: &[&dyn Semantics]) -> OnDestroy {
    let schemas = semantics.iter().flat_map(|semantics| semantics.types());
    let by_default = schemas
        .filter(|schema| schema.name == desired.address.type_name)
        .any(|schema| schema.abandon_by_default);
    match desired.lifecycle.on_destroy {
        _ if desired.built_in => OnDestroy::Abandon,
        Some(chosen) => chosen,
        None if by_default => OnDestroy::Abandon,
        None => OnDestroy::Delete,
    }
}

/// The addresses it depends on whose objects it does not require anyway: those say it all, and
/// state holds one for nearly every reference.
fn beyond_identity(context: &Context<'_>, desired: &DesiredResource) -> Vec<Address> {
    let implied = |address: &&Address| {
        context
            .objects
            .get(address)
            .is_some_and(|object| desired.requires.contains(object))
    };
    desired
        .depends_on
        .iter()
        .filter(|address| !implied(address))
        .cloned()
        .collect()
}

fn creation(
    context: &Context<'_>,
    desired: &DesiredResource,
    attributes: &Value,
    record: StateResource,
) -> Edit {
    Edit {
        address: desired.address.clone(),
        object: desired.object.clone(),
        kind: EditKind::Create {
            attributes: attributes.clone(),
            mark: context.mark.clone(),
            built_in: desired.built_in,
        },
        precondition: Precondition::default(),
        records: Some(record),
        transient: false,
    }
}

fn precondition(found: &ObservedObject, compared: Value) -> Precondition {
    Precondition {
        uid: Some(found.uid.clone()),
        version: Some(found.version.clone()),
        compared,
    }
}

/// What the name of a bridge has behind the name of the binding it stands in for.
pub const BRIDGE: &str = "-rbacform-bridge";

/// Whether an object that carries our mark is a bridge.
pub(crate) fn is_bridge(object: &ObjectId) -> bool {
    object
        .name()
        .rsplit_once(BRIDGE)
        .is_some_and(|(_, number)| {
            number.is_empty()
                || number
                    .strip_prefix('-')
                    .is_some_and(|n| n.parse::<u32>().is_ok())
        })
}

/// A name beside the binding's own that nothing in sight has.
fn bridge_name(context: &Context<'_>, object: &ObjectId) -> ObjectId {
    let taken = |object: &ObjectId| {
        context.desired.contains_key(object) || context.input.observed.get(object).is_some()
    };
    (1_u32..)
        .map(|number| {
            let suffix = if number == 1 {
                String::new()
            } else {
                format!("-{number}")
            };
            ObjectId {
                ident: format!("{}{BRIDGE}{suffix}", object.ident).into(),
                ..object.clone()
            }
        })
        .find(|candidate| !taken(candidate))
        .unwrap_or_else(|| object.clone())
}
