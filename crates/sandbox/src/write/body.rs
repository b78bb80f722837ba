//! From a request's body to an object of the request's kind.

use serde_json::{Value, json};

use super::options::FieldValidation;
use super::{NamespaceOf, Writer};
use crate::decode::decode;
use crate::object::{meta, set_meta};
use crate::status::Status;

impl Writer<'_> {
    /// The object in a POST or PUT body, decoded and defaulted.
    pub(super) fn body_object(&self, warnings: &mut Vec<String>) -> Result<Value, Status> {
        let raw = self.call.json_body()?;
        self.check_type(&raw)?;
        let mut object = self.decoded(&raw, warnings)?;
        self.place(&mut object)?;
        Ok(object)
    }

    /// Decodes, defaults, and tells of unknown fields as the request wants.
    pub(super) fn decoded(
        &self,
        raw: &Value,
        warnings: &mut Vec<String>,
    ) -> Result<Value, Status> {
        let info = self.kind.info();
        let (mut object, unknown) = decode(info.schema, raw).map_err(|error| {
            Status::bad_request(format!(
                "{} in version \"v1\" cannot be handled as a {}: {}",
                info.kind, info.kind, error.0
            ))
        })?;
        let texts: Vec<String> =
            unknown.iter().map(|path| format!("unknown field \"{path}\"")).collect();
        match self.options.validation {
            FieldValidation::Strict if !texts.is_empty() => {
                return Err(Status::bad_request(format!(
                    "{} in version \"v1\" cannot be handled as a {}: strict decoding error: {}",
                    info.kind,
                    info.kind,
                    texts.join(", ")
                )));
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

    fn check_type(&self, raw: &Value) -> Result<(), Status> {
        let info = self.kind.info();
        let text = |field: &str| raw.get(field).and_then(Value::as_str).unwrap_or_default();
        let (kind, version) = (text("kind"), text("apiVersion"));
        if !version.is_empty() && version != info.api_version() {
            return Err(Status::bad_request(format!(
                "the API version in the data ({version}) does not match the expected API version \
                 ({})",
                info.api_version()
            )));
        }
        if !kind.is_empty() && kind != info.kind {
            return Err(Status::bad_request(format!(
                "{kind} in version \"v1\" cannot be handled as a {}: no kind \"{kind}\" is \
                 registered for version \"{}\"",
                info.kind,
                info.api_version()
            )));
        }
        Ok(())
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
