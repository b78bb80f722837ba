//! Blocks: locals and resources, evaluated in the order of their references.

mod order;
mod run;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use rbacform_core::{Address, Assertion, DesiredResource, Node, ObjectId, Text, Value};

use crate::assertions;
use crate::document::Tables;
use crate::evaluation::Secrecy;
use crate::expression::Data;
use crate::graph;
use crate::link::{Allowed, Known, Links};
use crate::outputs::{self, Outputs};
use crate::providers::Settings;
use crate::resources::Declaration;
use crate::store::{Scope, Store};
use crate::workbench::Workbench;
use crate::{LoadInput, ProviderSettings};
use order::{add_explicit, add_settings, circular, link_blocks, name_blocks};
use run::Run;

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
