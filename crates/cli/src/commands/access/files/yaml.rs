//! YAML, with the words' meanings that `[[manifests]]` gives them.

use std::borrow::Cow;

use super::super::places::Written;
use super::{Reading, judge};
use rbacform_core::{Entry, Node, NodeKind, Span};

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
    let node = &said_by_list(node, list);
    let value = node.to_value().to_json();
    // Google's documents say no version; of Kubernetes' the service accounts matter to Google.
    if (version.is_none() || kind.as_deref() == Some("ServiceAccount"))
        && reading.take_google(&value, start(node))
    {
        return;
    }
    if let Err(error) = reading.facts.put_manifest(&value) {
        reading.invalid(start(node), &error);
        return;
    }
    reading.problems.extend(judge::object(node));
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

/// With what the items of a typed list need not say, since the list does.
fn said_by_list<'n>(node: &'n Node, list: Option<(&str, &str)>) -> Cow<'n, Node> {
    let Some((kind, version)) = list else {
        return Cow::Borrowed(node);
    };
    let mut node = node.clone();
    let span = start(&node);
    if let NodeKind::Map(entries) = &mut node.kind {
        for (key, known) in [("kind", kind), ("apiVersion", version)] {
            if !entries.iter().any(|entry| entry.key == key) {
                let node = Node {
                    kind: NodeKind::String(known.into()),
                    span,
                };
                entries.push(Entry {
                    key: key.into(),
                    key_span: span,
                    node,
                });
            }
        }
    }
    Cow::Owned(node)
}

/// A map begins at its first key.
fn start(node: &Node) -> Span {
    node.entries()
        .first()
        .map_or(node.span, |entry| entry.key_span)
}
