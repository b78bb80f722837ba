//! Creating an object, by POST or as the end of another write.

use std::sync::Arc;

use rbacform_access::{Request, ResourceRequest};
use serde_json::{Value, json};

use super::{NamespaceOf, Writer, stored_form};
use crate::authz;
use crate::call::{Reply, named};
use crate::decode::zero;
use crate::escalation;
use crate::fields::compare::Comparison;
use crate::fields::managed::Managed;
use crate::kinds::{Kind, namespace};
use crate::object::{Object, meta, set_meta};
use crate::status::Status;

/// How often a generated name is tried before the server gives up.
const GENERATE_ATTEMPTS: usize = 8;

impl Writer<'_> {
    /// POST.
    pub(crate) fn post(mut self) -> Result<Reply, Status> {
        let mut warnings = Vec::new();
        let mut object = self.body_object(&mut warnings)?;
        set_meta(&mut object, "managedFields", None);
        let comparison = self.compared(&zero(self.kind.info().schema), &object);
        let mut managed = Managed::default();
        managed.record_update(
            &comparison,
            &self.options.manager,
            &self.kind.info().api_version(),
            &self.call.now,
        );
        let created = self.insert(object, &managed, false)?;
        let mut reply = self.reply(201, created);
        reply.warnings = warnings;
        Ok(reply)
    }

    /// Creates in the server's order of refusals. `upsert`: the request was not a create, so the
    /// right to create is asked for now, by name.
    pub(super) fn insert(
        &mut self,
        mut object: Value,
        managed: &Managed,
        upsert: bool,
    ) -> Result<Arc<Object>, Status> {
        self.admit_to_namespace(meta(&object, "name"))?;
        stored_form(&mut object);
        escalation::check(
            self.world,
            self.caller(),
            self.kind,
            self.request,
            &object,
            None,
        )?;
        self.prepare_create(&mut object)?;
        let info = self.kind.info();
        let name = meta(&object, "name").to_owned();
        let errors = self.kind.validate(&object);
        if !errors.is_empty() {
            return Err(Status::invalid(info.kind, info.group, &name, &errors));
        }
        if upsert {
            let request = ResourceRequest {
                verb: "create".to_owned(),
                ..self.request.clone()
            };
            authz::require(self.world, &self.caller().user, &Request::Resource(request))?;
        }
        let at = self.request.namespace_of(self.kind);
        if let Some(live) = self.world.get(self.kind, &at, &name) {
            let ending = !meta(&live.value, "deletionTimestamp").is_empty();
            return Err(Status::already_exists(named(self.kind, &name), ending));
        }
        managed.put_on(&mut object);
        self.commit(object)
    }

    /// A namespaced object needs a namespace that is there to stay.
    fn admit_to_namespace(&self, name: &str) -> Result<(), Status> {
        if !self.kind.info().namespaced {
            return Ok(());
        }
        let at = &self.request.namespace;
        let Some(live) = self.world.get(Kind::Namespace, "", at) else {
            return Err(Status::not_found(named(Kind::Namespace, at)));
        };
        if namespace::is_terminating(&live.value) {
            return Err(terminating(self.kind, name, at));
        }
        Ok(())
    }

    fn prepare_create(&self, object: &mut Value) -> Result<(), Status> {
        if !matches!(meta(object, "resourceVersion"), "" | "0") {
            return Err(Status::plain_error(
                "resourceVersion should not be set on objects to be created",
            ));
        }
        self.generate_name(object);
        for field in [
            "resourceVersion",
            "deletionTimestamp",
            "deletionGracePeriodSeconds",
            "selfLink",
        ] {
            set_meta(object, field, None);
        }
        set_meta(object, "uid", Some(json!(uuid::Uuid::new_v4().to_string())));
        set_meta(object, "creationTimestamp", Some(json!(self.call.now)));
        if self.kind == Kind::Namespace {
            self.kind.default(object);
            namespace::prepare_create(object);
        }
        Ok(())
    }

    fn generate_name(&self, object: &mut Value) {
        let prefix = meta(object, "generateName").to_owned();
        if prefix.is_empty() || !meta(object, "name").is_empty() {
            return;
        }
        let at = self.request.namespace_of(self.kind);
        for _ in 0..GENERATE_ATTEMPTS {
            let name = format!("{prefix}{}", random_suffix());
            let taken = self.world.get(self.kind, &at, &name).is_some();
            set_meta(object, "name", Some(json!(name)));
            if !taken {
                return;
            }
        }
    }

    pub(super) fn compared(&self, before: &Value, after: &Value) -> Comparison {
        Comparison::of(&self.kind.info().shape, before, after)
    }
}

/// 403 for a create in a namespace that is being deleted.
pub(crate) fn terminating(kind: Kind, name: &str, namespace: &str) -> Status {
    let why = format!(
        "unable to create new content in namespace {namespace} because it is being terminated"
    );
    let cause = format!("namespace {namespace} is being terminated");
    Status::forbidden(named(kind, name), &why).with_cause(
        "NamespaceTerminating",
        &cause,
        "metadata.namespace",
    )
}

/// Five characters of the alphabet that Kubernetes generates names from.
fn random_suffix() -> String {
    const ALPHABET: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
    let random = uuid::Uuid::new_v4();
    random
        .as_bytes()
        .iter()
        .take(5)
        .filter_map(|byte| ALPHABET.get(usize::from(*byte) % ALPHABET.len()))
        .map(|byte| char::from(*byte))
        .collect()
}
