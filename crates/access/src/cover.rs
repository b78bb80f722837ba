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
        .filter(|atom| !held.iter().any(|rule| covers(rule, atom)))
        .collect()
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

/// Splits a rule into its atoms.
fn atoms(rule: &PolicyRule) -> Vec<PolicyRule> {
    let mut atoms = Vec::new();
    let one = |item: &String| vec![item.clone()];
    for group in &rule.api_groups {
        for resource in &rule.resources {
            for verb in &rule.verbs {
                let atom = PolicyRule {
                    verbs: one(verb),
                    api_groups: one(group),
                    resources: one(resource),
                    ..PolicyRule::default()
                };
                if rule.resource_names.is_empty() {
                    atoms.push(atom);
                } else {
                    atoms.extend(rule.resource_names.iter().map(|name| PolicyRule {
                        resource_names: one(name),
                        ..atom.clone()
                    }));
                }
            }
        }
    }
    for url in &rule.non_resource_urls {
        atoms.extend(rule.verbs.iter().map(|verb| PolicyRule {
            verbs: one(verb),
            non_resource_urls: one(url),
            ..PolicyRule::default()
        }));
    }
    atoms
}

fn covers(held: &PolicyRule, atom: &PolicyRule) -> bool {
    atom.verbs
        .iter()
        .all(|verb| contains_or_star(&held.verbs, verb))
        && atom
            .api_groups
            .iter()
            .all(|group| contains_or_star(&held.api_groups, group))
        && atom
            .resources
            .iter()
            .all(|resource| covers_resource(&held.resources, resource))
        && atom.non_resource_urls.iter().all(|url| {
            held.non_resource_urls
                .iter()
                .any(|pattern| url_matches(pattern, url))
        })
        && covers_names(&held.resource_names, &atom.resource_names)
}

fn covers_resource(held: &[String], resource: &str) -> bool {
    contains_or_star(held, resource)
        || resource
            .split_once('/')
            .is_some_and(|(_, subresource)| contains(held, &format!("*/{subresource}")))
}

fn covers_names(held: &[String], wanted: &[String]) -> bool {
    held.is_empty() || (!wanted.is_empty() && wanted.iter().all(|name| contains(held, name)))
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
