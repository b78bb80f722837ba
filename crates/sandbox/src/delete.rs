//! DELETE of one object.

use std::sync::Arc;

use rbacform_access::ResourceRequest;
use serde_json::{Map, Value, json};

use crate::call::{Body, Call, Reply, named};
use crate::kinds::{Kind, namespace};
use crate::object::{Object, meta, meta_list, set_meta};
use crate::status::{Named, Status};
use crate::world::World;
use crate::write::{NamespaceOf, is_dry_run, not_kept};

/// Deletes, or marks for deletion what finalizers hold.
pub(crate) fn delete(
    world: &mut World,
    call: &Call,
    kind: Kind,
    request: &ResourceRequest,
) -> Result<Reply, Status> {
    let options = DeleteOptions::of(call)?;
    let at = request.namespace_of(kind);
    let live = world
        .get(kind, &at, &request.name)
        .ok_or_else(|| Status::not_found(named(kind, &request.name)))?;
    options.check(kind, &live.value)?;
    if kind == Kind::Namespace && namespace::PROTECTED.contains(&request.name.as_str()) {
        let why = "this namespace may not be deleted";
        return Err(Status::forbidden(named(kind, &request.name), why));
    }
    let dry_run = options.dry_run || is_dry_run(&call.query);
    let mut marked = live.value.clone();
    if kind == Kind::Namespace || !meta_list(&marked, "finalizers").is_empty() {
        mark(kind, &mut marked, &call.now);
        let stored = match dry_run || marked == live.value {
            true => Arc::new(Object::new(marked)),
            false => world.put(kind, marked).map_err(not_kept)?,
        };
        return Ok(Reply::new(200, Body::Object(kind, stored)));
    }
    if !dry_run {
        world.remove(kind, &at, &request.name).map_err(not_kept)?;
    }
    if kind.info().delete_returns_object {
        return Ok(Reply::new(200, Body::Object(kind, live)));
    }
    Ok(Reply::json(200, success(kind, &live.value)))
}

/// Sets the deletion timestamp, once.
pub(crate) fn mark(kind: Kind, object: &mut Value, now: &str) {
    if !meta(object, "deletionTimestamp").is_empty() {
        return;
    }
    set_meta(object, "deletionTimestamp", Some(json!(now)));
    if kind == Kind::Namespace {
        if let Some(object) = object.as_object_mut() {
            object.insert("status".to_owned(), json!({"phase": "Terminating"}));
        }
    } else {
        set_meta(object, "deletionGracePeriodSeconds", Some(json!(0)));
    }
}

fn success(kind: Kind, object: &Value) -> Value {
    let info = kind.info();
    let mut details = Map::new();
    details.insert("name".to_owned(), json!(meta(object, "name")));
    if !info.group.is_empty() {
        details.insert("group".to_owned(), json!(info.group));
    }
    details.insert("kind".to_owned(), json!(info.resource));
    details.insert("uid".to_owned(), json!(meta(object, "uid")));
    json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success",
        "details": details,
    })
}

/// What the body of a DELETE may ask for. A propagation policy makes no difference: nothing here
/// has dependents.
#[derive(Debug, Default)]
struct DeleteOptions {
    uid: Option<String>,
    resource_version: Option<String>,
    dry_run: bool,
}

impl DeleteOptions {
    fn of(call: &Call) -> Result<Self, Status> {
        let body = match call.body.is_empty() {
            true => json!({}),
            false => call.json_body("DeleteOptions")?,
        };
        let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str);
        let dry_run = body.get("dryRun").and_then(Value::as_array);
        Ok(Self {
            uid: text("/preconditions/uid").map(str::to_owned),
            resource_version: text("/preconditions/resourceVersion").map(str::to_owned),
            dry_run: dry_run.is_some_and(|list| list.contains(&json!("All"))),
        })
    }

    fn check(&self, kind: Kind, live: &Value) -> Result<(), Status> {
        self.check_uid(kind, live)?;
        let (own, wanted) = (
            meta(live, "resourceVersion"),
            self.resource_version.as_deref(),
        );
        match wanted {
            Some(wanted) if wanted != own && kind == Kind::Namespace => Err(Status::conflict(
                named(kind, meta(live, "name")),
                &format!(
                    "Precondition failed: ResourceVersion in precondition: {wanted}, \
                     ResourceVersion in object meta: {own}"
                ),
            )),
            Some(wanted) if wanted != own => Err(Status::conflict(
                by_kind(kind, live),
                &format!(
                    "the ResourceVersion in the precondition ({wanted}) does not match the \
                     ResourceVersion in record ({own}). The object might have been modified"
                ),
            )),
            _ => Ok(()),
        }
    }

    fn check_uid(&self, kind: Kind, live: &Value) -> Result<(), Status> {
        let (own, wanted) = (meta(live, "uid"), self.uid.as_deref());
        match wanted {
            Some(wanted) if wanted != own && kind == Kind::Namespace => Err(Status::conflict(
                named(kind, meta(live, "name")),
                &format!(
                    "Precondition failed: UID in precondition: {wanted}, UID in object meta: {own}"
                ),
            )),
            Some(wanted) if wanted != own => Err(Status::conflict(
                by_kind(kind, live),
                &format!(
                    "the UID in the precondition ({wanted}) does not match the UID in record \
                     ({own}). The object might have been deleted and then recreated"
                ),
            )),
            _ => Ok(()),
        }
    }
}

/// The server names the kind, not the resource, in this one error.
fn by_kind(kind: Kind, live: &Value) -> Named<'_> {
    let info = kind.info();
    Named {
        group: info.group,
        resource: info.kind,
        name: meta(live, "name"),
    }
}
