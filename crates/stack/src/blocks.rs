//! Blocks: locals and resources, evaluated in the order of their references.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use rbacform_core::{
    Address, Assertion, DesiredResource, Diagnostic, Node, ObjectId, Text, Value, hint,
};

use crate::assertions;
use crate::document::{Tables, check_name};
use crate::evaluation::Secrecy;
use crate::expression::Data;
use crate::graph;
use crate::link::{Allowed, Known, Links, ResourceFacts};
use crate::outputs::{self, Outputs};
use crate::providers::Settings;
use crate::resources::{self, Declaration, Surroundings};
use crate::store::{Scope, Store};
use crate::workbench::Workbench;
use crate::{Ids, LoadInput, ProviderSettings};

/// Everything that has expressions.
pub(crate) struct Declared<'s> {
    pub(crate) locals: Tables,
    pub(crate) resources: Vec<Declaration<'s>>,
    pub(crate) settings: Vec<Settings<'s>>,
    pub(crate) outputs: Outputs,
    /// `[[manifests]]`, each a table.
    pub(crate) manifests: Vec<Node>,
    pub(crate) assertions: Vec<assertions::Block>,
    /// `[policy]` of each file that has one.
    pub(crate) policy: Vec<Node>,
}

/// What it comes to.
#[derive(Default)]
pub(crate) struct Resolved {
    pub(crate) resources: Vec<DesiredResource>,
    pub(crate) expired: Vec<(Address, ObjectId)>,
    pub(crate) temporary: BTreeMap<ObjectId, i64>,
    pub(crate) providers: BTreeMap<String, ProviderSettings>,
    pub(crate) outputs: BTreeMap<String, Value>,
    pub(crate) manifests: Vec<Node>,
    pub(crate) assertions: Vec<Assertion>,
    pub(crate) policy: Vec<Node>,
}

