//! The order in which locals and resources are evaluated, and the circles in it.

use std::collections::{BTreeSet, HashMap};

/// Blocks by number: what comes first, and circles, each as the blocks along it.
pub(crate) struct Order {
    /// Every block, after those it refers to. Blocks on a circle come too, in no useful order.
    pub(crate) blocks: Vec<usize>,
    pub(crate) circles: Vec<Vec<usize>>,
}

/// Orders blocks so that each comes after what it refers to. `references[n]` are the blocks that
/// block `n` refers to. Deterministic: ties go to the lower number.
pub(crate) fn order(references: &[BTreeSet<usize>]) -> Order {
    let mut dependents: HashMap<usize, Vec<usize>> = HashMap::new();
    let mut waiting: Vec<usize> = Vec::with_capacity(references.len());
    for (block, targets) in references.iter().enumerate() {
        waiting.push(targets.len());
        for target in targets {
            dependents.entry(*target).or_default().push(block);
        }
    }
    let mut ready: BTreeSet<usize> = (0..references.len())
        .filter(|block| waiting.get(*block) == Some(&0))
        .collect();
    let mut left: BTreeSet<usize> = (0..references.len()).collect();
    let mut order = Order {
        blocks: Vec::with_capacity(references.len()),
        circles: Vec::new(),
    };
    while !left.is_empty() {
        while let Some(block) = ready.pop_first() {
            if !left.remove(&block) {
                continue;
            }
            order.blocks.push(block);
            for dependent in dependents.get(&block).into_iter().flatten() {
                if let Some(count) = waiting.get_mut(*dependent) {
                    *count -= 1;
                    if *count == 0 {
                        ready.insert(*dependent);
                    }
                }
            }
        }
        // Whatever is left waits for itself: name one circle, let it pass, go on.
        let circle = circle(&left, references);
        if circle.is_empty() {
            break;
        }
        ready.extend(circle.iter().copied());
        order.circles.push(circle);
    }
    order
}

/// Follows references among the blocks that are left until one comes round again.
fn circle(left: &BTreeSet<usize>, references: &[BTreeSet<usize>]) -> Vec<usize> {
    let mut path: Vec<usize> = Vec::new();
    let mut position: HashMap<usize, usize> = HashMap::new();
    let mut at = left.first().copied();
    while let Some(block) = at {
        if let Some(start) = position.get(&block) {
            let mut circle = path.split_off(*start);
            // Begin with the lowest, wherever the search began.
            let lowest = circle.iter().enumerate().min_by_key(|(_, b)| **b);
            let lowest = lowest.map_or(0, |(index, _)| index);
            circle.rotate_left(lowest);
            return circle;
        }
        position.insert(block, path.len());
        path.push(block);
        at = references
            .get(block)
            .and_then(|targets| targets.iter().find(|target| left.contains(target)))
            .copied();
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(edges: &[&[usize]]) -> Vec<BTreeSet<usize>> {
        edges.iter().map(|e| e.iter().copied().collect()).collect()
    }

    #[test]
    fn what_is_referred_to_comes_first() {
        let order = order(&graph(&[&[2], &[0], &[], &[1, 2]]));
        assert_eq!(order.blocks, [2, 0, 1, 3]);
        assert!(order.circles.is_empty());
    }

    #[test]
    fn every_circle_is_named_and_everything_still_comes() {
        let order = order(&graph(&[&[1], &[0], &[3], &[4], &[2], &[0], &[6]]));
        assert_eq!(order.circles, [vec![0, 1], vec![2, 3, 4], vec![6]]);
        assert_eq!(order.blocks.len(), 7);
    }

    #[test]
    fn a_long_chain_is_no_problem() {
        let edges: Vec<BTreeSet<usize>> = (0..200_000)
            .map(|n| {
                if n == 0 {
                    BTreeSet::new()
                } else {
                    [n - 1].into()
                }
            })
            .collect();
        assert_eq!(order(&edges).blocks.len(), 200_000);
    }
}
