//! Cells: what one rule allows, as a product of sets that can be subtracted from each other.

use super::names::Names;
use crate::PolicyRule;

/// Verbs x groups x resources x subresources x names: every request of the product is allowed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Cell {
    pub(crate) verbs: Names,
    pub(crate) groups: Names,
    pub(crate) resources: Names,
    /// `""` is the resource itself.
    pub(crate) subresources: Names,
    /// `""` is a request without a name.
    pub(crate) names: Names,
}

/// How many pieces a subtraction may leave before it gives up and keeps the whole.
const PIECES: usize = 512;

impl Cell {
    /// What a rule allows in the resource tree: one cell for each of its resources that is written
    /// in a way of its own.
    pub(crate) fn of(rule: &PolicyRule) -> Vec<Self> {
        let names = match rule.resource_names.is_empty() {
            true => Names::all(),
            false => Names::Only(rule.resource_names.iter().cloned().collect()),
        };
        let cell = |resources: Names, subresources: Names| Self {
            verbs: Names::of_rule(&rule.verbs),
            groups: Names::of_rule(&rule.api_groups),
            resources,
            subresources,
            names: names.clone(),
        };
        let plain: Vec<&String> = rule
            .resources
            .iter()
            .filter(|resource| *resource != "*" && !resource.contains('/'))
            .collect();
        let mut cells = Vec::new();
        if !plain.is_empty() {
            let resources = Names::Only(plain.into_iter().cloned().collect());
            cells.push(cell(resources, Names::one("")));
        }
        for resource in &rule.resources {
            if resource == "*" {
                cells.push(cell(Names::all(), Names::all()));
            } else if let Some((parent, sub)) = resource.split_once('/') {
                // `*/sub` covers that subresource of everything; `pods/*` only what has this name.
                let parents = match parent {
                    "*" if !sub.is_empty() => Names::all(),
                    parent => Names::one(parent),
                };
                cells.push(cell(parents, Names::one(sub)));
            }
        }
        cells.retain(|cell| !cell.is_empty());
        cells
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.sides().iter().any(|side| side.is_empty())
    }

    fn sides(&self) -> [&Names; 5] {
        [
            &self.verbs,
            &self.groups,
            &self.resources,
            &self.subresources,
            &self.names,
        ]
    }

    pub(crate) fn covers(&self, other: &Self) -> bool {
        self.sides()
            .iter()
            .zip(other.sides())
            .all(|(mine, theirs)| mine.covers(theirs))
    }

    pub(crate) fn meets(&self, other: &Self) -> bool {
        self.sides()
            .iter()
            .zip(other.sides())
            .all(|(mine, theirs)| mine.meets(theirs))
    }

    /// What lies in both.
    pub(super) fn and(&self, other: &Self) -> Self {
        Self {
            verbs: self.verbs.and(&other.verbs),
            groups: self.groups.and(&other.groups),
            resources: self.resources.and(&other.resources),
            subresources: self.subresources.and(&other.subresources),
            names: self.names.and(&other.names),
        }
    }

    /// What is left of it without `others`: cells that do not overlap. Too many pieces, and it is
    /// left whole: rather too much is told than too little.
    pub(crate) fn without<'a>(&self, others: impl Iterator<Item = &'a Self>) -> Vec<Self> {
        let mut pieces = vec![self.clone()];
        for other in others {
            pieces = pieces
                .iter()
                .flat_map(|piece| piece.without_one(other))
                .collect();
            if pieces.is_empty() {
                break;
            }
            if pieces.len() > PIECES {
                return vec![self.clone()];
            }
        }
        pieces
    }

    fn without_one(&self, other: &Self) -> Vec<Self> {
        if !self.meets(other) {
            return vec![self.clone()];
        }
        let mut pieces = Vec::new();
        // What shares no side so far with `other` lies within it on every side before.
        let mut rest = self.clone();
        let mut keep = |piece: Self| {
            if !piece.is_empty() {
                pieces.push(piece);
            }
        };
        keep(Self {
            groups: rest.groups.minus(&other.groups),
            ..rest.clone()
        });
        rest.groups = rest.groups.and(&other.groups);
        keep(Self {
            resources: rest.resources.minus(&other.resources),
            ..rest.clone()
        });
        rest.resources = rest.resources.and(&other.resources);
        keep(Self {
            subresources: rest.subresources.minus(&other.subresources),
            ..rest.clone()
        });
        rest.subresources = rest.subresources.and(&other.subresources);
        keep(Self {
            names: rest.names.minus(&other.names),
            ..rest.clone()
        });
        rest.names = rest.names.and(&other.names);
        keep(Self {
            verbs: rest.verbs.minus(&other.verbs),
            ..rest
        });
        pieces
    }
}
