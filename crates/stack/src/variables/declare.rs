//! Reading `[variables.NAME]`.

use rbacform_core::{Diagnostic, Entry, Node, NodeKind, Text};

use super::{Kind, Validation, Variable, Variables};
use crate::document::{Tables, check_name, not_a_table, unknown_key};
use crate::expression::has_expression;

const KEYS: [&str; 5] = ["type", "default", "description", "validation", "sensitive"];

/// The variables of a document.
pub(crate) fn declare(tables: Tables, diagnostics: &mut Vec<Diagnostic>) -> Variables {
    let mut variables = Variables::new();
    for (name, declared) in tables {
        if let Some(error) = check_name(&name, declared.key_span, "variable") {
            diagnostics.push(error);
            continue;
        }
        let mut variable = Variable {
            span: declared.key_span,
            kind: Kind::Any,
            default: None,
            sensitive: false,
            validations: Vec::new(),
            spoilt: false,
        };
        let before = diagnostics.len();
        match declared.node.kind {
            NodeKind::Map(entries) => fill(&mut variable, &name, entries, diagnostics),
            _ => diagnostics.push(not_a_table(&name, &declared.node).help(format!(
                "write `[variables.{name}]` and in it `default = ...`"
            ))),
        }
        variable.spoilt = diagnostics.len() > before;
        variables.insert(name, variable);
    }
    variables
}

fn fill(
    variable: &mut Variable,
    name: &str,
    entries: Vec<Entry>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut typed = false;
    for entry in entries {
        let node = entry.node;
        match entry.key.as_str() {
            "type" => match node.as_str().map(str::parse) {
                Some(Ok(kind)) => {
                    variable.kind = kind;
                    typed = true;
                }
                _ => diagnostics.push(
                    Diagnostic::error("invalid-type", "this is no type of a variable")
                        .at(node.span)
                        .help(
                            "types are `string`, `bool`, `int`, `number`, `any`, `list(TYPE)` \
                             and `map(TYPE)`, in quotes",
                        ),
                ),
            },
            "default" => match expression(&node) {
                Some(found) => diagnostics.push(
                    Diagnostic::error(
                        "constant-only",
                        "a default is a plain value, not an expression",
                    )
                    .at(found.span)
                    .help("compute it in `[locals]`"),
                ),
                None => variable.default = Some(node),
            },
            "description" => {
                if node.as_str().is_none() {
                    diagnostics.push(wrong_type("description", "a string", &node));
                }
            }
            "sensitive" => match node.as_bool() {
                Some(flag) => variable.sensitive = flag,
                None => diagnostics.push(wrong_type("sensitive", "a boolean", &node)),
            },
            "validation" => validations(variable, node, diagnostics),
            other => {
                let of = format!("the variable `{name}`");
                diagnostics.push(unknown_key(other, entry.key_span, &of, KEYS));
            }
        }
    }
    // An empty one is nobody's secret.
    let told = |default: &&Node| default.as_str() != Some("");
    if let (true, Some(default)) = (variable.sensitive, variable.default.as_ref().filter(told)) {
        let message = format!("`{name}` is sensitive, and its default stands in a stack file");
        diagnostics.push(
            Diagnostic::error("credential-in-stack", message)
                .at(default.span)
                .help(format!(
                    "leave the default out and set `RBACFORM_VAR_{name}`; revoke this one if it was real"
                )),
        );
    }
    if let Some(default) = &variable.default {
        if typed {
            variable.kind.check(default, name, diagnostics);
        } else {
            variable.kind = Kind::of(default);
        }
    }
}

fn validations(variable: &mut Variable, node: Node, diagnostics: &mut Vec<Diagnostic>) {
    let items = match node.kind {
        NodeKind::List(items) => items,
        _ => vec![node],
    };
    for item in items {
        for entry in item.entries() {
            if !["condition", "message"].contains(&entry.key.as_str()) {
                diagnostics.push(unknown_key(
                    &entry.key,
                    entry.key_span,
                    "a validation",
                    ["condition", "message"],
                ));
            }
        }
        match (
            item.get("condition"),
            item.get("message").and_then(Node::as_str),
        ) {
            (Some(condition), Some(message)) => variable.validations.push(Validation {
                condition: condition.clone(),
                message: Text::from(message),
            }),
            _ => diagnostics.push(
                Diagnostic::error(
                    "missing-argument",
                    "a validation has a `condition` and a `message`",
                )
                .at(item.span)
                .help("write `{ condition = \"${vars.x > 0}\", message = \"x is positive\" }`"),
            ),
        }
    }
}

fn wrong_type(name: &str, expected: &str, node: &Node) -> Diagnostic {
    let message = format!("`{name}` is {expected}, this is {}", node.describe());
    Diagnostic::error("wrong-type", message).at(node.span)
}

/// The first part of a node that is an expression.
fn expression(node: &Node) -> Option<&Node> {
    match &node.kind {
        NodeKind::String(text) => has_expression(text).then_some(node),
        NodeKind::List(items) => items.iter().find_map(expression),
        NodeKind::Map(entries) => entries.iter().find_map(|entry| expression(&entry.node)),
        _ => None,
    }
}
