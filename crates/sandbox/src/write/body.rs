//! From a request's body to an object of the request's kind.

use serde_json::{Value, json};

use super::options::FieldValidation;
use super::{NamespaceOf, Writer};
use crate::decode::decode;
use crate::kinds::Kind;
use crate::object::{meta, set_meta};
use crate::status::Status;

impl Writer<'_> {
    /// The object in a POST or PUT body, decoded and defaulted.
    pub(super) fn body_object(&self, warnings: &mut Vec<String>) -> Result<Value, Status> {
        if !matches!(self.call.content_type.as_str(), "" | "application/json") {
            let what = format!("content type {}", self.call.content_type);
            return Err(Status::not_modelled(&what));
        }
        let raw = self.call.json_body(self.kind.info().kind)?;
        self.check_type(&raw)?;
        let mut object = self
            .decoded(&raw, warnings)
            .map_err(|why| self.not_handled(&why))?;
        self.place(&mut object)?;
        Ok(object)
    }

    /// Decodes, defaults, and tells of unknown fields as the request wants. An error is the text
    /// of Go's decoder, which each write words in its own way.
    pub(super) fn decoded(&self, raw: &Value, warnings: &mut Vec<String>) -> Result<Value, String> {
        let info = self.kind.info();
        let (mut object, unknown) = decode(info.schema, raw).map_err(|error| error.0)?;
        let texts: Vec<String> = unknown
            .iter()
            .map(|path| format!("unknown field \"{path}\""))
            .collect();
        match self.options.validation {
            FieldValidation::Strict if !texts.is_empty() => {
                return Err(format!("strict decoding error: {}", texts.join(", ")));
            }
            FieldValidation::Warn => warnings.extend(texts),
            FieldValidation::Strict | FieldValidation::Ignore => {}
        }
        if let Some(object) = object.as_object_mut() {
            object.remove("kind");
            object.remove("apiVersion");
        }
        self.kind.default(&mut object);
        Ok(object)
    }

    /// 400 for a body that is not an object of the kind.
    pub(super) fn not_handled(&self, why: &str) -> Status {
        let kind = self.kind.info().kind;
        Status::bad_request(format!(
            "{kind} in version \"v1\" cannot be handled as a {kind}: {why}"
        ))
    }

    fn check_type(&self, raw: &Value) -> Result<(), Status> {
        let info = self.kind.info();
        let text = |field: &str| raw.get(field).and_then(Value::as_str).unwrap_or_default();
        let own_version = info.api_version();
        let or = |given: &'_ str, own: &str| match given {
            "" => own.to_owned(),
            given => given.to_owned(),
        };
        let (kind, version) = (
            or(text("kind"), info.kind),
            or(text("apiVersion"), &own_version),
        );
        if kind == info.kind && version == own_version {
            return Ok(());
        }
        let is_known = Kind::ALL
            .iter()
            .any(|known| known.info().kind == kind && known.info().api_version() == version);
        let short = version.rsplit('/').next().unwrap_or_default();
        let why = if is_known {
            let package = if info.group.is_empty() {
                "core"
            } else {
                "rbac"
            };
            format!(
                "converting ({short}.{kind}) to ({package}.{}): unknown conversion",
                info.kind
            )
        } else {
            format!(
                "no kind \"{kind}\" is registered for version \"{version}\" in scheme \
                 \"pkg/runtime/scheme.go:111\""
            )
        };
        Err(Status::bad_request(format!(
            "{kind} in version \"{short}\" cannot be handled as a {}: {why}",
            info.kind
        )))
    }

    /// Holds name and namespace against the URL, and fills them in from it.
    pub(super) fn place(&self, object: &mut Value) -> Result<(), Status> {
        let namespace = self.request.namespace_of(self.kind);
        let given = meta(object, "namespace");
        if !given.is_empty() && given != namespace {
            return Err(Status::bad_request(
                "the namespace of the provided object does not match the namespace sent on the \
                 request",
            ));
        }
        if !namespace.is_empty() {
            set_meta(object, "namespace", Some(json!(namespace)));
        }
        let in_url = &self.request.name;
        if in_url.is_empty() {
            return Ok(());
        }
        match meta(object, "name") {
            "" => set_meta(object, "name", Some(json!(in_url))),
            name if name != in_url => {
                return Err(Status::bad_request(format!(
                    "the name of the object ({name}) does not match the name on the URL ({in_url})"
                )));
            }
            _ => {}
        }
        Ok(())
    }
}
