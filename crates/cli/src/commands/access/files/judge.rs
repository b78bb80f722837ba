//! What an API server would refuse in a file: a silent mistake would read as access that nobody has.

use rbacform_access::RBAC_GROUP;
use rbacform_core::diagnostic::Place;
use rbacform_core::{Diagnostic, Entry, FileId, Node, NodeKind, Span, hint};
use serde_json::Value;

use crate::load::SEMANTICS;

const KINDS: [&str; 4] = ["Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"];

/// Versions that API servers served once.
const OLD: [&str; 2] = ["v1beta1", "v1alpha1"];

/// What is wrong with an object of the RBAC kinds, judged as `[[manifests]]` are; of others nothing.
pub(super) fn object(object: &Node) -> Vec<Diagnostic> {
    let text = |key: &str| object.get(key).and_then(Node::as_str).unwrap_or_default();
    let (kind, version) = (text("kind"), text("apiVersion"));
    let of_group = version.split_once('/').map(|(group, _)| group) == Some(RBAC_GROUP);
    if !KINDS.contains(&kind) {
        return of_group
            .then(|| unknown(object, kind))
            .into_iter()
            .collect();
    }
    // What a cluster once printed is told in the words of its time.
    if OLD
        .iter()
        .any(|old| version == format!("{RBAC_GROUP}/{old}"))
    {
        return Vec::new();
    }
    let object = as_written(object, kind);
    let judged = SEMANTICS
        .iter()
        .find_map(|semantics| semantics.manifest(semantics.provider(), &object, "default"));
    let Some(Err(found)) = judged else {
        return Vec::new();
    };
    let wrong = found.into_iter().filter(Diagnostic::is_error);
    // The platform's own roles are in every list of a cluster.
    wrong
        .filter(|error| error.code != "bootstrap-object")
        .collect()
}

/// The same of an object in JSON, which begins at a byte of the file; places are looked for only
/// where something is wrong.
pub(super) fn json(text: &str, value: &Value, span: Span) -> Vec<Diagnostic> {
    if object(&node(value, span)).is_empty() {
        return Vec::new();
    }
    let (documents, _) = rbacform_stack::yaml_documents(span.file, text);
    let mut found: Vec<Diagnostic> = documents.iter().flat_map(object).collect();
    for diagnostic in &mut found {
        if let Some(Place::Span(place)) = &mut diagnostic.place {
            *place = later(*place, span.file, span.start);
        }
    }
    match found.is_empty() {
        // What only its list says of it is not in its own text.
        true => object(&node(value, span)),
        false => found,
    }
}

fn unknown(object: &Node, kind: &str) -> Diagnostic {
    let span = object.get("kind").map_or(object.span, |node| node.span);
    let message = format!("`{kind}` is no kind of `{RBAC_GROUP}`");
    let meant = hint::closest(kind, KINDS).map(|close| format!("did you mean `{close}`?"));
    Diagnostic::error("unsupported-kind", message)
        .at(span)
        .maybe_help(meant)
}

/// An object without what a server adds to it, or puts right by itself.
fn as_written(object: &Node, kind: &str) -> Node {
    let mut object = object.clone();
    let NodeKind::Map(entries) = &mut object.kind else {
        return object;
    };
    for entry in entries.iter_mut().filter(|entry| entry.key == "metadata") {
        if let NodeKind::Map(fields) = &mut entry.node.kind {
            fields.retain(|field| match field.key.as_str() {
                "generateName" | "deletionGracePeriodSeconds" => false,
                "namespace" => kind == "Role" || kind == "RoleBinding",
                _ => true,
            });
        }
    }
    object
}

fn later(span: Span, file: FileId, by: u32) -> Span {
    Span {
        file,
        start: span.start.saturating_add(by),
        end: span.end.saturating_add(by),
    }
}

/// A value all of which is at one place.
fn node(value: &Value, span: Span) -> Node {
    let kind = match value {
        Value::Null => NodeKind::Null,
        Value::Bool(value) => NodeKind::Bool(*value),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => NodeKind::Int(whole),
            None => NodeKind::Float(number.as_f64().unwrap_or_default()),
        },
        Value::String(text) => NodeKind::String(text.as_str().into()),
        Value::Array(items) => NodeKind::List(items.iter().map(|item| node(item, span)).collect()),
        Value::Object(fields) => NodeKind::Map(
            fields
                .iter()
                .map(|(key, value)| Entry {
                    key: key.as_str().into(),
                    key_span: span,
                    node: node(value, span),
                })
                .collect(),
        ),
    };
    Node { kind, span }
}
