//! The dependency graph: edits become steps in an order that never opens a gap it need not.
//!
//! Required edges first: made before used, deleted after its users. They say which edits can share
//! a write. Then the optional ones between the writes, grants before revocations, where they add
//! no cycle.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::algo::toposort;
use petgraph::graph::{DiGraph, NodeIndex};
use rbacform_core::{Action, Address, Diagnostic, Edit, EditKind, ObjectId, Reason, Step, Value};

use crate::Context;
use crate::decide::{Decision, by_object};
use crate::edits::Edits;
use crate::steps::{Ordered, torn_apart};

/// The steps, in an order in which they could be carried out one by one.
pub(crate) fn steps(
    decisions: &[Decision],
    context: &Context<'_>,
) -> Result<Vec<Step>, Diagnostic> {
    let mut builder = Builder::default();
    for decision in decisions {
        builder.add_edits(decision);
    }
    builder.order_creations(decisions);
    builder.order_deletions(decisions);
    builder.connect();
    if let Err(cycle) = toposort(&builder.graph, None) {
        return Err(builder.cycle(cycle.node_id()));
    }
    let ordered = Ordered {
        wishes: builder.grants_before_revocations(decisions, context),
        graph: builder.graph,
        settle: builder.settle,
    };
    let steps = ordered.coalesce(context);
    torn_apart(decisions, &steps).map_or(Ok(steps), Err)
}

/// First and last edit of one object: what waits for others, and what others wait for.
#[derive(Clone, Copy)]
struct Ends {
    first: NodeIndex,
    last: NodeIndex,
    /// The edit that takes the old object away, where one does.
    removal: Option<NodeIndex>,
}

#[derive(Default)]
struct Builder<'a> {
    graph: DiGraph<&'a Edit, ()>,
    edges: BTreeSet<(NodeIndex, NodeIndex)>,
    ends: BTreeMap<&'a ObjectId, Ends>,
    settle: BTreeSet<NodeIndex>,
}

impl<'a> Builder<'a> {
    fn add_edits(&mut self, decision: &'a Decision) {
        let ends = match &decision.edits {
            Edits::None => return,
            Edits::One(edit) => {
                let node = self.graph.add_node(edit);
                let removes = matches!(edit.kind, EditKind::Delete | EditKind::Abandon { .. });
                Ends {
                    first: node,
                    last: node,
                    removal: removes.then_some(node),
                }
            }
            Edits::Replace(replacement) => {
                let order = [
                    &replacement.bridge,
                    &replacement.delete,
                    &replacement.create,
                    &replacement.unbridge,
                ];
                let [bridge, delete, create, unbridge] =
                    order.map(|edit| self.graph.add_node(edit));
                for (before, after) in [(bridge, delete), (delete, create), (create, unbridge)] {
                    self.edges.insert((before, after));
                }
                Ends {
                    first: bridge,
                    last: unbridge,
                    removal: Some(delete),
                }
            }
        };
        self.ends.insert(&decision.change.object, ends);
    }

    fn connect(&mut self) {
        for (before, after) in &self.edges {
            self.graph.add_edge(*before, *after, ());
        }
    }

    /// What is made comes before what needs it, by identity and by reference.
    fn order_creations(&mut self, decisions: &'a [Decision]) {
        let by_address = addresses(decisions);
        let waits = |decision: &&Decision| {
            is_made(decision) || decision.change.reason == Reason::CoveredByAnother
        };
        for decision in decisions.iter().filter(waits) {
            let Some(ends) = self.ends.get(&decision.change.object).copied() else {
                continue;
            };
            let named = decision.change.depends_on.iter().flat_map(|address| {
                by_address
                    .get(address)
                    .into_iter()
                    .flatten()
                    .map(|other| &other.change.object)
            });
            let needed: BTreeSet<&ObjectId> = decision.requires.iter().chain(named).collect();
            for object in needed {
                let Some(other) = self.ends.get(object).copied() else {
                    continue;
                };
                if other.first == ends.first || other.removal == Some(other.first) {
                    continue;
                }
                self.edges.insert((other.last, ends.first));
                if let (Some(removal), true) =
                    (ends.removal, decision.change.action == Action::Replace)
                {
                    self.settle.insert(removal);
                }
            }
        }
    }

