//! Regions: what a deed is made of, as sets that can be compared with what rules allow.

use std::collections::BTreeSet;

use rbacform_core::Deed;
use rbacform_core::assertion::Target;

use super::known;
use super::told::words;

use crate::delta::cell::Cell;
use crate::delta::names::Names;
use crate::matching::url_matches;
use crate::{Facts, NonResourceRequest, PolicyRule, Request, ResourceRequest, Version};

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
    /// Whether a wildcard says what is meant, so that what was found says more than its words.
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
        for verb in &deed.verbs {
            found.push(region(verb, target, deed, facts, sense));
        }
    }
    found
}

fn region(verb: &str, target: &Target, deed: &Deed, facts: &Facts, sense: Sense) -> Region {
    let words = match &target.api_group {
        Some(group) if !group.is_empty() => format!("{verb} {}.{group}", target.name),
        _ => format!("{verb} {}", target.name),
    };
    if target.name.starts_with('/') {
        return Region {
            words,
            what: What::Path(verb.to_owned(), target.name.to_string()),
            scoped: Scoped::Cluster,
            is_everything: false,
            is_broad: false,
        };
    }
    let (base, subresource) = split(&target.name);
    let names = match deed.names.is_empty() {
        false => Names::Only(deed.names.iter().map(ToString::to_string).collect()),
        true if sense == Sense::All && COLLECTIVE.contains(&verb) => Names::one(""),
        true => Names::all(),
    };
    let cell = Cell {
        verbs: star(verb),
        groups: groups(base, target, facts),
        resources: star(base),
        subresources: match (base, subresource) {
            ("*", "") => Names::all(),
            (_, "*") => Names::AllBut(BTreeSet::from([String::new()])),
            (_, subresource) => Names::one(subresource),
        },
        names,
    };
    Region {
        words,
        scoped: scoped(base, target),
        is_everything: base == "*",
        is_broad: verb == "*" || target.name.contains('*'),
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

/// The groups that are meant, whatever version the server is: that given, those of the API server's own, else those that rules
/// name it in.
fn groups(base: &str, target: &Target, facts: &Facts) -> Names {
    match target.api_group.as_deref() {
        Some(group) => return star(group),
        None if base == "*" => return Names::all(),
        None => {}
    }
    let builtin = known::named(base, Version::NEWEST).into_iter();
    let builtin: BTreeSet<String> = builtin.map(|found| found.group.to_owned()).collect();
    if !builtin.is_empty() {
        return Names::Only(builtin);
    }
    let named: BTreeSet<String> = rules(facts)
        .filter(|rule| names(rule, base))
        .flat_map(|rule| rule.api_groups.iter().cloned())
        .collect();
    match named.is_empty() || named.contains("*") {
        true => Names::all(),
        false => Names::Only(named),
    }
}

fn scoped(base: &str, target: &Target) -> Scoped {
    let group = target.api_group.as_deref();
    let mut builtin = known::named(base, Version::NEWEST).into_iter();
    let found = builtin.find(|found| group.is_none_or(|group| group == found.group));
    match found {
        Some(_) if base == "namespaces" => Scoped::Itself,
        Some(found) if !found.is_namespaced => Scoped::Cluster,
        _ => Scoped::Namespaces,
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

    /// A piece of it in words: its own, where no wildcard stands for what was found.
    pub(super) fn said(&self, piece: &Cell) -> String {
        match self.is_broad {
            true => words(piece),
            false => self.words.clone(),
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
