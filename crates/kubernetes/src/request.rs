//! Requests: canonical attributes as the body of a server-side apply.

use rbacform_core::{Mark, ObjectId, Value, mark};
use serde_json::{Map as Json, Value as JsonValue, json};

use crate::meta::{MANAGED_BY, MANAGER};
use crate::types::Kind;

/// What a write must find, so that it neither makes nor overwrites another object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Expect {
    /// The object's uid; none where it must not exist.
    pub(crate) uid: Option<String>,
    /// Its resourceVersion. Alone it guards no update: a deleted object would be made again.
    pub(crate) version: String,
}

/// Everything that goes into a server-side apply.
pub(crate) struct Apply<'a> {
    pub(crate) kind: &'a Kind,
    pub(crate) object: &'a ObjectId,
    /// Canonical attributes; null ones are left out.
    pub(crate) attributes: &'a Value,
    /// Our mark; none where it is taken off.
    pub(crate) mark: Option<&'a Mark>,
    /// Whether nobody else says who manages the object, so that we may.
    pub(crate) managed_by: bool,
    /// None where it does not matter whether it exists.
    pub(crate) expect: Option<&'a Expect>,
}

impl Apply<'_> {
    /// The body.
    pub(crate) fn body(&self) -> JsonValue {
        let mut body = Json::new();
        body.insert("apiVersion".to_owned(), self.kind.api_version().into());
        body.insert("kind".to_owned(), self.kind.name.into());
        body.insert("metadata".to_owned(), self.metadata().into());
        (self.kind.request)(self.attributes, &mut body);
        body.into()
    }

    fn metadata(&self) -> Json<String, JsonValue> {
        let mut metadata = Json::new();
        metadata.insert("name".to_owned(), self.object.name().into());
        if let Some(namespace) = self.object.namespace() {
            metadata.insert("namespace".to_owned(), namespace.into());
        }
        if let Some(expect) = self.expect {
            if let Some(uid) = &expect.uid {
                metadata.insert("uid".to_owned(), uid.as_str().into());
            }
            metadata.insert("resourceVersion".to_owned(), expect.version.as_str().into());
        }
        let mut labels = self.texts("labels");
        if self.managed_by && !labels.contains_key(MANAGED_BY) {
            labels.insert(MANAGED_BY.to_owned(), MANAGER.into());
        }
        let mut annotations = self.texts("annotations");
        if let Some(mark) = self.mark {
            annotations.insert(
                mark::STACK_ANNOTATION.to_owned(),
                mark.stack.as_str().into(),
            );
            annotations.insert(
                mark::LINEAGE_ANNOTATION.to_owned(),
                mark.lineage.as_str().into(),
            );
        }
        for (key, texts) in [("labels", labels), ("annotations", annotations)] {
            if !texts.is_empty() {
                metadata.insert(key.to_owned(), texts.into());
            }
        }
        metadata
    }

    fn texts(&self, key: &str) -> Json<String, JsonValue> {
        let map = self.attributes.get(key).and_then(Value::as_map);
        let texts = map.into_iter().flat_map(rbacform_core::Map::iter);
        texts
            .filter_map(|(key, value)| Some((key.to_owned(), value.as_str()?.into())))
            .collect()
    }
}

/// Rules as the server takes them.
pub(crate) fn rules(rules: &Value) -> JsonValue {
    let rules = rules.as_list().unwrap_or_default().iter();
    rules.map(rule).collect()
}

fn rule(rule: &Value) -> JsonValue {
    let fields = [
        ("api_groups", "apiGroups"),
        ("resources", "resources"),
        ("verbs", "verbs"),
        ("resource_names", "resourceNames"),
        ("non_resource_urls", "nonResourceURLs"),
    ];
    let lists = fields
        .into_iter()
        .filter_map(|(name, field)| Some((field.to_owned(), rule.get(name)?.to_json())));
    JsonValue::Object(lists.collect())
}

/// The body of a delete.
pub(crate) fn delete(expect: &Expect) -> JsonValue {
    json!({
        "apiVersion": "v1",
        "kind": "DeleteOptions",
        "propagationPolicy": "Background",
        "preconditions": {"uid": expect.uid, "resourceVersion": expect.version},
    })
}

/// The path of a kind's objects: of one namespace, or of the whole cluster.
pub(crate) fn collection_path(kind: &Kind, namespace: Option<&str>) -> String {
    let root = match kind.group {
        "" => "/api/v1".to_owned(),
        group => format!("/apis/{group}/v1"),
    };
    match namespace {
        Some(namespace) => format!("{root}/namespaces/{}/{}", escape(namespace), kind.plural),
        None => format!("{root}/{}", kind.plural),
    }
}

/// The path of one object.
pub(crate) fn object_path(kind: &Kind, object: &ObjectId) -> String {
    let collection = collection_path(kind, object.namespace());
    format!("{collection}/{}", escape(object.name()))
}

/// A path segment or a query's value: RBAC names may hold anything but `/` and `%`.
pub(crate) fn escape(segment: &str) -> String {
    let mut escaped = String::with_capacity(segment.len());
    for byte in segment.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:@".contains(&byte) {
            escaped.push(byte as char);
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}

#[cfg(test)]
#[path = "request_tests.rs"]
mod tests;
