//! Escalation prevention: whether held rules cover wanted ones
//! (`component-helpers/auth/rbac/validation/policy_comparator.go`).

use std::collections::{BTreeMap, BTreeSet};

use crate::authorize::join_errors;
use crate::matching::{contains, contains_or_star, url_matches};
use crate::quote::{go_quote, go_quote_list};
use crate::{Facts, Missing, PolicyRule, User, rules_for};

/// The wanted atoms that no held rule covers, one (group, resource, verb, name) or (URL, verb)
/// each. Empty means covered. The comparison is of text alone.
pub fn uncovered(held: &[&PolicyRule], wanted: &[PolicyRule]) -> Vec<PolicyRule> {
    wanted
        .iter()
        .flat_map(atoms)
        .filter(|atom| !is_covered(held, atom))
        .map(Atom::to_rule)
        .collect()
}

/// Whether held rules cover all of a wanted one.
pub(crate) fn covers_rule(held: &[&PolicyRule], wanted: &PolicyRule) -> bool {
    atoms(wanted).all(|atom| is_covered(held, &atom))
}

/// Whether a user may hand out these rules in a namespace (empty: cluster-wide); the error is the
/// server's text. `system:masters`, `escalate` and `bind` are the caller's business; `resource` is
/// what the request writes.
pub fn confirm_no_escalation(
    facts: &Facts,
    user: &User,
    resource: &str,
    namespace: &str,
    wanted: &[PolicyRule],
) -> Result<(), String> {
    let (held, missing_roles) = rules_for(facts, user, namespace);
    let uncovered = uncovered(&held, wanted);
    if uncovered.is_empty() {
        return Ok(());
    }
    Err(refusal(user, resource, &uncovered, &missing_roles))
}

fn refusal(
    user: &User,
    resource: &str,
    uncovered: &[PolicyRule],
    missing_roles: &[Missing],
) -> String {
    let lines: BTreeSet<String> = compact(uncovered).iter().map(ToString::to_string).collect();
    let lines: Vec<String> = lines.into_iter().collect();
    let mut text = format!(
        "user {} (groups={}) is attempting to grant RBAC permissions not currently held:\n{}",
        go_quote(&user.name),
        go_quote_list(&user.groups),
        lines.join("\n")
    );
    if !missing_roles.is_empty() {
        // Escalation is checked against storage; the authorizer's cache names kinds.
        let errors = missing_roles.iter().map(|role| role.from_storage(resource));
        let errors = join_errors(errors.collect());
        text.push_str(&format!("; resolution errors: [{errors}]"));
    }
    text
}

/// The smallest part of a rule.
#[derive(Clone, Copy)]
enum Atom<'r> {
    Resource {
        group: &'r str,
        resource: &'r str,
        verb: &'r str,
        /// The one object that is meant; all of them where none is.
        name: Option<&'r str>,
    },
    Url {
        url: &'r str,
        verb: &'r str,
    },
}

/// Splits a rule into its atoms.
fn atoms(rule: &PolicyRule) -> impl Iterator<Item = Atom<'_>> {
    let resources = rule.api_groups.iter().flat_map(move |group| {
        let resources = rule.resources.iter();
        resources.flat_map(move |resource| {
            let verbs = rule.verbs.iter();
            verbs.flat_map(move |verb| {
                names(rule).map(move |name| Atom::Resource {
                    group,
                    resource,
                    verb,
                    name,
                })
            })
        })
    });
    let urls = rule.non_resource_urls.iter().flat_map(move |url| {
        let verbs = rule.verbs.iter();
        verbs.map(move |verb| Atom::Url { url, verb })
    });
    resources.chain(urls)
}

fn names(rule: &PolicyRule) -> impl Iterator<Item = Option<&str>> {
    let all = rule.resource_names.is_empty().then_some(None);
    let names = rule.resource_names.iter().map(|name| Some(name.as_str()));
    all.into_iter().chain(names)
}

impl Atom<'_> {
    fn to_rule(self) -> PolicyRule {
        let one = |item: &str| vec![item.to_owned()];
        match self {
            Self::Resource {
                group,
                resource,
                verb,
                name,
            } => PolicyRule {
                verbs: one(verb),
                api_groups: one(group),
                resources: one(resource),
                resource_names: name.map(one).unwrap_or_default(),
                ..PolicyRule::default()
            },
            Self::Url { url, verb } => PolicyRule {
                verbs: one(verb),
                non_resource_urls: one(url),
                ..PolicyRule::default()
            },
        }
    }
}

fn is_covered(held: &[&PolicyRule], atom: &Atom<'_>) -> bool {
    held.iter().any(|rule| covers(rule, atom))
}

fn covers(held: &PolicyRule, atom: &Atom<'_>) -> bool {
    match *atom {
        Atom::Resource {
            group,
            resource,
            verb,
            name,
        } => {
            contains_or_star(&held.verbs, verb)
                && contains_or_star(&held.api_groups, group)
                && covers_resource(&held.resources, resource)
                && covers_name(&held.resource_names, name)
        }
        Atom::Url { url, verb } => {
            let mut patterns = held.non_resource_urls.iter();
            contains_or_star(&held.verbs, verb)
                && patterns.any(|pattern| url_matches(pattern, url))
                && covers_name(&held.resource_names, None)
        }
    }
}

fn covers_resource(held: &[String], resource: &str) -> bool {
    contains_or_star(held, resource)
        || resource
            .split_once('/')
            .is_some_and(|(_, subresource)| contains(held, &format!("*/{subresource}")))
}

fn covers_name(held: &[String], wanted: Option<&str>) -> bool {
    held.is_empty() || wanted.is_some_and(|name| contains(held, name))
}

/// Merges the verbs of atoms of one group, resource and name, in order of appearance
/// (`CompactRules`); URLs are not merged.
pub(crate) fn compact(atoms: &[PolicyRule]) -> Vec<PolicyRule> {
    let mut compacted: Vec<PolicyRule> = Vec::new();
    let mut places: BTreeMap<[&[String]; 3], usize> = BTreeMap::new();
    for atom in atoms {
        if !atom.non_resource_urls.is_empty() {
            compacted.push(atom.clone());
            continue;
        }
        let key = [&*atom.api_groups, &*atom.resources, &*atom.resource_names];
        match places.get(&key).and_then(|place| compacted.get_mut(*place)) {
            Some(rule) => rule.verbs.extend(atom.verbs.iter().cloned()),
            None => {
                places.insert(key, compacted.len());
                compacted.push(atom.clone());
            }
        }
    }
    compacted
}

#[cfg(test)]
#[path = "cover_tests.rs"]
mod tests;
