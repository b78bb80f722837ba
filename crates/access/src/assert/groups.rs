//! API groups: which are meant where a claim names none.

use std::collections::BTreeSet;

use rbacform_core::assertion::Target;

use super::known;
use super::region::{Scoped, Sense, names, rules, split};
use crate::delta::names::Names;
use crate::{Facts, Version, resources};

/// Groups in which a resource is meant, and whether namespaces tell it apart there.
pub(super) struct Meant {
    pub(super) groups: Names,
    pub(super) scoped: Scoped,
    /// Whether the claim's own words do not say which groups these are.
    pub(super) is_of_others: bool,
}

/// The group that a claim gives, whatever version the server is; else the API server's own that have
/// such resources. Of any part, those of others too in which a rule names them; where the server has
/// none, every group that is not its own. Of the whole, where the server has none, those in which a
/// rule names them, else every one.
pub(super) fn meant(target: &Target, facts: &Facts, sense: Sense) -> Vec<Meant> {
    let (base, _) = split(&target.name);
    let own = |groups: Names| Meant {
        groups,
        scoped: scoped(base, target),
        is_of_others: false,
    };
    let others = |groups: Names| Meant {
        groups,
        scoped: Scoped::Namespaces,
        is_of_others: true,
    };
    match target.api_group.as_deref() {
        Some("*") => return vec![own(Names::all())],
        Some(group) => return vec![own(Names::one(group))],
        None if base == "*" => return vec![own(Names::all())],
        None => {}
    }
    let builtin = known::named(base, Version::NEWEST).into_iter();
    let builtin: BTreeSet<String> = builtin.map(|found| found.group.to_owned()).collect();
    let named: BTreeSet<String> = rules(facts)
        .filter(|rule| names(rule, base))
        .flat_map(|rule| rule.api_groups.iter().cloned())
        .collect();
    match (sense, builtin.is_empty()) {
        (Sense::All, false) => vec![own(Names::Only(builtin))],
        (Sense::All, true) if named.is_empty() || named.contains("*") => vec![own(Names::all())],
        (Sense::All, true) => vec![own(Names::Only(named))],
        (Sense::Any, false) => {
            let more = named.into_iter();
            let more = more.filter(|group| group != "*" && !is_own(group));
            let more = Names::Only(more.collect());
            let more = (!more.is_empty()).then(|| others(more));
            std::iter::once(own(Names::Only(builtin)))
                .chain(more)
                .collect()
        }
        (Sense::Any, true) => {
            let groups = resources::all().map(|resource| resource.group.to_owned());
            let without = groups.filter(|group| !named.contains(group)).collect();
            vec![others(Names::AllBut(without))]
        }
    }
}

/// Whether a group is the API server's own: what it has is known.
fn is_own(group: &str) -> bool {
    resources::all().any(|resource| resource.group == group)
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

/// The groups that a server can be asked about: those that are meant, and where they cannot be
/// counted every one at once, and each in which a rule gives such resources.
pub(super) fn to_ask(groups: &Names, parents: &Names, facts: &Facts) -> BTreeSet<String> {
    if let Some(groups) = groups.counted() {
        return groups.clone();
    }
    let mut all = BTreeSet::from(["*".to_owned()]);
    for base in parents.counted().into_iter().flatten() {
        let gives = rules(facts).filter(|rule| {
            names(rule, base) || rule.resources.iter().any(|held| split(held).0 == "*")
        });
        let theirs = gives.flat_map(|rule| rule.api_groups.iter().cloned());
        all.extend(theirs.filter(|group| groups.covers(&Names::one(group))));
    }
    all
}
