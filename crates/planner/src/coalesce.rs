//! Which edits share a write, and which wishes about their order can be granted.
//!
//! Edits of one key (one policy) are one group, unless a path of the graph leads from one to
//! another, or groups would wait for each other; then a key has as few groups as a greedy walk
//! finds. Both functions look at each edge a few times, never at pairs of nodes.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::{EdgeRef, IntoNodeReferences};

/// Nodes by group: members of a group have the same key, no path joins two of them, and the graph
/// of groups has no cycle. A node without a key is a group of its own.
///
/// `graph` is acyclic. The result depends on the order of its nodes, not of its edges.
pub(crate) fn groups<N, K: Ord>(
    graph: &DiGraph<N, ()>,
    key: impl Fn(&N) -> Option<K>,
) -> Vec<Vec<NodeIndex>> {
    let classes = Classes::of(graph, key);
    let whole = contract(graph, &classes.of_node, classes.members.len());
    let mut groups = Vec::new();
    for component in kosaraju_scc(&whole).into_iter().rev() {
        match component.as_slice() {
            [class] if !whole.contains_edge(*class, *class) => {
                groups.extend(classes.members.get(class.index()).cloned());
            }
            entangled => split(graph, &classes, entangled, &mut groups),
        }
    }
    groups
}

/// The wishes that can be granted together without a cycle: all of those that lie on no cycle,
/// and of the others those that a greedy walk meets first.
pub(crate) fn without_cycles(
    graph: &DiGraph<(), ()>,
    wishes: &BTreeSet<(NodeIndex, NodeIndex)>,
) -> Vec<(NodeIndex, NodeIndex)> {
    let mut wished = graph.clone();
    for (before, after) in wishes {
        wished.add_edge(*before, *after, ());
    }
    let mut position: BTreeMap<NodeIndex, usize> = BTreeMap::new();
    for component in kosaraju_scc(&wished).into_iter().rev() {
        let walk = match component.as_slice() {
            [_] => component,
            entangled => walk(graph, wishes, entangled),
        };
        for node in walk {
            position.insert(node, position.len());
        }
    }
    wishes
        .iter()
        .filter(|(before, after)| position.get(before) < position.get(after))
        .copied()
        .collect()
}

/// The graph in which each class of nodes is one node. An edge within a class is a loop.
pub(crate) fn contract<N>(
    graph: &DiGraph<N, ()>,
    class_of: &[NodeIndex],
    classes: usize,
) -> DiGraph<(), ()> {
    let mut edges: Vec<(NodeIndex, NodeIndex)> = graph
        .edge_references()
        .filter_map(|edge| {
            let of = |node: NodeIndex| class_of.get(node.index()).copied();
            Some((of(edge.source())?, of(edge.target())?))
        })
        .collect();
    edges.sort_unstable();
    edges.dedup();
    let mut contracted = DiGraph::with_capacity(classes, edges.len());
    for _ in 0..classes {
        contracted.add_node(());
    }
    for (from, to) in edges {
        contracted.add_edge(from, to, ());
    }
    contracted
}

/// The nodes by key.
struct Classes {
    /// By index of node.
    of_node: Vec<NodeIndex>,
    /// By index of class, each in order.
    members: Vec<Vec<NodeIndex>>,
}

impl Classes {
    fn of<N, K: Ord>(graph: &DiGraph<N, ()>, key: impl Fn(&N) -> Option<K>) -> Self {
        let mut classes = Self {
            of_node: Vec::with_capacity(graph.node_count()),
            members: Vec::new(),
        };
        let mut by_key: BTreeMap<K, NodeIndex> = BTreeMap::new();
        for (node, weight) in graph.node_references() {
            let fresh = NodeIndex::new(classes.members.len());
            let class = match key(weight) {
                Some(key) => *by_key.entry(key).or_insert(fresh),
                None => fresh,
            };
            classes.of_node.push(class);
            match classes.members.get_mut(class.index()) {
                Some(members) => members.push(node),
                None => classes.members.push(vec![node]),
            }
        }
        classes
    }
}

/// Splits classes that wait for each other: takes a class whole as soon as all that is left of it
/// may go, and only where none may, what may go of the one that has most.
fn split<N>(
    graph: &DiGraph<N, ()>,
    classes: &Classes,
    entangled: &[NodeIndex],
    groups: &mut Vec<Vec<NodeIndex>>,
) {
    let inside: BTreeSet<NodeIndex> = entangled.iter().copied().collect();
    let mut left = Left::default();
    for class in &inside {
        for node in classes.members.get(class.index()).into_iter().flatten() {
            left.add(*node, *class);
        }
    }
    for node in left.class_of.keys().copied().collect::<Vec<_>>() {
        let waits_for = graph.neighbors_directed(node, petgraph::Direction::Incoming);
        let count = waits_for
            .filter(|other| left.class_of.contains_key(other))
            .count();
        left.waits(node, count);
    }
    while let Some(class) = left.next() {
        let group = left.take(class);
        for node in &group {
            for after in graph.neighbors(*node) {
                left.release(after);
            }
        }
        groups.push(group);
    }
}

