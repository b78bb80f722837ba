//! The dependency graph: edits become steps in an order that never opens a gap it need not.
//!
//! Required edges first: made before used, deleted after its users. Then the optional ones,
//! grants before revocations, only where they add no cycle.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::algo::{has_path_connecting, toposort};
use petgraph::graph::{DiGraph, NodeIndex};
use rbacform_core::{Action, Address, Diagnostic, Edit, EditKind, ObjectId, Step, Text, Value};

use crate::Context;
use crate::decide::{Decision, by_object};
use crate::edits::Edits;

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
    if let Err(cycle) = toposort(&builder.graph, None) {
        return Err(builder.cycle(cycle.node_id()));
    }
    builder.grants_before_revocations(decisions, context);
    builder.coalesce(context)
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
                    self.graph.update_edge(before, after, ());
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

    /// What is made comes before what needs it, by identity and by reference.
    fn order_creations(&mut self, decisions: &'a [Decision]) {
        let by_address = addresses(decisions);
        for decision in decisions.iter().filter(|decision| is_made(decision)) {
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
                self.graph.update_edge(other.last, ends.first, ());
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
                    self.graph.update_edge(ends.last, other.first, ());
                }
            }
        }
    }

    /// Where one binding stops giving a subject a role somewhere and another begins to, or one
    /// goes and another of the same address comes, the one that gives comes first: should it
    /// fail, nobody has lost anything.
    fn grants_before_revocations(&mut self, decisions: &'a [Decision], context: &Context<'_>) {
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
            let before: BTreeSet<NodeIndex> = same_address.chain(same_grant).collect();
            for node in before {
                if node != takes && !has_path_connecting(&self.graph, takes, node, None) {
                    self.graph.update_edge(node, takes, ());
                }
            }
        }
    }

    /// Groups edits that share a write, then numbers the steps.
    fn coalesce(self, context: &Context<'_>) -> Result<Vec<Step>, Diagnostic> {
        let order = toposort(&self.graph, None).map_err(|cycle| self.cycle(cycle.node_id()))?;
        let groups = self.groups(&order, context);
        let step_of: BTreeMap<NodeIndex, usize> = groups
            .iter()
            .enumerate()
            .flat_map(|(step, group)| group.nodes.iter().map(move |node| (*node, step)))
            .collect();
        let steps = groups.into_iter().enumerate().map(|(id, group)| {
            let before = group.nodes.iter().flat_map(|node| {
                self.graph
                    .neighbors_directed(*node, petgraph::Direction::Incoming)
            });
            let depends_on: BTreeSet<usize> = before
                .filter_map(|node| step_of.get(&node).copied())
                .filter(|step| *step != id)
                .collect();
            let mut edits: Vec<Edit> = group
                .nodes
                .iter()
                .filter_map(|node| self.graph.node_weight(*node))
                .map(|edit| (*edit).clone())
                .collect();
            edits.sort_by(|a, b| a.object.cmp(&b.object));
            Step {
                id,
                instance: edits
                    .first()
                    .map(|edit| edit.object.instance.clone())
                    .unwrap_or_default(),
                settle: group.nodes.iter().any(|node| self.settle.contains(node)),
                edits,
                group: group.key,
                depends_on: depends_on.into_iter().collect(),
            }
        });
        Ok(steps.collect())
    }

    /// Puts each edit into the group of its key, unless a path of the graph joins it to a member:
    /// then a new group of the same key begins.
    ///
    /// Edits are met in topological order, so an edit depends only on edits already in groups. A
    /// group's level is one more than the highest of the groups its members wait for; an edit
    /// joins only a group of its own level, so that no path can leave a group and come back.
    fn groups(&self, order: &[NodeIndex], context: &Context<'_>) -> Vec<Group> {
        let mut groups: Vec<Group> = Vec::new();
        let mut open: BTreeMap<(usize, String), usize> = BTreeMap::new();
        let mut level_of: BTreeMap<NodeIndex, usize> = BTreeMap::new();
        for node in order {
            let level = self
                .graph
                .neighbors_directed(*node, petgraph::Direction::Incoming)
                .filter_map(|before| level_of.get(&before))
                .map(|level| level + 1)
                .max()
                .unwrap_or(0);
            level_of.insert(*node, level);
            let key = self
                .graph
                .node_weight(*node)
                .and_then(|edit| group_key(edit, context));
            let joined = key.clone().and_then(|key| open.get(&(level, key)).copied());
            match joined.and_then(|index| groups.get_mut(index)) {
                Some(group) => group.nodes.push(*node),
                None => {
                    if let Some(key) = &key {
                        open.insert((level, key.clone()), groups.len());
                    }
                    groups.push(Group {
                        key,
                        level,
                        nodes: vec![*node],
                    });
                }
            }
        }
        // Nodes were added in order of object, so this order does not depend on the sort above.
        groups.sort_by_key(|group| (group.level, group.nodes.iter().min().copied()));
        groups
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

struct Group {
    key: Option<String>,
    level: usize,
    nodes: Vec<NodeIndex>,
}

fn group_key(edit: &Edit, context: &Context<'_>) -> Option<String> {
    context
        .input
        .semantics
        .iter()
        .filter(|semantics| edit.address.type_name.split('.').next() == Some(semantics.provider()))
        .find_map(|semantics| semantics.group_key(edit))
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

/// Subject, scope and role.
type Grant = (String, String, Text);

/// What a change gives that its object did not give before.
fn gained(decision: &Decision, context: &Context<'_>) -> BTreeSet<Grant> {
    let change = &decision.change;
    let before = grants(&change.object, &change.before, context);
    let mut after = grants(&change.object, &change.after, context);
    after.retain(|grant| !before.contains(grant));
    after
}

/// What it gave and gives no more.
fn lost(decision: &Decision, context: &Context<'_>) -> BTreeSet<Grant> {
    let change = &decision.change;
    let after = grants(&change.object, &change.after, context);
    let mut before = grants(&change.object, &change.before, context);
    before.retain(|grant| !after.contains(grant));
    before
}

fn grants(object: &ObjectId, attributes: &Value, context: &Context<'_>) -> BTreeSet<Grant> {
    let binding = context
        .input
        .semantics
        .iter()
        .find_map(|semantics| semantics.binding(object, attributes));
    binding
        .into_iter()
        .flat_map(|binding| {
            let (scope, role) = (binding.scope, Text::from(binding.role.to_string()));
            binding
                .subjects
                .into_iter()
                .map(move |subject| (subject, scope.clone(), role.clone()))
        })
        .collect()
}
