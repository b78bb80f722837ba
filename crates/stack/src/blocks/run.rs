//! The evaluation of blocks.

use std::collections::{BTreeSet, HashMap, HashSet};

use rbacform_core::Address;

use super::{Block, Resolved};
use crate::Ids;
use crate::evaluation::Secrecy;
use crate::link::Links;
use crate::resources::{self, Surroundings};
use crate::store::{Scope, Store};
use crate::workbench::Workbench;

/// The evaluation of every block, each after what it refers to.
pub(super) struct Run<'r> {
    pub(super) now: i64,
    pub(super) ids: &'r Ids<'r>,
    pub(super) store: &'r mut Store,
    pub(super) bench: &'r mut Workbench,
    pub(super) links: &'r [Links],
    /// Blocks that anything refers to.
    pub(super) referenced: HashSet<usize>,
    /// What locals refer to, through other locals too.
    pub(super) through: HashMap<usize, BTreeSet<Address>>,
    pub(super) resolved: Resolved,
}

impl Run<'_> {
    /// Evaluates one.
    pub(super) fn block(&mut self, index: usize, block: Block<'_>) {
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
