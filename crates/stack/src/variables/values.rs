//! Giving variables their values: default, then `NAME.vars.toml`, `--vars`, the environment,
//! `--var`; the last one wins.

use std::collections::BTreeMap;

use rbacform_core::{Diagnostic, FileId, Location, Node, NodeKind, Span, Text, hint};

use super::{Kind, Variables};
use crate::toml_tree;

/// What was given from outside.
#[derive(Default)]
pub(crate) struct Given {
    values: BTreeMap<Text, Node>,
    /// Variables with a value that was given but is no good: their absence needs no second error.
    spoilt: Vec<Text>,
    /// Whether a file could not be read, so that what it gives is not known.
    pub(crate) incomplete: bool,
    /// Whether to leave alone what is not sensitive.
    pub(crate) only_sensitive: bool,
}

/// The values of variables, and those given from outside as `--var` takes them.
#[derive(Default)]
pub(crate) struct Assigned {
    pub(crate) values: BTreeMap<Text, Node>,
    pub(crate) recorded: BTreeMap<String, String>,
}

impl Given {
    /// Values from a file of variables: its keys are their names.
    pub(crate) fn file(
        &mut self,
        root: Node,
        variables: &Variables,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        let NodeKind::Map(entries) = root.kind else {
            return;
        };
        for entry in entries {
            if self.leaves(&entry.key, variables) {
                continue;
            }
            let Some(variable) = variables.get(&entry.key) else {
                let error = unknown(&entry.key, variables).at(entry.key_span);
                diagnostics.push(error);
                continue;
            };
            let before = diagnostics.len();
            variable.kind.check(&entry.node, &entry.key, diagnostics);
            if diagnostics.len() > before {
                self.spoilt.push(entry.key.clone());
            }
            self.values.insert(entry.key, entry.node);
        }
    }

    /// A value from `--var` or the environment; `from` names it, e.g. `--var region`.
    pub(crate) fn text(
        &mut self,
        name: &str,
        text: &str,
        from: &str,
        variables: &Variables,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        if self.leaves(name, variables) {
            return;
        }
        let place = Location {
            file: from.to_owned(),
            line: 1,
            column: 1,
        };
        let Some(variable) = variables.get(name) else {
            diagnostics.push(unknown(name, variables).in_file(place));
            return;
        };
        let Some(node) = read(text, &variable.kind, variable.span) else {
            self.spoilt.push(name.into());
            let message = format!(
                "the variable `{name}` takes `{}`, and this cannot be read as such",
                variable.kind
            );
            diagnostics.push(
                Diagnostic::error("wrong-type", message)
                    .in_file(place)
                    .related(variable.span, "declared here")
                    .help(
                        "values that are no strings are written as in TOML, e.g. `[\"a\", \"b\"]`",
                    ),
            );
            return;
        };
        let mut wrong = Vec::new();
        variable.kind.check(&node, name, &mut wrong);
        if !wrong.is_empty() {
            self.spoilt.push(name.into());
        }
        diagnostics.extend(wrong.into_iter().map(|error| {
            let error = error.in_file(place.clone());
            error.related(variable.span, "declared here")
        }));
        self.values.insert(name.into(), node);
    }

    fn leaves(&self, name: &str, variables: &Variables) -> bool {
        let sensitive = variables
            .get(name)
            .is_some_and(|variable| variable.sensitive);
        self.only_sensitive && !sensitive
    }
}

/// The value of every variable. One without any is an error.
pub(crate) fn assign(
    given: Given,
    variables: &Variables,
    diagnostics: &mut Vec<Diagnostic>,
) -> Assigned {
    let mut assigned = Assigned::default();
    let mut values = given.values;
    for (name, variable) in variables {
        let spoilt = given.spoilt.contains(name);
        let value = match values.remove(name) {
            Some(_) if spoilt => None,
            Some(node) => {
                if !variable.sensitive {
                    let text = write(&node, &variable.kind);
                    assigned.recorded.insert(name.to_string(), text);
                }
                Some(node)
            }
            None => variable.default.clone(),
        };
        match value {
            Some(node) => {
                assigned.values.insert(name.clone(), node);
            }
            None if spoilt || variable.spoilt || given.incomplete => {}
            None => diagnostics.push(missing(name, variable.span, variable.sensitive)),
        }
    }
    assigned
}

