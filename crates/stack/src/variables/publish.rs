//! Making variables known to expressions, and checking their conditions.

use rbacform_core::{Diagnostic, Node, NodeKind, SourceMap, Text};

use super::{Assigned, Variables};
use crate::evaluation::Secrecy;
use crate::expression::Data;
use crate::link::{Allowed, Known, Links};
use crate::store::{Scope, Store};
use crate::workbench::Workbench;

/// Makes every variable known. One without a value was reported; what touches it is left out.
pub(crate) fn publish(
    variables: &Variables,
    assigned: &Assigned,
    store: &mut Store,
    known: &mut Known,
) {
    for (name, variable) in variables {
        let dotted = Text::from(format!("vars.{name}"));
        let value = assigned.values.get(name);
        store.set(dotted.clone(), value.map_or(Data::Broken, Data::from_node));
        if variable.sensitive {
            known.sensitive.insert(dotted.clone());
        }
        known.variables.insert(dotted);
    }
}

/// Hides the values of sensitive variables in the files they were written in: diagnostics show
/// lines of files.
pub(crate) fn hide(variables: &Variables, given: &[Node], sources: &mut SourceMap) {
    let sensitive = |name: &str| variables.get(name).is_some_and(|v| v.sensitive);
    for variable in variables.values().filter(|variable| variable.sensitive) {
        if let Some(default) = &variable.default {
            sources.mask(default.span);
        }
    }
    for entry in given.iter().flat_map(Node::entries) {
        if sensitive(&entry.key) {
            sources.mask(entry.node.span);
        }
    }
}

/// Evaluates every `validation`.
pub(crate) fn validate(
    variables: &Variables,
    assigned: &Assigned,
    store: &Store,
    known: &Known,
    bench: &mut Workbench,
) {
    let allowed = Allowed {
        sensitive: true,
        ..Allowed::default()
    };
    for (name, variable) in variables {
        for validation in &variable.validations {
            let mut condition = validation.condition.clone();
            let mut links = Links::default();
            bench
                .linker(known)
                .link(&mut condition, allowed, &mut links);
            let secrecy = match links.sensitive.is_empty() {
                true => Secrecy::Open,
                false => Secrecy::Secret,
            };
            let scope = Scope { store, each: None };
            let holds = bench.evaluation().node(&condition, &scope, secrecy);
            let Some(value) = assigned.values.get(name) else {
                continue;
            };
            bench.diagnostics.extend(match holds.kind {
                NodeKind::Bool(true) | NodeKind::Unknown => None,
                NodeKind::Bool(false) => {
                    let why = &validation.message;
                    let message = format!("the variable `{name}` is not valid: {why}");
                    Some(
                        Diagnostic::error("invalid-variable", message)
                            .at(value.span)
                            .related(condition.span, "this does not hold"),
                    )
                }
                _ => {
                    let message = format!("`condition` is a boolean, this is {}", holds.describe());
                    let error = Diagnostic::error("wrong-type", message).at(holds.span);
                    Some(error.help("write it as an expression: `\"${...}\"`"))
                }
            });
        }
    }
}
