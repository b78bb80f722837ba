//! What refers to what: blocks by number, and the blocks that each comes after.

use std::collections::{BTreeSet, HashMap, HashSet};

use rbacform_core::{Diagnostic, Text, hint};

use super::Block;
use crate::document::{Tables, check_name};
use crate::link::{Allowed, Known, Links, ResourceFacts};
use crate::providers::Settings;
use crate::resources::Declaration;
use crate::workbench::Workbench;

/// Numbers every block and makes the names of locals and resources known. Locals come first.
pub(super) fn name_blocks<'s>(
    locals: Tables,
    settings: Vec<Settings<'s>>,
    resources: Vec<Declaration<'s>>,
    known: &mut Known,
    bench: &mut Workbench,
) -> Vec<Block<'s>> {
    let mut blocks = Vec::with_capacity(locals.len() + settings.len() + resources.len());
    for (name, declared) in locals {
        let error = check_name(&name, declared.key_span, "local");
        bench.diagnostics.extend(error);
        let node = declared.node;
        blocks.push(Block::Local { name, node });
    }
    blocks.extend(settings.into_iter().map(Block::Settings));
    for declaration in resources {
        let facts = ResourceFacts {
            schema: declaration.known.map(|known| known.schema),
            exported: declaration
                .known
                .map_or(&[], |known| known.semantics.exported(known.schema)),
            keyed: declaration.for_each.is_some(),
        };
        known.resources.insert(blocks.len(), facts);
        blocks.push(Block::Resource(Box::new(declaration)));
    }
    for (index, block) in blocks.iter().enumerate() {
        if !matches!(block, Block::Settings(_)) {
            known.blocks.insert(block.dotted(), index);
        }
    }
    blocks
}

/// Links locals first: only then is it known which of them are sensitive.
pub(super) fn link_blocks(
    blocks: &mut [Block<'_>],
    known: &mut Known,
    bench: &mut Workbench,
) -> Vec<Links> {
    let mut links = Vec::with_capacity(blocks.len());
    for block in blocks.iter_mut() {
        let Block::Local { node, .. } = block else {
            break;
        };
        let allowed = Allowed {
            each: false,
            blocks: true,
            sensitive: true,
        };
        let mut found = Links::default();
        bench.linker(known).link(node, allowed, &mut found);
        links.push(found);
    }
    spread_sensitivity(blocks, &links, known);
    for block in blocks.iter_mut().skip(links.len()) {
        let declaration = match block {
            Block::Resource(declaration) => declaration,
            Block::Settings(settings) => {
                links.push(settings.link(&mut bench.linker(known)));
                continue;
            }
            Block::Local { .. } => continue,
        };
        let mut found = Links::default();
        let mut linker = bench.linker(known);
        let before = linker.diagnostics.len();
        let once = Allowed {
            each: false,
            blocks: true,
            sensitive: false,
        };
        let each = Allowed {
            each: declaration.for_each.is_some(),
            ..once
        };
        if let Some(node) = &mut declaration.for_each {
            linker.link(node, once, &mut found);
        }
        for node in [
            Some(&mut declaration.arguments),
            declaration.when.as_mut(),
            declaration.lifecycle.as_mut(),
        ]
        .into_iter()
        .flatten()
        {
            linker.link(node, each, &mut found);
        }
        let address = declaration.address();
        for diagnostic in linker.diagnostics.iter_mut().skip(before) {
            diagnostic.address = Some(address.to_string());
        }
        links.push(found);
    }
    links
}

/// A local over a sensitive value is sensitive, and so is a local over that one.
fn spread_sensitivity(blocks: &[Block<'_>], links: &[Links], known: &mut Known) {
    let mut sensitive: Vec<usize> = (0..links.len())
        .filter(|local| links.get(*local).is_some_and(|l| !l.sensitive.is_empty()))
        .collect();
    let mut marked: HashSet<usize> = sensitive.iter().copied().collect();
    while let Some(local) = sensitive.pop() {
        if let Some(block) = blocks.get(local) {
            known.sensitive.insert(block.dotted());
        }
        for (other, links) in links.iter().enumerate() {
            if links.blocks.contains(&local) && marked.insert(other) {
                sensitive.push(other);
            }
        }
    }
}

/// A resource comes after its provider's settings: they give it what it leaves out.
pub(super) fn add_settings(blocks: &[Block<'_>], references: &mut [BTreeSet<usize>]) {
    let settings: HashMap<&str, usize> = blocks
        .iter()
        .enumerate()
        .filter_map(|(index, block)| match block {
            Block::Settings(settings) => Some((settings.provider(), index)),
            _ => None,
        })
        .collect();
    for (block, references) in blocks.iter().zip(references) {
        if let Block::Resource(declaration) = block
            && let Some(known) = declaration.known
        {
            references.extend(settings.get(known.semantics.provider()));
        }
    }
}

/// Adds what `depends_on` names, which must be declared.
pub(super) fn add_explicit(
    blocks: &[Block<'_>],
    known: &Known,
    references: &mut [BTreeSet<usize>],
    bench: &mut Workbench,
) {
    for (block, references) in blocks.iter().zip(references) {
        let Block::Resource(declaration) = block else {
            continue;
        };
        for (named, span) in &declaration.depends_on {
            let dotted = Text::from(format!("{}.{}", named.type_name, named.name));
            if let Some(index) = known.blocks.get(&dotted) {
                references.insert(*index);
                continue;
            }
            let mut names: Vec<&str> = known.blocks.keys().map(Text::as_str).collect();
            names.sort_unstable();
            let closest = hint::closest(&dotted, names);
            bench.diagnostics.push(
                Diagnostic::error(
                    "undeclared-reference",
                    format!("nothing is called `{dotted}`"),
                )
                .at(*span)
                .address(declaration.address())
                .maybe_help(closest.map(|closest| format!("did you mean `{closest}`?"))),
            );
        }
    }
}

/// Blocks that refer to each other, or one to itself.
pub(super) fn circular(circle: &[usize], blocks: &[Block<'_>]) -> Diagnostic {
    let along = circle.iter().filter_map(|index| blocks.get(*index));
    let mut names: Vec<String> = along.clone().map(|b| format!("`{}`", b.dotted())).collect();
    names.extend(names.first().cloned());
    // A circle may be long; its beginning says enough.
    if names.len() > 12 {
        names.truncate(11);
        names.push("…".to_owned());
    }
    let message = match names.as_slice() {
        [one, _] => format!("{one} refers to itself"),
        _ => format!(
            "these refer to each other in a circle: {}",
            names.join(" → ")
        ),
    };
    let mut spans = along.map(Block::span);
    let error = Diagnostic::error("cycle", message);
    let error = spans.next().map_or(error.clone(), |span| error.at(span));
    spans
        .take(10)
        .fold(error, |error, span| error.related(span, "and this one"))
}
