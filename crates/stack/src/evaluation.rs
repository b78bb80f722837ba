//! Evaluating trees of nodes: every string with expressions becomes its value.

use rbacform_core::{Diagnostic, Entry, Node, NodeKind, SourceMap, Span, Text, hint};

use crate::expression::{Compiler, Data, Evaluator, Failure, Key, Program, Target, has_expression};
use crate::place::{mention_span, program_span};
use crate::store::Scope;

pub(crate) struct Evaluation<'a> {
    pub(crate) compiler: &'a mut Compiler,
    pub(crate) evaluator: &'a Evaluator,
    pub(crate) sources: &'a SourceMap,
    pub(crate) diagnostics: &'a mut Vec<Diagnostic>,
    /// Whether a value may be known only after apply: an output's may.
    pub(crate) may_come_later: bool,
}

/// Who may see the values: an error about secret ones quotes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Secrecy {
    Open,
    Secret,
}

impl Evaluation<'_> {
    /// The value of a linked tree. What cannot be evaluated is reported and becomes unknown.
    pub(crate) fn node(&mut self, raw: &Node, scope: &Scope<'_>, secrecy: Secrecy) -> Node {
        let kind = match &raw.kind {
            NodeKind::String(text) if has_expression(text) => {
                return self.string(text, raw.span, scope, secrecy);
            }
            NodeKind::List(items) => {
                let items = items.iter().map(|item| self.node(item, scope, secrecy));
                NodeKind::List(items.collect())
            }
            NodeKind::Map(entries) => NodeKind::Map(
                entries
                    .iter()
                    .map(|entry| Entry {
                        key: entry.key.clone(),
                        key_span: entry.key_span,
                        node: self.node(&entry.node, scope, secrecy),
                    })
                    .collect(),
            ),
            other => other.clone(),
        };
        Node {
            kind,
            span: raw.span,
        }
    }

    fn string(&mut self, text: &str, span: Span, scope: &Scope<'_>, secrecy: Secrecy) -> Node {
        let unknown = Node {
            kind: NodeKind::Unknown,
            span,
        };
        // Linking reported what does not compile and put something else in its place.
        let Ok(template) = self.compiler.template(text) else {
            return unknown;
        };
        match self.evaluator.template(&template, scope) {
            Ok(data) => data.to_node(span),
            Err((_, Failure::Broken)) => unknown,
            Err((_, Failure::Later(_))) if self.may_come_later => unknown,
            Err((program, Failure::Later(named))) => {
                let place = program_span(self.sources, span, program);
                let message = format!("{named} is known only after apply");
                self.diagnostics.push(
                    Diagnostic::error("known-after-apply", message)
                        .at(place)
                        .help(
                            "apply what it belongs to first, with `--target`; an output may hold it at any time",
                        ),
                );
                unknown
            }
            Err((program, _)) if secrecy == Secrecy::Secret => {
                let message = "the expression cannot be evaluated with the sensitive values it has";
                let place = program_span(self.sources, span, program);
                self.diagnostics
                    .push(Diagnostic::error("evaluation", message).at(place));
                unknown
            }
            Err((program, Failure::Message(message))) => {
                let place = program_span(self.sources, span, program);
                let message = format!("the expression fails: {message}");
                self.diagnostics
                    .push(Diagnostic::error("evaluation", message).at(place));
                unknown
            }
            Err((program, Failure::NoSuchKey(key))) => {
                let instance = missing_instance(program, &key, scope);
                let error = match instance {
                    Some((dotted, help)) => {
                        let wanted = |target: &Target| is_resource(target, &dotted);
                        let place = mention_span(self.sources, span, &template, wanted);
                        let message = format!("`{dotted}` has no instance `{key}`");
                        Diagnostic::error("missing-instance", message)
                            .at(place.unwrap_or(span))
                            .maybe_help(help)
                    }
                    None => {
                        let message = format!("the expression fails: there is no key `{key}`");
                        let place = program_span(self.sources, span, program);
                        Diagnostic::error("evaluation", message).at(place)
                    }
                };
                self.diagnostics.push(error);
                unknown
            }
        }
    }
}

fn is_resource(target: &Target, dotted: &str) -> bool {
    matches!(target, Target::Resource { type_name, name, .. }
        if dotted == format!("{type_name}.{name}"))
}

/// The resource of a program that has no instance of that key, and a hint at the one meant.
fn missing_instance(
    program: &Program,
    key: &str,
    scope: &Scope<'_>,
) -> Option<(Text, Option<String>)> {
    program.mentions.iter().find_map(|mention| {
        let Target::Resource {
            type_name,
            name,
            key: written,
            ..
        } = &mention.target
        else {
            return None;
        };
        let each = scope.each.map(|each| &each.key);
        let same = match written {
            Key::Literal(literal) => literal == key,
            Key::Each => matches!(each, Some(Data::String(each)) if each == key),
            Key::Computed => true,
            Key::None => false,
        };
        let dotted = Text::from(format!("{type_name}.{name}"));
        let Some(Data::Map(map)) = scope.store.get(&dotted) else {
            return None;
        };
        if !same || map.get(key).is_some() {
            return None;
        }
        let keys = map.entries().iter().map(|(key, _)| key.as_str());
        let help = match hint::closest(key, keys.clone()) {
            Some(closest) => Some(format!("did you mean `{closest}`?")),
            None if map.entries().len() > 10 => None,
            None => Some(format!(
                "it has `{}`",
                keys.collect::<Vec<_>>().join("`, `")
            )),
        };
        Some((dotted, help.filter(|_| !map.entries().is_empty())))
    })
}
