//! Steps: edits in the order that the graph says, those of one policy in one write.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::algo::toposort;
use petgraph::graph::{DiGraph, NodeIndex};
use rbacform_core::{Diagnostic, Edit, EditKind, ObjectId, Step, Text};

use crate::Context;
use crate::coalesce::{contract, groups, without_cycles};
use crate::decide::Decision;

/// Edits and what is known of their order.
pub(crate) struct Ordered<'a> {
    /// The edits, in order of object, and the edges that must hold: an acyclic graph.
    pub(crate) graph: DiGraph<&'a Edit, ()>,
    /// Edges that should hold where they can.
    pub(crate) wishes: BTreeSet<(NodeIndex, NodeIndex)>,
    /// Edits that wait a moment for the world's caches.
    pub(crate) settle: BTreeSet<NodeIndex>,
}

impl Ordered<'_> {
    /// Groups edits that share a write, then numbers the steps: by how far they are from the
    /// first, then by object.
    pub(crate) fn coalesce(&self, context: &Context<'_>) -> Vec<Step> {
        // Nodes were added in order of object, so nothing here depends on the order of edges.
        let mut groups = groups(&self.graph, |edit| group_key(edit, context));
        groups.sort_by_key(|group| group.first().copied());
        let mut group_of = vec![NodeIndex::default(); self.graph.node_count()];
        for (index, group) in groups.iter().enumerate() {
            for node in group {
                if let Some(slot) = group_of.get_mut(node.index()) {
                    *slot = NodeIndex::new(index);
                }
            }
        }
        let mut order = contract(&self.graph, &group_of, groups.len());
        let of = |node: &NodeIndex| group_of.get(node.index()).copied().unwrap_or_default();
        let key = |node: &NodeIndex| {
            let edit = self.graph.node_weight(*node);
            edit.and_then(|edit| group_key(edit, context))
        };
        // Edits of one policy are one write from the final wanted set: there is no gap between.
        let wishes = self
            .wishes
            .iter()
            .filter(|(before, after)| key(before).is_none() || key(before) != key(after))
            .map(|(before, after)| (of(before), of(after)))
            .filter(|(before, after)| before != after)
            .collect();
        for (before, after) in without_cycles(&order, &wishes) {
            order.add_edge(before, after, ());
        }
        self.number(&groups, &order, context)
    }

    fn number(
        &self,
        groups: &[Vec<NodeIndex>],
        order: &DiGraph<(), ()>,
        context: &Context<'_>,
    ) -> Vec<Step> {
        let levels = levels(order);
        let level = |group: &NodeIndex| levels.get(group.index()).copied().unwrap_or(0);
        let mut sorted: Vec<NodeIndex> = order.node_indices().collect();
        sorted.sort_by_key(|group| (level(group), *group));
        let mut number = vec![0; sorted.len()];
        for (id, group) in sorted.iter().enumerate() {
            if let Some(slot) = number.get_mut(group.index()) {
                *slot = id;
            }
        }
        let steps = sorted.iter().enumerate().map(|(id, group)| {
            let before = order.neighbors_directed(*group, petgraph::Direction::Incoming);
            let depends_on: BTreeSet<usize> = before
                .filter_map(|before| number.get(before.index()).copied())
                .collect();
            let nodes = groups.get(group.index()).map(Vec::as_slice);
            self.step(id, nodes.unwrap_or_default(), depends_on, context)
        });
        steps.collect()
    }

    fn step(
        &self,
        id: usize,
        nodes: &[NodeIndex],
        depends_on: BTreeSet<usize>,
        context: &Context<'_>,
    ) -> Step {
        let mut edits: Vec<Edit> = nodes
            .iter()
            .filter_map(|node| self.graph.node_weight(*node))
            .map(|edit| (*edit).clone())
            .collect();
        edits.sort_by(|a, b| a.object.cmp(&b.object));
        let first = edits.first();
        Step {
            id,
            instance: first
                .map(|edit| edit.object.instance.clone())
                .unwrap_or_default(),
            group: first
                .and_then(|edit| group_key(edit, context))
                .map(|(_, key)| key),
            settle: nodes.iter().any(|node| self.settle.contains(node)),
            edits,
            depends_on: depends_on.into_iter().collect(),
        }
    }
}

/// How far each node is from the first: one more than the furthest that it waits for.
fn levels(order: &DiGraph<(), ()>) -> Vec<usize> {
    let mut levels = vec![0; order.node_count()];
    for node in toposort(order, None).unwrap_or_default() {
        let next = levels.get(node.index()).copied().unwrap_or(0) + 1;
        for after in order.neighbors(node) {
            if let Some(level) = levels.get_mut(after.index()) {
                *level = next.max(*level);
            }
        }
    }
    levels
}

/// An error where an edit gives back what a removal takes along, and they cannot be one write.
pub(crate) fn torn_apart(decisions: &[Decision], steps: &[Step]) -> Option<Diagnostic> {
    if decisions
        .iter()
        .all(|decision| decision.kept_from.is_empty())
    {
        return None;
    }
    let step_of: BTreeMap<&ObjectId, usize> = steps
        .iter()
        .flat_map(|step| step.edits.iter().map(|edit| (&edit.object, step.id)))
        .collect();
    let torn = |decision: &&Decision| {
        let own = step_of.get(&decision.change.object);
        decision
            .kept_from
            .iter()
            .filter_map(|taken| step_of.get(taken))
            .any(|other| Some(other) != own)
    };
    decisions.iter().find(torn).map(|decision| {
        let change = &decision.change;
        let message = format!(
            "`{}` is to stay, but another resource on the same policy that holds it too is to be \
             deleted at another time",
            change.address
        );
        Diagnostic::error("split-policy-write", message)
            .address(&change.address)
            .help("take the references between the two out, or apply the deletion by itself first")
    })
}

/// What an edit shares a write by: edits of one provider instance on one policy. What only state
/// learns is not written.
fn group_key(edit: &Edit, context: &Context<'_>) -> Option<(Text, String)> {
    if edit.kind == EditKind::Record {
        return None;
    }
    let key = context.semantics(&edit.object)?.group_key(edit)?;
    Some((edit.object.instance.clone(), key))
}
