//! YAML, with the words' meanings that `[[manifests]]` gives them.

use rbacform_core::{Node, Span};
use serde_json::Value;

use super::super::places::Written;
use super::Reading;

/// Reads every document.
pub(super) fn documents(text: &str, reading: &mut Reading) {
    let (documents, errors) = rbacform_stack::yaml_documents(reading.file, text);
    reading.problems.extend(errors);
    for document in &documents {
        object(document, None, reading);
    }
}

/// Reads one object, or each of a list; `list` is what the items of a typed list are.
fn object(node: &Node, list: Option<(&str, &str)>, reading: &mut Reading) {
    if node.get("kind").is_none() && list.is_none() && !node.items().is_empty() {
        for item in node.items() {
            object(item, None, reading);
        }
        return;
    }
    let text = |node: &Node, key: &str| node.get(key).and_then(Node::as_str).map(str::to_owned);
    let kind = text(node, "kind").or(list.map(|(kind, _)| kind.to_owned()));
    let version = text(node, "apiVersion").or(list.map(|(_, version)| version.to_owned()));
    if let (Some(kind), Some(version)) = (&kind, &version)
        && let Some(item) = kind.strip_suffix("List")
    {
        let known = (!item.is_empty()).then_some((item, version.as_str()));
        for one in node.get("items").map(Node::items).unwrap_or_default() {
            object(one, known, reading);
        }
        return;
    }
    let mut value = node.to_value().to_json();
    if let (Value::Object(fields), Some((kind, version))) = (&mut value, list) {
        for (key, known) in [("kind", kind), ("apiVersion", version)] {
            fields.entry(key).or_insert_with(|| known.into());
        }
    }
    if matches!(kind.as_deref(), None | Some("ServiceAccount"))
        && reading.take_google(&value, start(node))
    {
        return;
    }
    if let Err(error) = reading.facts.put_manifest(&value) {
        reading.invalid(start(node), &error);
        return;
    }
    if let (Some(kind), Some(metadata)) = (&kind, node.get("metadata")) {
        let named = |key: &str| text(metadata, key).unwrap_or_default();
        let rules = node.get("rules").map(Node::items).unwrap_or_default();
        let written = Written {
            object: start(node),
            rules: Some(rules.iter().map(start).collect()),
        };
        reading.place(kind, &named("namespace"), &named("name"), written);
    }
}

/// A map begins at its first key.
fn start(node: &Node) -> Span {
    node.entries()
        .first()
        .map_or(node.span, |entry| entry.key_span)
}
