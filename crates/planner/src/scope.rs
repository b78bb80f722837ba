//! `--target`: only some resources, what they need, and what goes with them.

use std::collections::{BTreeMap, BTreeSet};

use rbacform_core::plan::Mode;
use rbacform_core::{Address, Diagnostic, ObjectId, hint};

use crate::{Context, decide::Decision};

/// What a plan is limited to.
pub(crate) struct Scope<'a> {
    objects: BTreeSet<&'a ObjectId>,
    addresses: BTreeSet<String>,
}

impl<'a> Scope<'a> {
    /// The targets, everything that those which stay require, and everything that cannot outlive
    /// those which go; none where there is no target.
    pub(crate) fn of(
        context: &'a Context<'a>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Scope<'a>> {
        let targets = context.input.targets;
        if targets.is_empty() {
            return None;
        }
        let nodes = nodes(context);
        let declared = context.input.desired.iter().map(|known| &known.address);
        let known: BTreeSet<&Address> = nodes
            .values()
            .map(|node| node.address)
            .chain(declared)
            .collect();
        let missing = |target: &&Address| !known.iter().any(|address| target.covers(address));
        diagnostics.extend(
            targets
                .iter()
                .filter(missing)
                .map(|target| unknown(target, &known)),
        );
        let objects = reached(&nodes, targets);
        let addresses = objects
            .iter()
            .filter_map(|object| nodes.get(object))
            .map(|node| node.address.to_string())
            .collect();
        Some(Scope { objects, addresses })
    }

    /// Whether a decision is within.
    pub(crate) fn holds(&self, decision: &Decision) -> bool {
        self.objects.contains(&decision.change.object)
            || decision
                .kept_from
                .iter()
                .any(|taken| self.objects.contains(taken))
    }

    /// Whether a diagnostic is: those of resources outside are no concern of this plan.
    pub(crate) fn concerns(&self, diagnostic: &Diagnostic) -> bool {
        diagnostic
            .address
            .as_ref()
            .is_none_or(|address| self.addresses.contains(address))
    }
}

/// One object that is declared or in state.
struct Node<'a> {
    address: &'a Address,
    requires: &'a [ObjectId],
    depends_on: &'a [Address],
    goes: bool,
}

fn nodes<'a>(context: &'a Context<'a>) -> BTreeMap<&'a ObjectId, Node<'a>> {
    let prior = context.input.prior.resources.iter().map(|(object, prior)| {
        let node = Node {
            address: &prior.address,
            requires: &prior.requires,
            depends_on: &prior.depends_on,
            goes: context.input.mode != Mode::RefreshOnly,
        };
        (object, node)
    });
    let desired = context.desired.iter().map(|(object, desired)| {
        let node = Node {
            address: &desired.address,
            requires: &desired.requires,
            depends_on: &desired.depends_on,
            goes: false,
        };
        (*object, node)
    });
    prior.chain(desired).collect()
}

fn reached<'a>(
    nodes: &BTreeMap<&'a ObjectId, Node<'a>>,
    targets: &[Address],
) -> BTreeSet<&'a ObjectId> {
    let named = Named::of(nodes);
    let mut users: BTreeMap<&ObjectId, Vec<&'a ObjectId>> = BTreeMap::new();
    for (object, node) in nodes.iter().filter(|(_, node)| node.goes) {
        let depended = node.depends_on.iter().flat_map(|a| named.objects(a));
        for used in node.requires.iter().chain(depended) {
            users.entry(used).or_default().push(object);
        }
    }
    let mut found = BTreeSet::new();
    let mut queue: Vec<&'a ObjectId> = nodes
        .iter()
        .filter(|(_, node)| targets.iter().any(|target| target.covers(node.address)))
        .map(|(object, _)| *object)
        .collect();
    while let Some(object) = queue.pop() {
        let Some((object, node)) = nodes.get_key_value(object) else {
            continue;
        };
        if !found.insert(*object) {
            continue;
        }
        if node.goes {
            queue.extend(users.get(object).into_iter().flatten().copied());
        } else {
            let depended = node.depends_on.iter().flat_map(|a| named.objects(a));
            let required = node.requires.iter().chain(depended);
            queue.extend(required.filter_map(|other| Some(*nodes.get_key_value(other)?.0)));
        }
    }
    found
}

/// Objects by address; an address without a key names every instance of its resource too.
struct Named<'a>(BTreeMap<Address, Vec<&'a ObjectId>>);

impl<'a> Named<'a> {
    fn of(nodes: &BTreeMap<&'a ObjectId, Node<'a>>) -> Self {
        let mut found: BTreeMap<Address, Vec<&'a ObjectId>> = BTreeMap::new();
        for (object, node) in nodes {
            found.entry(node.address.clone()).or_default().push(object);
            if node.address.key.is_some() && node.address.manifests.is_none() {
                let whole = Address {
                    key: None,
                    ..node.address.clone()
                };
                found.entry(whole).or_default().push(object);
            }
        }
        Self(found)
    }

    fn objects(&self, address: &Address) -> impl Iterator<Item = &'a ObjectId> {
        self.0.get(address).into_iter().flatten().copied()
    }
}

fn unknown(target: &Address, known: &BTreeSet<&Address>) -> Diagnostic {
    let known: Vec<String> = known.iter().map(ToString::to_string).collect();
    let close = hint::closest(&target.to_string(), known.iter().map(String::as_str))
        .map(|close| format!("did you mean `{close}`?"));
    let message = format!("no resource `{target}` in this stack or its state");
    Diagnostic::error("unknown-target", message).maybe_help(close)
}