/// What is left of classes that are being split.
#[derive(Default)]
struct Left {
    class_of: BTreeMap<NodeIndex, NodeIndex>,
    waiting_for: BTreeMap<NodeIndex, usize>,
    /// Nodes left, and those of them that may go, by class.
    count: BTreeMap<NodeIndex, usize>,
    ready: BTreeMap<NodeIndex, BTreeSet<NodeIndex>>,
    /// Classes of which all that is left may go.
    complete: BTreeSet<NodeIndex>,
    /// Classes of which some may go, those with most first.
    partial: BTreeSet<(Reverse<usize>, NodeIndex)>,
}

impl Left {
    fn add(&mut self, node: NodeIndex, class: NodeIndex) {
        self.class_of.insert(node, class);
        *self.count.entry(class).or_default() += 1;
    }

    fn waits(&mut self, node: NodeIndex, count: usize) {
        self.waiting_for.insert(node, count);
        if count == 0 {
            self.is_ready(node);
        }
    }

    fn release(&mut self, node: NodeIndex) {
        let Some(count) = self.waiting_for.get_mut(&node) else {
            return;
        };
        *count = count.saturating_sub(1);
        if *count == 0 {
            self.is_ready(node);
        }
    }

    fn is_ready(&mut self, node: NodeIndex) {
        let Some(class) = self.class_of.get(&node).copied() else {
            return;
        };
        let ready = self.ready.entry(class).or_default();
        self.partial.remove(&(Reverse(ready.len()), class));
        ready.insert(node);
        self.partial.insert((Reverse(ready.len()), class));
        if self.count.get(&class) == Some(&ready.len()) {
            self.complete.insert(class);
        }
    }

    fn next(&self) -> Option<NodeIndex> {
        let most = || self.partial.first().map(|(_, class)| *class);
        self.complete.first().copied().or_else(most)
    }

    fn take(&mut self, class: NodeIndex) -> Vec<NodeIndex> {
        let taken = self.ready.remove(&class).unwrap_or_default();
        self.complete.remove(&class);
        self.partial.remove(&(Reverse(taken.len()), class));
        if let Some(count) = self.count.get_mut(&class) {
            *count = count.saturating_sub(taken.len());
        }
        taken.into_iter().collect()
    }
}

/// An order of nodes that wishes entangle: the graph's own edges hold, and each time the node goes
/// next that breaks fewest wishes.
fn walk(
    graph: &DiGraph<(), ()>,
    wishes: &BTreeSet<(NodeIndex, NodeIndex)>,
    entangled: &[NodeIndex],
) -> Vec<NodeIndex> {
    let inside: BTreeSet<NodeIndex> = entangled.iter().copied().collect();
    let mut wished: BTreeMap<NodeIndex, Vec<NodeIndex>> = BTreeMap::new();
    let mut hopes: BTreeMap<NodeIndex, usize> = BTreeMap::new();
    for (before, after) in wishes {
        if inside.contains(before) && inside.contains(after) {
            wished.entry(*before).or_default().push(*after);
            *hopes.entry(*after).or_default() += 1;
        }
    }
    let mut waiting_for: BTreeMap<NodeIndex, usize> = BTreeMap::new();
    for node in &inside {
        let before = graph.neighbors_directed(*node, petgraph::Direction::Incoming);
        waiting_for.insert(*node, before.filter(|other| inside.contains(other)).count());
    }
    let hope = |hopes: &BTreeMap<NodeIndex, usize>, node| hopes.get(&node).copied().unwrap_or(0);
    let mut ready: BTreeSet<(usize, NodeIndex)> = waiting_for
        .iter()
        .filter(|(_, count)| **count == 0)
        .map(|(node, _)| (hope(&hopes, *node), *node))
        .collect();
    let mut order = Vec::with_capacity(inside.len());
    while let Some((_, node)) = ready.pop_first() {
        order.push(node);
        for after in wished.get(&node).into_iter().flatten() {
            let before = hope(&hopes, *after);
            let fewer = before.saturating_sub(1);
            hopes.insert(*after, fewer);
            if ready.remove(&(before, *after)) {
                ready.insert((fewer, *after));
            }
        }
        for after in graph.neighbors(node) {
            if let Some(count) = waiting_for.get_mut(&after) {
                *count = count.saturating_sub(1);
                if *count == 0 {
                    ready.insert((hope(&hopes, after), after));
                }
            }
        }
    }
    order
}

#[cfg(test)]
#[path = "coalesce_tests.rs"]
mod tests;
