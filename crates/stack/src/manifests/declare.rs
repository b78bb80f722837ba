//! Reading `[[manifests]]`.

use std::collections::BTreeMap;

use rbacform_core::{Diagnostic, Node, NodeKind, Span, Text};

use crate::document::{check_name, unknown_key};

const KEYS: [&str; 4] = ["name", "files", "namespace", "other_kinds"];

/// One `[[manifests]]`.
pub(crate) struct Block {
    pub(super) name: Text,
    /// Patterns and where they are written.
    pub(super) files: Vec<(Text, Span)>,
    /// For objects that name none.
    pub(super) namespace: Text,
    /// Whether kinds that are not managed are left out.
    pub(super) ignore_others: bool,
}

/// Reads evaluated blocks.
pub(crate) fn read(nodes: &[Node], diagnostics: &mut Vec<Diagnostic>) -> Vec<Block> {
    let mut names: BTreeMap<Text, Span> = BTreeMap::new();
    let mut blocks = Vec::new();
    for node in nodes {
        if !matches!(node.kind, NodeKind::Map(_)) {
            let message = format!(
                "`manifests` is a list of tables, this is {}",
                node.describe()
            );
            diagnostics.push(
                Diagnostic::error("wrong-type", message)
                    .at(node.span)
                    .help("write `[[manifests]]`"),
            );
            continue;
        }
        let Some(block) = block(node, diagnostics) else {
            continue;
        };
        let span = node.get("name").map_or(node.span, |name| name.span);
        if let Some(first) = names.get(&block.name) {
            let message = format!("the manifests `{}` are declared twice", block.name);
            diagnostics.push(
                Diagnostic::error("duplicate-declaration", message)
                    .at(span)
                    .related(*first, "first declared here"),
            );
            continue;
        }
        names.insert(block.name.clone(), span);
        blocks.push(block);
    }
    blocks
}

fn block(node: &Node, diagnostics: &mut Vec<Diagnostic>) -> Option<Block> {
    let before = diagnostics.len();
    let mut block = Block {
        name: Text::default(),
        files: Vec::new(),
        namespace: "default".into(),
        ignore_others: false,
    };
    for key in ["name", "files"] {
        if node.get(key).is_none() {
            let message = format!("`[[manifests]]` needs `{key}`");
            diagnostics.push(Diagnostic::error("missing-argument", message).at(node.span));
        }
    }
    let mut unknown = false;
    for entry in node.entries() {
        let value = &entry.node;
        let text = value.as_str();
        match (entry.key.as_str(), text) {
            _ if matches!(value.kind, NodeKind::Unknown) => unknown = true,
            ("name", Some(name)) => {
                diagnostics.extend(check_name(name, value.span, "block of manifests"));
                block.name = name.into();
            }
            ("namespace", Some(namespace)) => block.namespace = namespace.into(),
            ("other_kinds", Some("error")) => block.ignore_others = false,
            ("other_kinds", Some("ignore")) => block.ignore_others = true,
            ("other_kinds", _) => diagnostics.push(
                Diagnostic::error("invalid-value", "`other_kinds` is `error` or `ignore`")
                    .at(value.span),
            ),
            ("files", None) if matches!(value.kind, NodeKind::List(_)) => {
                for item in value.items() {
                    match item.as_str() {
                        Some(pattern) => block.files.push((pattern.into(), item.span)),
                        None if matches!(item.kind, NodeKind::Unknown) => unknown = true,
                        None => diagnostics.push(wrong("files", "a list of strings", item)),
                    }
                }
                if value.items().is_empty() {
                    let error = Diagnostic::error("no-files", "`files` is empty");
                    diagnostics.push(error.at(value.span));
                }
            }
            ("files", _) => diagnostics.push(wrong("files", "a list of strings", value)),
            (name @ ("name" | "namespace"), _) => diagnostics.push(wrong(name, "a string", value)),
            (other, _) => {
                diagnostics.push(unknown_key(other, entry.key_span, "`[[manifests]]`", KEYS));
            }
        }
    }
    (diagnostics.len() == before && !unknown).then_some(block)
}

fn wrong(name: &str, expected: &str, node: &Node) -> Diagnostic {
    let message = format!("`{name}` is {expected}, this is {}", node.describe());
    Diagnostic::error("wrong-type", message).at(node.span)
}
