//! Which steps may start: a ready queue over the steps' dependencies.

use std::collections::BTreeSet;

use rbacform_core::Step;

/// The steps not started yet. Among those that are ready the lowest number goes first.
pub(crate) struct Graph {
    /// How many dependencies each step still waits for; none once it left the graph.
    waiting_for: Vec<Option<usize>>,
    dependents: Vec<Vec<usize>>,
    ready: BTreeSet<usize>,
}

impl Graph {
    pub(crate) fn of(steps: &[Step]) -> Self {
        let mut graph = Self {
            waiting_for: Vec::with_capacity(steps.len()),
            dependents: vec![Vec::new(); steps.len()],
            ready: BTreeSet::new(),
        };
        for (index, step) in steps.iter().enumerate() {
            let dependencies: BTreeSet<usize> = step.depends_on.iter().copied().collect();
            if dependencies.is_empty() {
                graph.ready.insert(index);
            }
            graph.waiting_for.push(Some(dependencies.len()));
            for dependency in dependencies {
                // One outside of the plan is never done, so that the step never starts.
                if let Some(dependents) = graph.dependents.get_mut(dependency) {
                    dependents.push(index);
                }
            }
        }
        graph
    }

    /// The next ready step, which thereby leaves the graph.
    pub(crate) fn take(&mut self) -> Option<usize> {
        let index = self.ready.pop_first()?;
        if let Some(slot) = self.waiting_for.get_mut(index) {
            *slot = None;
        }
        Some(index)
    }

    /// Tells that a step is done: what waited for it alone becomes ready.
    pub(crate) fn done(&mut self, index: usize) {
        for dependent in self.dependents.get(index).cloned().unwrap_or_default() {
            if let Some(Some(left)) = self.waiting_for.get_mut(dependent) {
                *left = left.saturating_sub(1);
                if *left == 0 {
                    self.ready.insert(dependent);
                }
            }
        }
    }

    /// Tells that a step was not done: everything that depends on it, however far, leaves the
    /// graph and is given back, in order.
    pub(crate) fn failed(&mut self, index: usize) -> BTreeSet<usize> {
        let mut skipped = BTreeSet::new();
        let mut queue = vec![index];
        while let Some(next) = queue.pop() {
            for dependent in self.dependents.get(next).cloned().unwrap_or_default() {
                if self
                    .waiting_for
                    .get_mut(dependent)
                    .is_some_and(|slot| slot.take().is_some())
                {
                    skipped.insert(dependent);
                    queue.push(dependent);
                }
            }
        }
        skipped
    }

    /// Empties the graph.
    pub(crate) fn abandon(&mut self) {
        self.ready.clear();
        self.waiting_for.fill(None);
    }
}
