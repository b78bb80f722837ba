//! Small states for tests.

use rbacform_core::{
    Address, Edit, EditKind, Mark, ObjectId, ObservedObject, OnDestroy, Precondition,
    StateResource, StateSnapshot, Text, Value,
};

use crate::{LockInfo, RunInfo};

pub(crate) const LINEAGE: &str = "6d0c1f5e-0000-4000-8000-000000000001";

pub(crate) fn snapshot(stack: &str, names: &[&str]) -> StateSnapshot {
    let mut snapshot = StateSnapshot::empty(stack, None);
    snapshot.lineage = LINEAGE.to_owned();
    for name in names {
        let resource = resource(name, "v1");
        snapshot.resources.insert(resource.object.clone(), resource);
    }
    snapshot
}

pub(crate) fn address(name: &str) -> Address {
    Address::new("kubernetes.role", name, None)
}

pub(crate) fn object(name: &str) -> ObjectId {
    ObjectId::namespaced("kubernetes", "Role", "bob", name)
}

pub(crate) fn attributes(revision: &str) -> Value {
    Value::from_json(&serde_json::json!({"labels": {"revision": revision}, "rules": []}))
}

pub(crate) fn resource(name: &str, revision: &str) -> StateResource {
    StateResource {
        address: address(name),
        object: object(name),
        uid: format!("uid-{name}").into(),
        attributes: attributes(revision),
        requires: Vec::new(),
        depends_on: Vec::new(),
        prevent_destroy: false,
        on_destroy: OnDestroy::Delete,
        ignore_changes: Vec::new(),
    }
}

pub(crate) fn mark() -> Mark {
    snapshot("s", &[]).mark()
}

pub(crate) fn create(name: &str, revision: &str) -> Edit {
    let kind = EditKind::Create {
        attributes: attributes(revision),
        mark: mark(),
        built_in: false,
    };
    edit(name, kind, Some(resource(name, revision)))
}

pub(crate) fn update(name: &str, revision: &str) -> Edit {
    let kind = EditKind::Update {
        attributes: attributes(revision),
        mark: mark(),
    };
    edit(name, kind, Some(resource(name, revision)))
}

pub(crate) fn delete(name: &str) -> Edit {
    edit(name, EditKind::Delete, None)
}

fn edit(name: &str, kind: EditKind, records: Option<StateResource>) -> Edit {
    Edit {
        address: address(name),
        object: object(name),
        kind,
        precondition: Precondition::default(),
        records,
        transient: false,
    }
}

pub(crate) fn observed(name: &str, revision: &str, mark: Option<Mark>) -> ObservedObject {
    ObservedObject {
        object: object(name),
        uid: format!("live-{name}").into(),
        version: Text::const_new("1"),
        attributes: attributes(revision),
        mark,
        managed_by: None,
        last_writer: None,
        terminating: false,
        bootstrap: false,
    }
}

pub(crate) fn run(id: &str) -> RunInfo {
    RunInfo {
        id: id.to_owned(),
        operation: "apply".to_owned(),
        who: "ana".to_owned(),
        ..RunInfo::default()
    }
}

pub(crate) fn lock_info(id: &str) -> LockInfo {
    LockInfo {
        id: id.to_owned(),
        operation: "apply".to_owned(),
        who: "ana".to_owned(),
        host: "laptop".to_owned(),
        pid: 42,
        created: "2026-01-02T03:04:05Z".to_owned(),
    }
}
