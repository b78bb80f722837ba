//! A stored object, and how its parts are read.

use serde_json::{Map, Value, json};

use crate::kinds::Kind;

/// An object as stored: without `kind` and `apiVersion`, in its server's form, and ready to send.
#[derive(Debug)]
pub(crate) struct Object {
    pub(crate) value: Value,
    /// The JSON text of `value`, so that a list is a concatenation.
    pub(crate) text: String,
}

impl Object {
    pub(crate) fn new(value: Value) -> Self {
        let text = value.to_string();
        Self { value, text }
    }

    /// The JSON text with `kind` and `apiVersion` in front.
    pub(crate) fn whole_text(&self, kind: Kind) -> String {
        let info = kind.info();
        let head = format!(
            "{{\"kind\":\"{}\",\"apiVersion\":\"{}\"",
            info.kind,
            info.api_version()
        );
        match self.text.strip_prefix('{') {
            Some("}") | None => format!("{head}}}"),
            Some(rest) => format!("{head},{rest}"),
        }
    }
}

/// A text field of `metadata`; empty where it is absent.
pub(crate) fn meta<'a>(object: &'a Value, field: &str) -> &'a str {
    object
        .get("metadata")
        .and_then(|metadata| metadata.get(field))
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// A map field of `metadata`, such as `labels`.
pub(crate) fn meta_map<'a>(object: &'a Value, field: &str) -> Option<&'a Map<String, Value>> {
    object.get("metadata")?.get(field)?.as_object()
}

/// A list of texts in `metadata`, such as `finalizers`.
pub(crate) fn meta_list<'a>(object: &'a Value, field: &str) -> Vec<&'a str> {
    object
        .get("metadata")
        .and_then(|metadata| metadata.get(field))
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

/// A nested map, made where it is missing; `None` where something else stands there.
pub(crate) fn entry_mut<'a>(
    object: &'a mut Value,
    field: &str,
) -> Option<&'a mut Map<String, Value>> {
    let entry = object
        .as_object_mut()?
        .entry(field.to_owned())
        .or_insert(Value::Null);
    if entry.is_null() {
        *entry = json!({});
    }
    entry.as_object_mut()
}

/// Sets a field of `metadata`; `None` removes it.
pub(crate) fn set_meta(object: &mut Value, field: &str, value: Option<Value>) {
    if let Some(metadata) = entry_mut(object, "metadata") {
        match value {
            Some(value) => metadata.insert(field.to_owned(), value),
            None => metadata.remove(field),
        };
    }
}

/// Sets one entry of a map in `metadata`, such as a label.
pub(crate) fn set_meta_entry(object: &mut Value, field: &str, key: &str, value: &str) {
    let metadata = object.get_mut("metadata");
    if let Some(map) = metadata.and_then(|metadata| entry_mut(metadata, field)) {
        map.insert(key.to_owned(), json!(value));
    }
}
