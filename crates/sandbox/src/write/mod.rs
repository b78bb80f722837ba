//! Writes: create, update, patch, server-side apply.

mod apply;
mod body;
mod create;
mod options;
mod update;

use rbacform_access::ResourceRequest;
use serde_json::Value;

use crate::authn::Caller;
use crate::call::{Body, Call, Reply};
use crate::kinds::Kind;
use crate::object::Object;
use crate::persist::PersistError;
use crate::status::Status;
use crate::world::World;
pub(crate) use create::terminating;
pub(crate) use options::{APPLY_PATCH, WriteOptions, is_dry_run};

/// A write to one kind, for one caller.
pub(crate) struct Writer<'a> {
    pub(crate) world: &'a mut World,
    pub(crate) call: &'a Call,
    pub(crate) kind: Kind,
    pub(crate) request: &'a ResourceRequest,
    pub(crate) options: WriteOptions,
}

impl<'a> Writer<'a> {
    pub(crate) fn new(
        world: &'a mut World,
        call: &'a Call,
        kind: Kind,
        request: &'a ResourceRequest,
    ) -> Result<Self, Status> {
        let options = WriteOptions::of(call, request)?;
        Ok(Self {
            world,
            call,
            kind,
            request,
            options,
        })
    }

    fn caller(&self) -> &Caller {
        &self.call.caller
    }

    /// The live object of the request's name.
    fn live(&self) -> Option<std::sync::Arc<Object>> {
        self.world.get(
            self.kind,
            &self.request.namespace_of(self.kind),
            &self.request.name,
        )
    }

    /// Stores an object, or shows what would be stored.
    fn commit(&mut self, value: Value) -> Result<std::sync::Arc<Object>, Status> {
        if self.options.dry_run {
            return Ok(std::sync::Arc::new(Object::new(value)));
        }
        self.world.put(self.kind, value).map_err(not_kept)
    }

    fn reply(&self, code: u16, object: std::sync::Arc<Object>) -> Reply {
        Reply::new(code, Body::Object(self.kind, object))
    }
}

/// Where an object of a kind lives: a namespace's own request names it as namespace too.
pub(crate) trait NamespaceOf {
    fn namespace_of(&self, kind: Kind) -> String;
}

impl NamespaceOf for ResourceRequest {
    fn namespace_of(&self, kind: Kind) -> String {
        if kind.info().namespaced {
            self.namespace.clone()
        } else {
            String::new()
        }
    }
}

/// Storage does not tell an empty list from an absent one; field ownership does.
fn stored_form(object: &mut Value) {
    if let Some(rules) = object.get_mut("rules")
        && rules.as_array().is_some_and(Vec::is_empty)
    {
        *rules = Value::Null;
    }
}

/// 500 where the world's file cannot be written.
pub(crate) fn not_kept(error: PersistError) -> Status {
    Status::plain_error(format!("sandbox: {error}"))
}
