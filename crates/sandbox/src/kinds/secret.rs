//! Secrets, of which only service account tokens have a life of their own.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use crate::object::{entry_mut, meta_map};
use crate::status::FieldError;

pub(crate) const TOKEN_TYPE: &str = "kubernetes.io/service-account-token";
pub(crate) const ACCOUNT_ANNOTATION: &str = "kubernetes.io/service-account.name";
pub(crate) const ACCOUNT_UID_ANNOTATION: &str = "kubernetes.io/service-account.uid";

/// `stringData` is moved into `data`; a type left out is `Opaque`.
pub(crate) fn default(object: &mut Value) {
    let plain = object
        .as_object_mut()
        .and_then(|object| object.remove("stringData"));
    for (key, value) in plain
        .as_ref()
        .and_then(Value::as_object)
        .into_iter()
        .flat_map(Map::iter)
    {
        set_data(object, key, value.as_str().unwrap_or_default());
    }
    if let Some(object) = object.as_object_mut() {
        object.entry("type").or_insert_with(|| json!("Opaque"));
    }
}

/// Sets one entry of `data`.
pub(crate) fn set_data(object: &mut Value, key: &str, value: &str) {
    if let Some(data) = entry_mut(object, "data") {
        data.insert(key.to_owned(), json!(STANDARD.encode(value)));
    }
}

pub(crate) fn validate(object: &Value) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for (key, _) in object
        .get("data")
        .and_then(Value::as_object)
        .into_iter()
        .flat_map(Map::iter)
    {
        let well_formed = !key.is_empty()
            && key.len() <= 253
            && key
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
        if !well_formed {
            errors.push(FieldError::invalid_text(
                format!("data[{key}]"),
                key,
                "a valid config key must consist of alphanumeric characters, '-', '_' or '.' \
                 (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is \
                 '[-._a-zA-Z0-9]+')",
            ));
        }
    }
    if is_token(object) && account_name(object).is_empty() {
        let field = format!("metadata.annotations[{ACCOUNT_ANNOTATION}]");
        errors.push(FieldError::required(field, ""));
    }
    errors
}

pub(crate) fn validate_change(old: &Value, new: &Value) -> Vec<FieldError> {
    let kind_of = |object: &Value| object.get("type").cloned().unwrap_or(Value::Null);
    if kind_of(old) == kind_of(new) {
        return Vec::new();
    }
    vec![FieldError::invalid(
        "type",
        &kind_of(new),
        "field is immutable",
    )]
}

pub(crate) fn is_token(object: &Value) -> bool {
    object.get("type").and_then(Value::as_str) == Some(TOKEN_TYPE)
}

/// The account a token Secret belongs to.
pub(crate) fn account_name(object: &Value) -> &str {
    annotation(object, ACCOUNT_ANNOTATION)
}

pub(crate) fn annotation<'a>(object: &'a Value, key: &str) -> &'a str {
    meta_map(object, "annotations")
        .and_then(|annotations| annotations.get(key))
        .and_then(Value::as_str)
        .unwrap_or_default()
}