fn missing(name: &str, span: Span, sensitive: bool) -> Diagnostic {
    let help = if sensitive {
        format!("set `RBACFORM_VAR_{name}` in the environment, or give a `--vars` file")
    } else {
        format!("give `--var {name}=...`, a `--vars` file, or `RBACFORM_VAR_{name}`")
    };
    Diagnostic::error(
        "missing-variable",
        format!("the variable `{name}` has no value"),
    )
    .at(span)
    .help(help)
}

fn unknown(name: &str, variables: &Variables) -> Diagnostic {
    let closest = hint::closest(name, variables.keys().map(Text::as_str));
    let help = match closest {
        Some(closest) => format!("did you mean `{closest}`?"),
        None => format!("declare it as `[variables.{name}]`, or leave it out"),
    };
    Diagnostic::error(
        "unknown-variable",
        format!("no variable is called `{name}`"),
    )
    .help(help)
}

/// A value from text, with the span of the declaration.
fn read(text: &str, kind: &Kind, span: Span) -> Option<Node> {
    let string = || Node {
        kind: NodeKind::String(text.into()),
        span,
    };
    if *kind == Kind::String {
        return Some(string());
    }
    match toml_tree::parse_value(FileId::default(), text) {
        Some(mut node) => {
            place(&mut node, span);
            Some(node)
        }
        None if *kind == Kind::Any => Some(string()),
        None => None,
    }
}

fn place(node: &mut Node, span: Span) {
    node.span = span;
    match &mut node.kind {
        NodeKind::List(items) => items.iter_mut().for_each(|item| place(item, span)),
        NodeKind::Map(entries) => entries.iter_mut().for_each(|entry| {
            entry.key_span = span;
            place(&mut entry.node, span);
        }),
        _ => {}
    }
}

/// The text that [`read`] gives the same value for.
fn write(node: &Node, kind: &Kind) -> String {
    match (&node.kind, kind) {
        (NodeKind::String(text), Kind::String) => text.to_string(),
        _ => {
            let mut text = String::new();
            write_toml(node, &mut text);
            text
        }
    }
}

fn write_toml(node: &Node, out: &mut String) {
    match &node.kind {
        NodeKind::List(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                write_toml(item, out);
            }
            out.push(']');
        }
        NodeKind::Map(entries) => {
            out.push('{');
            for (index, entry) in entries.iter().enumerate() {
                out.push_str(if index > 0 { ", " } else { " " });
                out.push_str(&quoted(&entry.key));
                out.push_str(" = ");
                write_toml(&entry.node, out);
            }
            out.push_str(" }");
        }
        NodeKind::String(text) => out.push_str(&quoted(text)),
        NodeKind::Bool(flag) => out.push_str(&flag.to_string()),
        NodeKind::Int(number) => out.push_str(&number.to_string()),
        NodeKind::Float(number) => out.push_str(&format!("{number:?}")),
        _ => out.push_str("\"\""),
    }
}

/// A TOML basic string: JSON's, but for DEL, which TOML wants escaped.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text)
        .to_string()
        .replace('\u{7f}', "\\u007F")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_recorded_reads_back_the_same() {
        let (root, errors) = toml_tree::parse(
            FileId(0),
            "a = [1, 2.5, 1e30, true, \"x\\n\\u0001\\u007F\\\"\", { \"k y\" = [] }]\nb = \"5\"\n",
        );
        assert!(errors.is_empty());
        for entry in root.entries() {
            for kind in [Kind::Any, Kind::of(&entry.node)] {
                let text = write(&entry.node, &kind);
                let read = read(&text, &kind, Span::default()).unwrap();
                assert_eq!(read.to_value(), entry.node.to_value(), "{text}");
            }
        }
    }
}