    /// What is deleted comes after everything that used it: bindings before roles, namespaces last.
    fn order_deletions(&mut self, decisions: &'a [Decision]) {
        let objects = by_object(decisions);
        let by_address = addresses(decisions);
        for user in decisions {
            let Some(ends) = self.ends.get(&user.change.object).copied() else {
                continue;
            };
            let named = user.depended_on.iter().flat_map(|address| {
                by_address
                    .get(address)
                    .into_iter()
                    .flatten()
                    .map(|other| &other.change.object)
            });
            let used: BTreeSet<&ObjectId> = user.required.iter().chain(named).collect();
            for object in used {
                let gone = objects
                    .get(object)
                    .and_then(|index| decisions.get(*index))
                    .is_some_and(is_removed);
                let Some(other) = self.ends.get(object).copied().filter(|_| gone) else {
                    continue;
                };
                if other.first != ends.first {
                    self.edges.insert((ends.last, other.first));
                }
            }
        }
    }

    /// Where one binding stops giving a subject a role somewhere and another begins to, or one
    /// goes and another of the same address comes, the one that gives comes first: should it
    /// fail, nobody has lost anything.
    fn grants_before_revocations(
        &self,
        decisions: &'a [Decision],
        context: &Context<'_>,
    ) -> BTreeSet<(NodeIndex, NodeIndex)> {
        let mut wishes = BTreeSet::new();
        let mut given: BTreeMap<Grant, Vec<NodeIndex>> = BTreeMap::new();
        let mut made: BTreeMap<&Address, Vec<NodeIndex>> = BTreeMap::new();
        for decision in decisions.iter().filter(|decision| is_made(decision)) {
            let Some(ends) = self.ends.get(&decision.change.object) else {
                continue;
            };
            made.entry(&decision.change.address)
                .or_default()
                .push(ends.last);
            for key in gained(decision, context) {
                // A replacement gives from its bridge on.
                given.entry(key).or_default().push(ends.first);
            }
        }
        for decision in decisions {
            let Some(ends) = self.ends.get(&decision.change.object).copied() else {
                continue;
            };
            let takes = ends.removal.unwrap_or(ends.first);
            let same_address = made
                .get(&decision.change.address)
                .into_iter()
                .filter(|_| is_removed(decision))
                .flatten()
                .copied();
            let same_grant: Vec<NodeIndex> = lost(decision, context)
                .iter()
                .filter_map(|key| given.get(key))
                .flatten()
                .copied()
                .collect();
            let before = same_address.chain(same_grant);
            wishes.extend(
                before
                    .filter(|node| *node != takes)
                    .map(|node| (node, takes)),
            );
        }
        wishes
    }

    fn cycle(&self, node: NodeIndex) -> Diagnostic {
        let address = self
            .graph
            .node_weight(node)
            .map(|edit| edit.address.to_string());
        let name = address.clone().unwrap_or_default();
        let error = Diagnostic::error(
            "dependency-cycle",
            format!("`{name}` would have to be changed before itself"),
        )
        .help("apply the change in two steps: first what is added, then what is removed");
        match address {
            Some(address) => error.address(address),
            None => error,
        }
    }
}

/// Decisions by address; an address without a key names every instance of its resource too.
fn addresses(decisions: &[Decision]) -> BTreeMap<Address, Vec<&Decision>> {
    let mut found: BTreeMap<Address, Vec<&Decision>> = BTreeMap::new();
    for decision in decisions {
        let address = &decision.change.address;
        found.entry(address.clone()).or_default().push(decision);
        if address.key.is_some() && address.manifests.is_none() {
            let whole = Address {
                key: None,
                ..address.clone()
            };
            found.entry(whole).or_default().push(decision);
        }
    }
    found
}

fn is_made(decision: &Decision) -> bool {
    matches!(
        decision.change.action,
        Action::Create | Action::Update | Action::Replace | Action::Adopt | Action::Move
    )
}

fn is_removed(decision: &Decision) -> bool {
    matches!(decision.change.action, Action::Delete | Action::Forget)
}

/// Subject, scope, role and condition.
type Grant = (String, String, ObjectId, Option<String>);

/// What a change gives that its object did not give before.
fn gained(decision: &Decision, context: &Context<'_>) -> BTreeSet<Grant> {
    let before = grants(decision, &decision.change.before, context);
    let mut after = grants(decision, &decision.change.after, context);
    after.retain(|grant| !before.contains(grant));
    after
}

/// What it gave and gives no more.
fn lost(decision: &Decision, context: &Context<'_>) -> BTreeSet<Grant> {
    let after = grants(decision, &decision.change.after, context);
    let mut before = grants(decision, &decision.change.before, context);
    before.retain(|grant| !after.contains(grant));
    before
}

fn grants(decision: &Decision, attributes: &Value, context: &Context<'_>) -> BTreeSet<Grant> {
    let mut grants = BTreeSet::new();
    for binding in context.bindings(&decision.change.object, attributes) {
        for subject in binding.subjects {
            grants.insert((
                subject,
                binding.scope.clone(),
                binding.role.clone(),
                binding.condition.clone(),
            ));
        }
    }
    grants
}