enum Block<'s> {
    Local { name: Text, node: Node },
    Settings(Settings<'s>),
    Resource(Box<Declaration<'s>>),
}

/// Links and evaluates everything.
pub(crate) fn resolve(
    declared: Declared<'_>,
    input: &LoadInput<'_>,
    store: &mut Store,
    known: &mut Known,
    bench: &mut Workbench,
) -> Resolved {
    let Declared {
        locals,
        resources,
        settings,
        mut outputs,
        mut manifests,
        mut assertions,
        mut policy,
    } = declared;
    let mut blocks = name_blocks(locals, settings, resources, known, bench);
    let links = link_blocks(&mut blocks, known, bench);
    let mut references: Vec<BTreeSet<usize>> = links.iter().map(|l| l.blocks.clone()).collect();
    add_settings(&blocks, &mut references);
    add_explicit(&blocks, known, &mut references, bench);
    let mut referenced: HashSet<usize> = links
        .iter()
        .flat_map(|l| l.blocks.iter().copied())
        .collect();
    referenced.extend(outputs::link(&mut outputs, &mut bench.linker(known)).blocks);
    referenced.extend(assertions::link(&mut assertions, &mut bench.linker(known)).blocks);
    for node in manifests.iter_mut().chain(&mut policy) {
        let mut links = Links::default();
        let allowed = Allowed {
            blocks: true,
            ..Allowed::default()
        };
        bench.linker(known).link(node, allowed, &mut links);
        referenced.extend(links.blocks);
    }

    let order = graph::order(&references);
    drop(references);
    for circle in &order.circles {
        bench.diagnostics.push(circular(circle, &blocks));
    }
    let circular: HashSet<usize> = order.circles.into_iter().flatten().collect();
    let mut run = Run {
        now: input.now,
        ids: input.ids,
        store,
        bench,
        links: &links,
        referenced,
        through: HashMap::new(),
        resolved: Resolved::default(),
    };
    let mut blocks: Vec<Option<Block<'_>>> = blocks.into_iter().map(Some).collect();
    for index in order.blocks {
        let Some(block) = blocks.get_mut(index).and_then(Option::take) else {
            continue;
        };
        if circular.contains(&index) {
            run.store.set(block.dotted(), Data::Broken);
        } else {
            run.block(index, block);
        }
    }
    let mut resolved = run.resolved;
    resolved.outputs = outputs::evaluate(&outputs, store, &mut bench.evaluation());
    let mut evaluation = bench.evaluation();
    let scope = Scope { store, each: None };
    let mut evaluated = |nodes: Vec<Node>| -> Vec<Node> {
        let nodes = nodes.iter();
        nodes
            .map(|node| evaluation.node(node, &scope, Secrecy::Open))
            .collect()
    };
    resolved.manifests = evaluated(manifests);
    resolved.policy = evaluated(policy);
    resolved.assertions =
        assertions::evaluate(&assertions, store, input.semantics, &mut evaluation);
    resolved
}

/// Numbers every block and makes the names of locals and resources known. Locals come first.
fn name_blocks<'s>(
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
fn link_blocks(blocks: &mut [Block<'_>], known: &mut Known, bench: &mut Workbench) -> Vec<Links> {
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
fn add_settings(blocks: &[Block<'_>], references: &mut [BTreeSet<usize>]) {
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
fn add_explicit(
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

fn circular(circle: &[usize], blocks: &[Block<'_>]) -> Diagnostic {
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

impl Block<'_> {
    fn dotted(&self) -> Text {
        match self {
            Self::Local { name, .. } => format!("local.{name}").into(),
            Self::Settings(settings) => format!("providers.{}", settings.provider()).into(),
            Self::Resource(declaration) => declaration.dotted(),
        }
    }

    fn span(&self) -> rbacform_core::Span {
        match self {
            Self::Local { node, .. } => node.span,
            Self::Settings(settings) => settings.span(),
            Self::Resource(declaration) => declaration.span,
        }
    }
}

struct Run<'r> {
    now: i64,
    ids: &'r Ids<'r>,
    store: &'r mut Store,
    bench: &'r mut Workbench,
    links: &'r [Links],
    /// Blocks that anything refers to.
    referenced: HashSet<usize>,
    /// What locals refer to, through other locals too.
    through: HashMap<usize, BTreeSet<Address>>,
    resolved: Resolved,
}

impl Run<'_> {
    fn block(&mut self, index: usize, block: Block<'_>) {
        let Some(links) = self.links.get(index) else {
            return;
        };
        let mut through = BTreeSet::new();
        for local in &links.blocks {
            through.extend(self.through.get(local).into_iter().flatten().cloned());
        }
        match block {
            Block::Local { name, node } => {
                let mentioned = links.resources.iter();
                through.extend(
                    mentioned.map(|(kind, name, _)| Address::new(kind.clone(), name.clone(), None)),
                );
                self.through.insert(index, through);
                let secrecy = match links.sensitive.is_empty() {
                    true => Secrecy::Open,
                    false => Secrecy::Secret,
                };
                let scope = Scope {
                    store: self.store,
                    each: None,
                };
                let node = self.bench.evaluation().node(&node, &scope, secrecy);
                let data = self.store.data(&node);
                self.store.set(format!("local.{name}"), data);
            }
            Block::Settings(settings) => {
                let settings = settings.evaluate(links, self.store, &mut self.bench.evaluation());
                let instance = settings.instance.clone();
                self.resolved.providers.insert(instance, settings);
            }
            Block::Resource(declaration) => {
                let dotted = declaration.dotted();
                let provider = declaration.known.map(|known| known.semantics.provider());
                let settings = provider.and_then(|name| self.resolved.providers.get(name));
                let around = Surroundings {
                    store: self.store,
                    settings: settings.map(|given| &given.settings),
                    ids: self.ids,
                    links,
                    through_locals: &through,
                    referenced: self.referenced.contains(&index),
                    now: self.now,
                };
                let found =
                    resources::evaluate(*declaration, &around, &mut self.bench.evaluation());
                self.resolved.resources.extend(found.resources);
                self.resolved.expired.extend(found.expired);
                self.resolved.temporary.extend(found.temporary);
                if let Some(data) = found.data {
                    self.store.set(dotted, data);
                }
            }
        }
    }
}
