//! `[policy]`: which findings refuse a plan, and which single ones are let through.

use rbacform_core::policy::{Gate, Policy, PolicyException};
use rbacform_core::{Address, Diagnostic, Node, NodeKind, Text};

use crate::document::{not_a_table, unknown_key};

const KEYS: [&str; 2] = ["refuse", "exception"];
const EXCEPTION: [&str; 4] = ["code", "address", "reason", "until"];

/// Reads the evaluated `[policy]` tables of all files. What is wrong is reported and left out.
pub(crate) fn read(tables: &[Node], diagnostics: &mut Vec<Diagnostic>) -> Policy {
    let mut policy = Policy::default();
    for table in tables {
        if !matches!(table.kind, NodeKind::Map(_)) {
            diagnostics.push(not_a_table("policy", table));
        }
        for entry in table.entries() {
            match entry.key.as_str() {
                "refuse" => policy.refuse.extend(refuse(&entry.node, diagnostics)),
                "exception" => {
                    for item in exceptions(&entry.node, diagnostics) {
                        policy.exceptions.extend(exception(item, diagnostics));
                    }
                }
                other => {
                    diagnostics.push(unknown_key(other, entry.key_span, "`[policy]`", KEYS));
                }
            }
        }
    }
    policy
}

fn refuse(node: &Node, diagnostics: &mut Vec<Diagnostic>) -> Vec<Gate> {
    if !matches!(node.kind, NodeKind::List(_) | NodeKind::Unknown) {
        diagnostics.push(wrong_type("refuse", "a list of codes of findings", node));
    }
    let mut gates = Vec::new();
    for item in node.items() {
        match item.as_str() {
            Some(code) => gates.push(Gate {
                code: code.into(),
                span: item.span,
            }),
            None if matches!(item.kind, NodeKind::Unknown) => {}
            None => diagnostics.push(wrong_type("refuse", "a list of codes of findings", item)),
        }
    }
    gates
}

fn exceptions<'n>(node: &'n Node, diagnostics: &mut Vec<Diagnostic>) -> &'n [Node] {
    if !matches!(node.kind, NodeKind::List(_)) {
        let error = wrong_type("exception", "a list of tables", node);
        diagnostics.push(error.help("write `[[policy.exception]]`"));
    }
    node.items()
}

/// One `[[policy.exception]]`; none where something is wrong with it.
fn exception(node: &Node, diagnostics: &mut Vec<Diagnostic>) -> Option<PolicyException> {
    let before = diagnostics.len();
    if !matches!(node.kind, NodeKind::Map(_)) {
        diagnostics.push(not_a_table("exception", node));
        return None;
    }
    for entry in node.entries() {
        if !EXCEPTION.contains(&entry.key.as_str()) {
            let of = "`[[policy.exception]]`";
            diagnostics.push(unknown_key(&entry.key, entry.key_span, of, EXCEPTION));
        }
    }
    let code = text(node, "code", diagnostics).map(Text::from);
    let reason = text(node, "reason", diagnostics).map(str::to_owned);
    let address = text(node, "address", diagnostics).and_then(|written| {
        let parsed = written.parse::<Address>();
        let place = node.get("address").map_or(node.span, |node| node.span);
        parsed
            .map_err(|error| {
                diagnostics.push(Diagnostic::error("invalid-address", error.to_string()).at(place));
            })
            .ok()
    });
    let until = node.get("until").and_then(|node| moment(node, diagnostics));
    if diagnostics.len() > before {
        return None;
    }
    Some(PolicyException {
        code: code?,
        address: address?,
        reason: reason?,
        until,
        span: node.span,
    })
}

/// A key that must be there, with a text that says something.
fn text<'n>(node: &'n Node, key: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<&'n str> {
    let Some(found) = node.get(key) else {
        let message = format!("an exception needs `{key}`");
        diagnostics.push(
            Diagnostic::error("missing-argument", message)
                .at(node.span)
                .help("it lets one finding (`code`) of one resource (`address`) pass, and says why (`reason`)"),
        );
        return None;
    };
    match found.as_str() {
        Some(text) if !text.trim().is_empty() => Some(text),
        Some(_) => {
            let message = format!("`{key}` is empty");
            diagnostics.push(Diagnostic::error("invalid-value", message).at(found.span));
            None
        }
        None => {
            if !matches!(found.kind, NodeKind::Unknown) {
                diagnostics.push(wrong_type(key, "a string", found));
            }
            None
        }
    }
}

/// A moment, in seconds since 1970.
fn moment(node: &Node, diagnostics: &mut Vec<Diagnostic>) -> Option<i64> {
    let parsed = node.as_str().map(str::parse::<jiff::Timestamp>);
    match parsed {
        Some(Ok(moment)) => return Some(moment.as_second()),
        _ if matches!(node.kind, NodeKind::Unknown) => {}
        _ => diagnostics.push(
            Diagnostic::error("invalid-time", "`until` is a moment")
                .at(node.span)
                .help("write it like `2027-07-01T00:00:00Z`"),
        ),
    }
    None
}

fn wrong_type(key: &str, expected: &str, node: &Node) -> Diagnostic {
    let message = format!("`{key}` is {expected}, this is {}", node.describe());
    Diagnostic::error("wrong-type", message).at(node.span)
}
