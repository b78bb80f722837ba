//! Regions: what a deed is made of, as sets that can be compared with what rules allow.

use std::collections::BTreeSet;

use rbacform_core::Deed;
use rbacform_core::assertion::Target;

use super::groups::{Meant, meant};
use super::told::{named, words};
use super::unseen::Place;

use crate::delta::cell::Cell;
use crate::delta::names::Names;
use crate::matching::url_matches;
use crate::{Facts, NonResourceRequest, PolicyRule, Request, ResourceRequest};

/// Verbs of requests that name no object.
const COLLECTIVE: [&str; 4] = ["create", "list", "watch", "deletecollection"];

/// One verb on one kind of resource or path.
#[derive(Debug, Clone)]
pub(super) struct Region {
    /// As the assertion says it: `get secrets`.
    pub(super) words: String,
    pub(super) what: What,
    /// Whether namespaces tell such resources apart.
    pub(super) scoped: Scoped,
    /// Whether every kind of resource is meant, what everybody holds among them.
    pub(super) is_everything: bool,
    /// Whether a wildcard says what is meant, or a group that is not named, so that what was found says
    /// more than its words.
    pub(super) is_broad: bool,
}

/// What is meant.
#[derive(Debug, Clone)]
pub(super) enum What {
    Cell(Cell),
    /// A verb, `*` for any, and a path.
    Path(String, String),
}

/// Where a request for such a resource is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scoped {
    /// In namespaces, or over all of them.
    Namespaces,
    /// In the whole cluster only.
    Cluster,
    /// In the namespace that it names: a namespace itself.
    Itself,
}

/// Whether all of a region is meant, or any part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sense {
    All,
    Any,
}

/// The regions of a deed, verb by verb and resource by resource.
pub(super) fn regions(deed: &Deed, facts: &Facts, sense: Sense) -> Vec<Region> {
    let mut found = Vec::new();
    for target in &deed.resources {
        let meant = match target.name.starts_with('/') {
            true => Vec::new(),
            false => meant(target, facts, sense),
        };
        for verb in &deed.verbs {
            if meant.is_empty() {
                found.push(path(verb, target));
            }
            let of_groups = meant.iter();
            found.extend(of_groups.map(|meant| region(verb, target, deed, meant, sense)));
        }
    }
    found
}

/// As an assertion says it: `get secrets`.
fn said(verb: &str, target: &Target) -> String {
    match &target.api_group {
        Some(group) if !group.is_empty() => format!("{verb} {}.{group}", target.name),
        _ => format!("{verb} {}", target.name),
    }
}

fn path(verb: &str, target: &Target) -> Region {
    Region {
        words: said(verb, target),
        what: What::Path(verb.to_owned(), target.name.to_string()),
        scoped: Scoped::Cluster,
        is_everything: false,
        is_broad: false,
    }
}

fn region(verb: &str, target: &Target, deed: &Deed, meant: &Meant, sense: Sense) -> Region {
    let (base, subresource) = split(&target.name);
    let names = match deed.names.is_empty() {
        false => Names::Only(deed.names.iter().map(ToString::to_string).collect()),
        true if sense == Sense::All && COLLECTIVE.contains(&verb) => Names::one(""),
        true => Names::all(),
    };
    let cell = Cell {
        verbs: star(verb),
        groups: meant.groups.clone(),
        resources: star(base),
        subresources: match (base, subresource) {
            ("*", "") => Names::all(),
            (_, "*") => Names::AllBut(BTreeSet::from([String::new()])),
            (_, subresource) => Names::one(subresource),
        },
        names,
    };
    Region {
        words: said(verb, target),
        scoped: meant.scoped,
        is_everything: base == "*",
        is_broad: verb == "*" || target.name.contains('*') || meant.is_of_others,
        what: What::Cell(cell),
    }
}

/// `pods/log` is `log` of `pods`.
pub(super) fn split(resource: &str) -> (&str, &str) {
    resource.split_once('/').unwrap_or((resource, ""))
}

fn star(name: &str) -> Names {
    match name {
        "*" => Names::all(),
        name => Names::one(name),
    }
}

/// Whether a rule names a resource, with or without a subresource.
pub(super) fn names(rule: &PolicyRule, base: &str) -> bool {
    rule.resources.iter().any(|named| split(named).0 == base)
}

