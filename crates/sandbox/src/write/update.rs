//! Changing an object: PUT, merge patch, and the common end of every change.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{NamespaceOf, Writer, not_kept, stored_form};
use crate::call::{Reply, named};
use crate::decode::zero;
use crate::escalation;
use crate::fields::managed::Managed;
use crate::kinds::{Kind, namespace};
use crate::object::{Object, meta, meta_list, set_meta};
use crate::status::{FieldError, Status};

impl Writer<'_> {
    /// PUT.
    pub(crate) fn put(mut self) -> Result<Reply, Status> {
        let mut warnings = Vec::new();
        let mut object = self.body_object(&mut warnings)?;
        set_meta(&mut object, "managedFields", None);
        let (code, stored) = match self.live() {
            Some(live) => {
                self.check_put_uid(meta(&object, "uid"), meta(&live.value, "uid"))?;
                let (old, managed) = split(&live);
                (200, self.replace(&live, old, object, managed, Origin::Put)?)
            }
            None if self.kind.info().put_creates => {
                self.check_put_uid(meta(&object, "uid"), "")?;
                set_meta(&mut object, "resourceVersion", None);
                let mut managed = Managed::default();
                self.own_changes(&mut managed, &zero(self.kind.info().schema), &object);
                (201, self.insert(object, &managed, true)?)
            }
            None => return Err(Status::not_found(named(self.kind, &self.request.name))),
        };
        let mut reply = self.reply(code, stored);
        reply.warnings = warnings;
        Ok(reply)
    }

    fn check_put_uid(&self, given: &str, live: &str) -> Result<(), Status> {
        if given.is_empty() || given == live {
            return Ok(());
        }
        let key = match self.request.namespace_of(self.kind).as_str() {
            "" => self.request.name.clone(),
            namespace => format!("{namespace}/{}", self.request.name),
        };
        let why = format!(
            "StorageError: invalid object, Code: 4, Key: /registry/{}/{key}, ResourceVersion: 0, \
             AdditionalErrorMsg: Precondition failed: UID in precondition: {given}, UID in object \
             meta: {live}",
            self.kind.info().resource
        );
        Err(Status::conflict(named(self.kind, &self.request.name), &why))
    }

    /// PATCH with `application/merge-patch+json`.
    pub(crate) fn merge_patch(mut self) -> Result<Reply, Status> {
        let mut warnings = Vec::new();
        let live = self
            .live()
            .ok_or_else(|| Status::not_found(named(self.kind, &self.request.name)))?;
        let patch: Map<String, Value> = serde_json::from_slice(&self.call.body)
            .map_err(|error| Status::bad_request(format!("error decoding patch: {error}")))?;
        let patch = Value::Object(patch);
        let (old, managed) = split(&live);
        let mut patched = old.clone();
        merge_json(&mut patched, &patch);
        let mut object = self
            .decoded(&patched, &mut warnings)
            .map_err(|why| self.not_patched(patched, &why))?;
        self.place(&mut object)?;
        set_meta(&mut object, "managedFields", None);
        let stored = self.replace(&live, old, object, managed, Origin::Patch)?;
        let mut reply = self.reply(200, stored);
        reply.warnings = warnings;
        Ok(reply)
    }

    /// 422 for a merge patch whose result is not an object of the kind.
    fn not_patched(&self, mut patched: Value, why: &str) -> Status {
        let info = self.kind.info();
        if let Some(patched) = patched.as_object_mut() {
            patched.insert("kind".to_owned(), json!(info.kind));
            patched.insert("apiVersion".to_owned(), json!(info.api_version()));
        }
        let error = FieldError::invalid_text("patch", &patched.to_string(), why);
        Status::invalid("", "", "", &[error])
    }

    /// Replaces the live object in the server's order of refusals. Neither `old` nor `new` carries
    /// managedFields.
    pub(super) fn replace(
        &mut self,
        live: &Arc<Object>,
        old: Value,
        mut new: Value,
        mut managed: Managed,
        origin: Origin,
    ) -> Result<Arc<Object>, Status> {
        if origin != Origin::Apply {
            self.own_changes(&mut managed, &old, &new);
        }
        stored_form(&mut new);
        escalation::check(
            self.world,
            self.caller(),
            self.kind,
            self.request,
            &new,
            Some(&old),
        )?;
        self.check_version(&new, &old)?;
        self.prepare_update(&old, &mut new);
        let info = self.kind.info();
        let mut errors = self.kind.validate(&new);
        // Pod Security labels that were wrong before may stay so.
        if self.kind == Kind::Namespace
            && namespace::pod_security_errors(&old) == namespace::pod_security_errors(&new)
        {
            let known = namespace::pod_security_errors(&new);
            errors.retain(|error| !known.contains(error));
        }
        errors.extend(self.kind.validate_change(&old, &new));
        if !errors.is_empty() {
            return Err(Status::invalid(
                info.kind,
                info.group,
                &self.request.name,
                &errors,
            ));
        }
        managed.put_on(&mut new);
        if same_but_for_times(&live.value, &new) {
            return Ok(Arc::clone(live));
        }
        if self.is_last_finalizer_gone(&new) {
            return self.finish_deletion(new);
        }
        self.commit(new)
    }

    fn own_changes(&self, managed: &mut Managed, old: &Value, new: &Value) {
        let comparison = self.compared(old, new);
        managed.record_update(
            &comparison,
            &self.options.manager,
            &self.kind.info().api_version(),
            &self.call.now,
        );
    }

    /// A resourceVersion in the body is a lock; `""` and `"0"` are none.
    fn check_version(&self, new: &Value, old: &Value) -> Result<(), Status> {
        let given = meta(new, "resourceVersion");
        if given.is_empty() {
            return Ok(());
        }
        let Ok(number) = given.parse::<u64>() else {
            return Err(Status::plain_error(format!(
                "strconv.ParseUint: parsing {}: invalid syntax",
                rbacform_access::quote::go_quote(given)
            )));
        };
        if number == 0 || given == meta(old, "resourceVersion") {
            return Ok(());
        }
        Err(Status::stale(named(self.kind, &self.request.name)))
    }

    fn prepare_update(&self, old: &Value, new: &mut Value) {
        let old_meta = |field: &str| {
            old.get("metadata")
                .and_then(|metadata| metadata.get(field))
                .cloned()
        };
        for field in [
            "resourceVersion",
            "creationTimestamp",
            "deletionTimestamp",
            "deletionGracePeriodSeconds",
            "generation",
            "generateName",
        ] {
            set_meta(new, field, old_meta(field));
        }
        if meta(new, "uid").is_empty() {
            set_meta(new, "uid", old_meta("uid"));
        }
        if self.kind == Kind::Namespace {
            namespace::prepare_update(old, new);
        }
    }

    fn is_last_finalizer_gone(&self, new: &Value) -> bool {
        let spec_finalizers = new.pointer("/spec/finalizers").and_then(Value::as_array);
        !meta(new, "deletionTimestamp").is_empty()
            && meta_list(new, "finalizers").is_empty()
            && spec_finalizers.is_none_or(Vec::is_empty)
    }

    fn finish_deletion(&mut self, new: Value) -> Result<Arc<Object>, Status> {
        if !self.options.dry_run {
            let at = self.request.namespace_of(self.kind);
            self.world
                .remove(self.kind, &at, &self.request.name)
                .map_err(not_kept)?;
        }
        Ok(Arc::new(Object::new(new)))
    }
}

/// Which write leads to a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    Put,
    Patch,
    Apply,
}

/// An object and its managers apart.
pub(super) fn split(live: &Object) -> (Value, Managed) {
    let mut old = live.value.clone();
    let managed = Managed::take_from(&mut old);
    (old, managed)
}

/// Whether a write would change nothing but the time in managedFields; such a write is not made.
fn same_but_for_times(old: &Value, new: &Value) -> bool {
    old == new || without_times(old.clone()) == without_times(new.clone())
}

fn without_times(mut object: Value) -> Value {
    let entries = object
        .pointer_mut("/metadata/managedFields")
        .and_then(Value::as_array_mut);
    for entry in entries.into_iter().flatten() {
        if let Some(entry) = entry.as_object_mut() {
            entry.remove("time");
        }
    }
    object
}

/// RFC 7386.
fn merge_json(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = json!({});
    }
    let empty = &mut Map::new();
    let target = target.as_object_mut().unwrap_or(empty);
    for (key, value) in patch {
        if value.is_null() {
            target.remove(key);
        } else {
            merge_json(target.entry(key.clone()).or_insert(Value::Null), value);
        }
    }
}
