use proptest::prelude::*;

use super::*;

/// A graph of `keys.len()` nodes with edges from lower to higher numbers, by way of `names`, so
/// that the order of the nodes says nothing about the order of the work.
fn graph(
    keys: &[Option<u8>],
    edges: &[(usize, usize)],
    names: &[usize],
) -> DiGraph<Option<u8>, ()> {
    let mut graph = DiGraph::new();
    let mut weights = vec![None; keys.len()];
    for (place, key) in names.iter().zip(keys) {
        weights[*place] = *key;
    }
    for weight in weights {
        graph.add_node(weight);
    }
    for (a, b) in edges {
        let (a, b) = (a % keys.len(), b % keys.len());
        if a != b {
            let (low, high) = (names[a.min(b)], names[a.max(b)]);
            graph.update_edge(NodeIndex::new(low), NodeIndex::new(high), ());
        }
    }
    graph
}

fn grouped(graph: &DiGraph<Option<u8>, ()>) -> (Vec<Vec<NodeIndex>>, DiGraph<(), ()>) {
    let groups = groups(graph, |key| *key);
    let mut group_of = vec![NodeIndex::end(); graph.node_count()];
    for (index, group) in groups.iter().enumerate() {
        for node in group {
            assert_eq!(
                group_of[node.index()],
                NodeIndex::end(),
                "{node:?} is in two"
            );
            group_of[node.index()] = NodeIndex::new(index);
        }
    }
    assert!(group_of.iter().all(|group| *group != NodeIndex::end()));
    let quotient = contract(graph, &group_of, groups.len());
    (groups, quotient)
}

fn count(keys: &[Option<u8>], edges: &[(usize, usize)]) -> usize {
    let names: Vec<usize> = (0..keys.len()).collect();
    grouped(&graph(keys, edges, &names)).0.len()
}

type Case = (Vec<Option<u8>>, Vec<(usize, usize)>, Vec<usize>);

fn case() -> impl Strategy<Value = Case> {
    (1_usize..24).prop_flat_map(|size| {
        let key = prop_oneof![Just(None), (0_u8..4).prop_map(Some)];
        let names: Vec<usize> = (0..size).collect();
        (
            prop::collection::vec(key, size),
            prop::collection::vec((0..size, 0..size), 0..size * 2),
            Just(names).prop_shuffle(),
        )
    })
}

proptest! {
    #[test]
    fn groups_wait_for_each_other_in_an_order_that_has_an_end((keys, edges, names) in case()) {
        let graph = graph(&keys, &edges, &names);
        let (groups, quotient) = grouped(&graph);
        // An edge within a group would be a loop, a path that leaves it and comes back a cycle.
        prop_assert!(petgraph::algo::toposort(&quotient, None).is_ok(), "{groups:?}");
        for group in &groups {
            let keys: BTreeSet<Option<u8>> = group.iter().map(|node| graph[*node]).collect();
            prop_assert_eq!(keys.len(), 1);
            prop_assert!(group.len() == 1 || keys != BTreeSet::from([None]));
        }
        for edge in graph.edge_references() {
            let of = |node| groups.iter().position(|group| group.contains(&node)).unwrap();
            let (from, to) = (of(edge.source()), of(edge.target()));
            prop_assert!(quotient.contains_edge(NodeIndex::new(from), NodeIndex::new(to)));
        }
    }

    #[test]
    fn a_key_is_one_group_wherever_whole_keys_can_be_put_in_an_order(
        (keys, edges, names) in case()
    ) {
        let graph = graph(&keys, &edges, &names);
        let classes = Classes::of(&graph, |key| *key);
        let whole = contract(&graph, &classes.of_node, classes.members.len());
        let (groups, _) = grouped(&graph);
        if petgraph::algo::toposort(&whole, None).is_ok() {
            prop_assert_eq!(groups.len(), classes.members.len());
        } else {
            prop_assert!(groups.len() > classes.members.len());
        }
    }

    #[test]
    fn the_order_of_edges_makes_no_difference((keys, mut edges, names) in case()) {
        let one = grouped(&graph(&keys, &edges, &names)).0;
        edges.reverse();
        let other = grouped(&graph(&keys, &edges, &names)).0;
        let sorted = |mut groups: Vec<Vec<NodeIndex>>| { groups.sort(); groups };
        prop_assert_eq!(sorted(one), sorted(other));
    }

    #[test]
    fn wishes_never_make_a_cycle_and_all_are_granted_where_none_would(
        (keys, edges, names) in case(),
        wishes in prop::collection::vec((0_usize..24, 0_usize..24), 0..24),
    ) {
        let mut graph = graph(&keys, &edges, &names).map(|_, _| (), |_, _| ());
        let node = |number: usize| NodeIndex::new(number % keys.len());
        let wishes: BTreeSet<_> = wishes
            .into_iter()
            .map(|(a, b)| (node(a), node(b)))
            .filter(|(a, b)| a != b)
            .collect();
        let granted = without_cycles(&graph, &wishes);
        let mut all = graph.clone();
        for (before, after) in &wishes {
            all.add_edge(*before, *after, ());
        }
        for (before, after) in &granted {
            graph.add_edge(*before, *after, ());
        }
        prop_assert!(petgraph::algo::toposort(&graph, None).is_ok());
        if petgraph::algo::toposort(&all, None).is_ok() {
            prop_assert_eq!(granted.len(), wishes.len());
        }
    }
}

#[test]
fn members_of_one_policy_at_different_depths_are_one_write() {
    // Two service accounts; the member of the second waits for another resource besides.
    let keys = [None, None, None, Some(0), Some(0)];
    assert_eq!(count(&keys, &[(0, 3), (1, 2), (2, 4)]), 4);
}

#[test]
fn only_a_path_between_two_members_splits_a_policy_and_only_once() {
    let mut keys = vec![Some(0); 100];
    keys.push(None);
    // 0 -> 100 is not possible by number, so the one in between is 50.
    keys[50] = None;
    assert_eq!(count(&keys, &[(0, 50), (50, 99)]), 2 + 2);
    let chain = [Some(0), Some(0), Some(0), Some(0)];
    assert_eq!(count(&chain, &[(0, 1), (1, 2)]), 3);
}

#[test]
fn two_policies_that_wait_for_each_other_are_three_writes() {
    // a1 -> b1, b2 -> a2.
    let keys = [Some(0), Some(1), Some(1), Some(0)];
    assert_eq!(count(&keys, &[(0, 2), (1, 3)]), 3);
    // A third that waits for one of them is not split with them.
    let keys = [Some(0), Some(1), Some(1), Some(0), Some(2), Some(2)];
    assert_eq!(count(&keys, &[(0, 2), (1, 3), (3, 4)]), 4);
}

#[test]
fn ten_thousand_edits_in_a_chain_end() {
    let size = 10_000;
    let chain: Vec<(usize, usize)> = (1..size).map(|n| (n - 1, n)).collect();
    assert_eq!(count(&vec![Some(0); size], &chain), size);
    assert_eq!(count(&vec![None; size], &chain), size);
    let star: Vec<(usize, usize)> = (1..size).map(|n| (0, n)).collect();
    let mut keys = vec![Some(0); size];
    keys[0] = None;
    assert_eq!(count(&keys, &star), 2);
}