/// The rules of every role.
pub(super) fn rules(facts: &Facts) -> impl Iterator<Item = &PolicyRule> {
    let of_cluster = facts.cluster_roles().flat_map(|role| &role.rules);
    of_cluster.chain(facts.roles().flat_map(|role| &role.rules))
}

impl Region {
    /// The namespaces to ask in for a claim about a place, besides the whole cluster. `held` are
    /// those where anything is held.
    pub(super) fn cell_in(&self, namespace: &str) -> Option<Cell> {
        let What::Cell(cell) = &self.what else {
            return None;
        };
        match self.scoped {
            _ if namespace.is_empty() => Some(cell.clone()),
            Scoped::Namespaces => Some(cell.clone()),
            Scoped::Cluster => None,
            Scoped::Itself => {
                let names = cell.names.and(&Names::one(namespace));
                let cell = Cell {
                    names,
                    ..cell.clone()
                };
                (!cell.is_empty()).then_some(cell)
            }
        }
    }

    /// Where bindings of namespaces matter for a claim about any part of it.
    pub(super) fn place(&self, deed: &Deed) -> Place {
        let namespaces = match self.scoped {
            Scoped::Cluster => return Place::default(),
            Scoped::Namespaces => &deed.namespaces,
            Scoped::Itself => &deed.names,
        };
        match namespaces.is_empty() {
            true => Place::Anywhere,
            false => Place::in_some(namespaces.iter().map(|namespace| &**namespace)),
        }
    }

    /// A piece of it in words: its own, where no wildcard stands for what was found.
    pub(super) fn said(&self, piece: &Cell) -> String {
        match self.is_broad {
            true => words(piece),
            false => self.said_of(&piece.names),
        }
    }

    /// The same of objects, where it is about some by name.
    pub(super) fn said_of(&self, objects: &Names) -> String {
        match &self.what {
            What::Cell(cell) if cell.names.counted().is_some() => {
                format!("{}{}", self.words, named(objects))
            }
            _ => self.words.clone(),
        }
    }

    /// Whether a rule allows any of a path region.
    pub(super) fn meets_path(&self, rule: &PolicyRule) -> bool {
        let What::Path(verb, path) = &self.what else {
            return false;
        };
        let mut verbs = rule.verbs.iter();
        verbs.any(|held| verb == "*" || held == "*" || held == verb)
            && rule.non_resource_urls.iter().any(|pattern| {
                url_matches(pattern, path) || (path.ends_with('*') && url_matches(path, pattern))
            })
    }

    /// Whether a rule allows all of a path region.
    pub(super) fn covers_path(&self, rule: &PolicyRule) -> bool {
        let What::Path(verb, path) = &self.what else {
            return false;
        };
        let mut verbs = rule.verbs.iter();
        verbs.any(|held| held == "*" || held == verb)
            && rule
                .non_resource_urls
                .iter()
                .any(|pattern| url_matches(pattern, path))
    }
}

/// A request of a piece: one that the piece, and nothing that was taken out of it, stands for.
pub(super) fn sample(cell: &Cell, namespace: &str) -> Option<Request> {
    Some(Request::Resource(ResourceRequest {
        verb: one(&cell.verbs, &["get"])?,
        api_group: one(&cell.groups, &[""])?,
        resource: one(&cell.resources, &["pods"])?,
        subresource: one(&cell.subresources, &[""])?,
        name: one(&cell.names, &[""])?,
        namespace: namespace.to_owned(),
    }))
}

/// The same for a path.
pub(super) fn sample_path(verb: &str, path: &str) -> Request {
    Request::NonResource(NonResourceRequest {
        verb: verb.to_owned(),
        path: path.to_owned(),
    })
}

fn one(names: &Names, likely: &[&str]) -> Option<String> {
    match names {
        Names::Only(names) => names.first().cloned(),
        Names::AllBut(without) => {
            let free = |name: &str| !without.contains(name);
            if let Some(name) = likely.iter().find(|name| free(name)) {
                return Some((*name).to_owned());
            }
            // One longer than every name that is left out is none of them.
            let longest = without.iter().map(String::len).max().unwrap_or(0);
            Some("x".repeat(longest + 1))
        }
    }
}
