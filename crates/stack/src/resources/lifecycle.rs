//! The `lifecycle` argument.

use rbacform_core::{Diagnostic, Lifecycle, Node, NodeKind, OnDestroy, Text, TypeSchema, hint};

use crate::document::unknown_key;

const KEYS: [&str; 3] = ["prevent_destroy", "ignore_changes", "on_destroy"];

/// Reads an evaluated `lifecycle`; what is wrong with it is left out.
pub(super) fn lifecycle(
    node: &Node,
    schema: &'static TypeSchema,
    diagnostics: &mut Vec<Diagnostic>,
) -> Lifecycle {
    let mut lifecycle = Lifecycle::default();
    if matches!(node.kind, NodeKind::Unknown) {
        return lifecycle;
    }
    if !matches!(node.kind, NodeKind::Map(_)) {
        diagnostics.push(wrong("lifecycle", "a map", node));
        return lifecycle;
    }
    for entry in node.entries() {
        let value = &entry.node;
        match entry.key.as_str() {
            _ if matches!(value.kind, NodeKind::Unknown) => {}
            "prevent_destroy" => match value.as_bool() {
                Some(flag) => lifecycle.prevent_destroy = flag,
                None => diagnostics.push(wrong("prevent_destroy", "a boolean", value)),
            },
            "on_destroy" => match value.as_str() {
                Some("delete") => lifecycle.on_destroy = Some(OnDestroy::Delete),
                Some("abandon") => lifecycle.on_destroy = Some(OnDestroy::Abandon),
                _ => diagnostics.push(
                    Diagnostic::error("invalid-value", "`on_destroy` is `delete` or `abandon`")
                        .at(value.span),
                ),
            },
            "ignore_changes" => {
                lifecycle.ignore_changes = ignore_changes(value, schema, diagnostics);
            }
            other => {
                diagnostics.push(unknown_key(other, entry.key_span, "`lifecycle`", KEYS));
            }
        }
    }
    lifecycle
}

fn ignore_changes(
    node: &Node,
    schema: &'static TypeSchema,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Text> {
    if !matches!(node.kind, NodeKind::List(_)) {
        diagnostics.push(wrong("ignore_changes", "a list of strings", node));
    }
    let mut paths = Vec::new();
    for item in node.items() {
        let Some(path) = item.as_str() else {
            diagnostics.push(wrong("ignore_changes", "a list of strings", item));
            continue;
        };
        let root = path.split(['.', '[']).next().unwrap_or_default();
        if schema.argument(root).is_some() {
            paths.push(path.into());
            continue;
        }
        let names = schema.arguments.iter().map(|argument| argument.name);
        let help = match hint::closest(root, names.clone()) {
            Some(closest) => format!("did you mean `{closest}`?"),
            None => format!("it has `{}`", names.collect::<Vec<_>>().join("`, `")),
        };
        let message = format!("`{}` has no argument `{root}` to ignore", schema.name);
        diagnostics.push(
            Diagnostic::error("unknown-argument", message)
                .at(item.span)
                .help(help),
        );
    }
    paths
}

fn wrong(name: &str, expected: &str, node: &Node) -> Diagnostic {
    let message = format!("`{name}` is {expected}, this is {}", node.describe());
    Diagnostic::error("wrong-type", message).at(node.span)
}
