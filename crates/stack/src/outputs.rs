//! `[outputs.NAME]`.

use std::collections::BTreeMap;

use rbacform_core::{Diagnostic, Node, NodeKind, Text, Value};

use crate::document::{Tables, check_name, not_a_table, unknown_key};
use crate::evaluation::{Evaluation, Secrecy};
use crate::link::{Allowed, Linker, Links};
use crate::store::{Scope, Store};

const KEYS: [&str; 2] = ["value", "description"];

/// The values of outputs before they are evaluated.
pub(crate) type Outputs = BTreeMap<Text, Node>;

pub(crate) fn declare(tables: Tables, diagnostics: &mut Vec<Diagnostic>) -> Outputs {
    let mut outputs = Outputs::new();
    for (name, declared) in tables {
        diagnostics.extend(check_name(&name, declared.key_span, "output"));
        let header = declared.node.span;
        let NodeKind::Map(entries) = declared.node.kind else {
            let help = format!("write `[outputs.{name}]` and in it `value = ...`");
            diagnostics.push(not_a_table(&name, &declared.node).help(help));
            continue;
        };
        let mut value = None;
        for entry in entries {
            match entry.key.as_str() {
                "value" => value = Some(entry.node),
                "description" if entry.node.as_str().is_some() => {}
                "description" => {
                    let message = format!(
                        "`description` is a string, this is {}",
                        entry.node.describe()
                    );
                    diagnostics.push(Diagnostic::error("wrong-type", message).at(entry.node.span));
                }
                other => {
                    let of = format!("the output `{name}`");
                    diagnostics.push(unknown_key(other, entry.key_span, &of, KEYS));
                }
            }
        }
        match value {
            Some(value) => {
                outputs.insert(name, value);
            }
            None => {
                let message = format!("the output `{name}` needs `value`");
                diagnostics.push(Diagnostic::error("missing-argument", message).at(header));
            }
        }
    }
    outputs
}

/// Links every output; gives what they refer to.
pub(crate) fn link(outputs: &mut Outputs, linker: &mut Linker<'_>) -> Links {
    let allowed = Allowed {
        each: false,
        blocks: true,
        sensitive: false,
    };
    let mut links = Links::default();
    for node in outputs.values_mut() {
        linker.link(node, allowed, &mut links);
    }
    links
}

pub(crate) fn evaluate(
    outputs: &Outputs,
    store: &Store,
    evaluation: &mut Evaluation<'_>,
) -> BTreeMap<String, Value> {
    let scope = Scope { store, each: None };
    evaluation.may_come_later = true;
    outputs
        .iter()
        .map(|(name, raw)| {
            let node = evaluation.node(raw, &scope, Secrecy::Open);
            (name.to_string(), node.to_value())
        })
        .collect()
}
