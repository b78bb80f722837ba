//! The `lifecycle` argument.

use rbacform_core::{
    Diagnostic, Lifecycle, Node, NodeKind, OnDestroy, Text, TypeSchema, compare, hint,
};

use super::declare::KnownType;
use crate::document::unknown_key;

const KEYS: [&str; 3] = ["prevent_destroy", "ignore_changes", "on_destroy"];

/// Reads an evaluated `lifecycle`; what is wrong with it is left out.
pub(super) fn lifecycle(
    node: &Node,
    known: &KnownType<'_>,
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
                lifecycle.ignore_changes = ignore_changes(value, known, diagnostics);
            }
            other => {
                diagnostics.push(unknown_key(other, entry.key_span, "`lifecycle`", KEYS));
            }
        }
    }
    lifecycle
}

/// The attributes that stay as they are. Arguments name them: `labels`, or one key of such a map,
/// `labels.example.com/team`.
fn ignore_changes(
    node: &Node,
    known: &KnownType<'_>,
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
        let (argument, key) = compare::split_path(path);
        if known.schema.argument(argument).is_none() {
            diagnostics.push(no_argument(argument, known.schema).at(item.span));
            continue;
        }
        match known.semantics.ignored_paths(known.schema, argument, key) {
            Some(attributes) => paths.extend(attributes),
            None => diagnostics.push(not_ignorable(path, known.schema).at(item.span)),
        }
    }
    paths
}

fn no_argument(argument: &str, schema: &TypeSchema) -> Diagnostic {
    let names = schema.arguments.iter().map(|argument| argument.name);
    let help = match hint::closest(argument, names.clone()) {
        Some(closest) => format!("did you mean `{closest}`?"),
        None => format!("it has `{}`", names.collect::<Vec<_>>().join("`, `")),
    };
    let message = format!("`{}` has no argument `{argument}` to ignore", schema.name);
    Diagnostic::error("unknown-argument", message).help(help)
}

fn not_ignorable(path: &str, schema: &TypeSchema) -> Diagnostic {
    let message = format!(
        "changes of `{path}` of a `{}` cannot be ignored",
        schema.name
    );
    Diagnostic::error("invalid-value", message).help(
        "name a whole argument that the object keeps as an attribute (`rules`, `subjects`), or one \
         label or annotation (`labels.example.com/team`)",
    )
}

fn wrong(name: &str, expected: &str, node: &Node) -> Diagnostic {
    let message = format!("`{name}` is {expected}, this is {}", node.describe());
    Diagnostic::error("wrong-type", message).at(node.span)
}
