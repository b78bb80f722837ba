//! Steps for tests.

use rbacform_core::{Edit, EditKind, Mark, ObjectId, Precondition, StateResource, Step, Value};
use serde_json::Value as Json;

use crate::ident;
use crate::policy::grant_of;

pub(super) fn step(edits: Vec<Edit>) -> Step {
    Step {
        id: 0,
        instance: "gcp".into(),
        edits,
        group: None,
        depends_on: Vec::new(),
        settle: false,
    }
}

/// An edit of an object that must not exist yet, or of any where it is deleted.
pub(super) fn edit(object: ObjectId, kind: EditKind) -> Edit {
    Edit {
        address: "gcp.thing.x".parse().unwrap(),
        object,
        kind,
        precondition: Precondition::default(),
        records: None,
        transient: false,
    }
}

pub(super) fn create(object: ObjectId, attributes: Json) -> Edit {
    let attributes = Value::from_json(&attributes);
    edit(
        object,
        EditKind::Create {
            attributes,
            mark: mark(),
            built_in: false,
        },
    )
}

pub(super) fn update(object: ObjectId, compared: Json, attributes: Json, uid: &str) -> Edit {
    let attributes = Value::from_json(&attributes);
    let kind = EditKind::Update {
        attributes,
        mark: mark(),
    };
    after(edit(object, kind), compared, uid)
}

pub(super) fn delete(object: ObjectId, compared: Json, uid: &str) -> Edit {
    after(edit(object, EditKind::Delete), compared, uid)
}

fn after(edit: Edit, compared: Json, uid: &str) -> Edit {
    Edit {
        precondition: Precondition {
            uid: Some(uid.into()),
            version: None,
            compared: Value::from_json(&compared),
        },
        ..edit
    }
}

/// A grant to be made.
pub(super) fn give(resource: &str, role: &str, member: &str) -> Edit {
    let attributes = serde_json::json!({"resource": resource, "role": role, "member": member});
    let grant = grant_of(&Value::from_json(&attributes)).unwrap();
    create(grant.object("gcp", resource), attributes)
}

/// A grant to be taken away.
pub(super) fn take(resource: &str, role: &str, member: &str) -> Edit {
    let edit = give(resource, role, member);
    delete(edit.object, serde_json::json!({}), "-")
}

/// The edit, of an account that state knew under that unique id.
pub(super) fn known_as(edit: Edit, uid: &str) -> Edit {
    let records = StateResource {
        address: edit.address.clone(),
        object: edit.object.clone(),
        uid: uid.into(),
        attributes: Value::Null,
        requires: Vec::new(),
        depends_on: Vec::new(),
        prevent_destroy: false,
        on_destroy: rbacform_core::OnDestroy::Delete,
        ignore_changes: Vec::new(),
    };
    Edit {
        records: Some(records),
        ..edit
    }
}

pub(super) fn account(id: &str) -> ObjectId {
    let name = format!("projects/acme-ml/serviceAccounts/{id}@acme-ml.iam.gserviceaccount.com");
    ObjectId::cluster("gcp", ident::SERVICE_ACCOUNT, &name)
}

pub(super) fn role(id: &str) -> ObjectId {
    let name = format!("projects/acme-ml/roles/{id}");
    ObjectId::cluster("gcp", ident::CUSTOM_ROLE, &name)
}

fn mark() -> Mark {
    Mark::new("test", None, "lineage".to_owned())
}
