//! `[[assert]]`: what must hold of access.

mod claim;
mod read;

use rbacform_core::assertion::ARGUMENTS;
use rbacform_core::{Assertion, Diagnostic, Node, NodeKind, Semantics, Span, Text};

use crate::document::not_a_table;
use crate::evaluation::{Evaluation, Secrecy};
use crate::expression::Data;
use crate::link::{Allowed, Linker, Links};
use crate::resources::{check_arguments, elements, is_declared};
use crate::store::{Scope, Store};

/// Past this many problems the other instances of an assertion are not looked at.
const MOST_PROBLEMS: usize = 20;

/// One `[[assert]]` as written.
pub(crate) struct Block {
    /// Its header.
    span: Span,
    /// Its own arguments, a map.
    arguments: Node,
    for_each: Option<Node>,
    when: Option<Node>,
}

/// The assertions of all files, in the order written.
pub(crate) fn declare(tables: Vec<Node>, diagnostics: &mut Vec<Diagnostic>) -> Vec<Block> {
    let mut blocks = Vec::with_capacity(tables.len());
    for mut arguments in tables {
        let NodeKind::Map(entries) = &mut arguments.kind else {
            diagnostics.push(not_a_table("assert", &arguments).help("write `[[assert]]`"));
            continue;
        };
        let mut take = |name: &str| {
            let place = entries.iter().position(|entry| entry.key == name)?;
            Some(entries.remove(place).node)
        };
        let (for_each, when) = (take("for_each"), take("when"));
        blocks.push(Block {
            span: arguments.span,
            arguments,
            for_each,
            when,
        });
    }
    blocks
}

/// Links every assertion; gives what they refer to.
pub(crate) fn link(blocks: &mut [Block], linker: &mut Linker<'_>) -> Links {
    let mut links = Links::default();
    let once = Allowed {
        each: false,
        blocks: true,
        sensitive: false,
    };
    for block in blocks {
        let each = Allowed {
            each: block.for_each.is_some(),
            ..once
        };
        if let Some(node) = &mut block.for_each {
            linker.link(node, once, &mut links);
        }
        for node in std::iter::once(&mut block.arguments).chain(&mut block.when) {
            linker.link(node, each, &mut links);
        }
    }
    links
}

/// What they come to: one assertion for each key of a `for_each`. What is wrong is reported and
/// left out.
pub(crate) fn evaluate(
    blocks: &[Block],
    store: &Store,
    semantics: &[&dyn Semantics],
    evaluation: &mut Evaluation<'_>,
) -> Vec<Assertion> {
    let mut found = Vec::new();
    for block in blocks {
        let Some(raw) = &block.for_each else {
            let scope = Scope { store, each: None };
            found.extend(instance(block, None, &scope, semantics, evaluation));
            continue;
        };
        let before = evaluation.diagnostics.len();
        let Some(elements) = elements(raw, store, evaluation) else {
            continue;
        };
        // With `when` it is said that it may rest.
        if elements.is_empty() && block.when.is_none() {
            evaluation.diagnostics.push(of_nobody(block, raw.span));
        }
        for each in elements {
            let key = match &each.key {
                Data::String(key) => Some(key.clone()),
                _ => None,
            };
            let scope = Scope {
                store,
                each: Some(&each),
            };
            found.extend(instance(block, key.as_ref(), &scope, semantics, evaluation));
            if evaluation.diagnostics.len() - before >= MOST_PROBLEMS {
                break;
            }
        }
    }
    check_names(&found, evaluation.diagnostics);
    found
}

/// A test of nothing holds of anything.
fn of_nobody(block: &Block, span: Span) -> Diagnostic {
    let name = block.arguments.get("name").and_then(Node::as_str);
    let name = name.map_or(String::new(), |name| format!(" `{name}`"));
    let message = format!("the assertion{name} tests nothing: its `for_each` is empty");
    Diagnostic::warning("empty-assertion", message)
        .at(span)
        .help("name what it is for; where it may rest, say so with `when`")
}

fn instance(
    block: &Block,
    key: Option<&Text>,
    scope: &Scope<'_>,
    semantics: &[&dyn Semantics],
    evaluation: &mut Evaluation<'_>,
) -> Option<Assertion> {
    if !is_declared(block.when.as_ref(), scope, evaluation)? {
        return None;
    }
    let mut arguments = evaluation.node(&block.arguments, scope, Secrecy::Open);
    check_arguments(
        &mut arguments,
        &ARGUMENTS,
        "`[[assert]]`",
        block.span,
        evaluation.diagnostics,
    );
    read::read(
        &arguments,
        key,
        block.span,
        semantics,
        evaluation.diagnostics,
    )
}

/// Two assertions of one name could not be told apart.
fn check_names(found: &[Assertion], diagnostics: &mut Vec<Diagnostic>) {
    let mut seen = std::collections::BTreeMap::new();
    for assertion in found {
        if let Some(first) = seen.insert(&assertion.name, assertion.places.whole) {
            let message = format!("the assertion `{}` is declared twice", assertion.name);
            diagnostics.push(
                Diagnostic::error("duplicate-declaration", message)
                    .at(assertion.places.whole)
                    .related(first, "first declared here"),
            );
        }
    }
}
