//! The dependency graph of a stack in three languages.

use std::collections::BTreeMap;

use petgraph::algo::toposort;
use petgraph::graph::{DiGraph, NodeIndex};
use rbacform_core::{Address, DesiredResource, ObjectId};

/// The graph of a stack: an edge goes from what is needed to what needs it.
pub(crate) struct StackGraph {
    graph: DiGraph<Address, ()>,
}

impl StackGraph {
    /// From the references and identities of the desired resources.
    pub(crate) fn new(desired: &[DesiredResource]) -> Self {
        let mut graph = DiGraph::new();
        let nodes: Vec<NodeIndex> = desired
            .iter()
            .map(|resource| graph.add_node(resource.address.clone()))
            .collect();
        let by_object: BTreeMap<&ObjectId, NodeIndex> = desired
            .iter()
            .zip(&nodes)
            .map(|(resource, node)| (&resource.object, *node))
            .collect();
        let by_address: BTreeMap<&Address, NodeIndex> = desired
            .iter()
            .zip(&nodes)
            .map(|(resource, node)| (&resource.address, *node))
            .collect();
        for (resource, node) in desired.iter().zip(&nodes) {
            let needed = resource
                .requires
                .iter()
                .filter_map(|object| by_object.get(object))
                .chain(
                    resource
                        .depends_on
                        .iter()
                        .filter_map(|address| by_address.get(address)),
                );
            for needed in needed.filter(|needed| *needed != node) {
                graph.update_edge(*needed, *node, ());
            }
        }
        Self { graph }
    }

    /// Graphviz.
    pub(crate) fn dot(&self) -> String {
        let quote = |node: NodeIndex| {
            format!(
                "\"{}\"",
                self.label(node).replace('\\', "\\\\").replace('"', "\\\"")
            )
        };
        let mut text = "digraph stack {\n  rankdir = LR\n  node [shape = box]\n".to_owned();
        for node in self.graph.node_indices() {
            text.push_str(&format!("  {}\n", quote(node)));
        }
        for (from, to) in self.edges() {
            text.push_str(&format!("  {} -> {}\n", quote(from), quote(to)));
        }
        text.push_str("}\n");
        text
    }

    /// Mermaid, as hosting sites render it in Markdown.
    pub(crate) fn mermaid(&self) -> String {
        let mut text = "flowchart LR\n".to_owned();
        for node in self.graph.node_indices() {
            let label = self.label(node).replace('"', "&quot;");
            text.push_str(&format!("  n{}[\"{label}\"]\n", node.index()));
        }
        for (from, to) in self.edges() {
            text.push_str(&format!("  n{} --> n{}\n", from.index(), to.index()));
        }
        text
    }

    /// A picture: one column for each depth, what is needed to the left.
    pub(crate) fn svg(&self) -> String {
        const ROW: usize = 40;
        let places = self.places();
        let longest = self
            .graph
            .node_indices()
            .map(|node| self.label(node).chars().count())
            .max();
        let width = longest.unwrap_or(10) * 8 + 20;
        let column = width + 60;
        let x = |place: (usize, usize)| 20 + place.0 * column;
        let y = |place: (usize, usize)| 20 + place.1 * ROW;
        let at = |node: NodeIndex| places.get(&node).copied().unwrap_or_default();
        let columns = places.values().map(|place| place.0 + 1).max().unwrap_or(1);
        let rows = places.values().map(|place| place.1 + 1).max().unwrap_or(1);
        let mut text = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" font-family=\"monospace\" font-size=\"13\">\n",
            columns * column,
            rows * ROW + 40
        );
        for (from, to) in self.edges() {
            let (a, b) = (at(from), at(to));
            text.push_str(&format!(
                "  <line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" stroke=\"#888\"/>\n",
                x(a) + width,
                y(a) + 14,
                x(b),
                y(b) + 14
            ));
        }
        for node in self.graph.node_indices() {
            let place = at(node);
            let label = self.label(node).replace('&', "&amp;").replace('<', "&lt;");
            text.push_str(&format!(
                "  <rect x=\"{}\" y=\"{}\" width=\"{width}\" height=\"28\" rx=\"4\" fill=\"#fff\" stroke=\"#333\"/>\n  <text x=\"{}\" y=\"{}\">{label}</text>\n",
                x(place), y(place), x(place) + 10, y(place) + 18
            ));
        }
        text.push_str("</svg>\n");
        text
    }

    /// Column and row of each node: the column is its depth, the row its turn there.
    fn places(&self) -> BTreeMap<NodeIndex, (usize, usize)> {
        let mut places = BTreeMap::new();
        let mut rows: BTreeMap<usize, usize> = BTreeMap::new();
        for node in toposort(&self.graph, None).unwrap_or_default() {
            let depth = self
                .graph
                .neighbors_directed(node, petgraph::Direction::Incoming)
                .filter_map(|before| places.get(&before))
                .map(|place: &(usize, usize)| place.0 + 1)
                .max()
                .unwrap_or(0);
            let row = rows.entry(depth).or_default();
            places.insert(node, (depth, *row));
            *row += 1;
        }
        places
    }

    fn label(&self, node: NodeIndex) -> String {
        self.graph
            .node_weight(node)
            .map(ToString::to_string)
            .unwrap_or_default()
    }

    fn edges(&self) -> Vec<(NodeIndex, NodeIndex)> {
        let mut edges: Vec<_> = self
            .graph
            .edge_indices()
            .filter_map(|edge| self.graph.edge_endpoints(edge))
            .collect();
        edges.sort();
        edges
    }
}
