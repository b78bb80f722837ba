//! Rules that can never match, in whole or in part.
//!
//! Source: the matching rules of `pkg/apis/rbac/v1/evaluation_helpers.go` and the attributes that a
//! request can have (`pkg/endpoints/request/requestinfo.go` of the API server).

use std::collections::BTreeSet;

use rbacform_core::hint;

use super::known::{Known, is_closed, known};
use crate::PolicyRule;
use crate::resources::{self, REQUEST_VERBS, is_virtual};
use crate::subject::split_service_account;

/// A rule, or a part of one, that no request matches.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DeadRule {
    /// What never matches and why, a sentence without its full stop.
    pub what: String,
    /// What to do.
    pub help: String,
    /// Which of the rules it is.
    pub rule: usize,
    /// The list of the rule that holds what never matches, as stack files name it.
    pub list: &'static str,
    /// What of that list never matches.
    pub item: String,
}

/// What is dead in the rules of one role, each thing of a rule once. `namespaced` says whether the rules are
/// asked for requests in a namespace only: those of a Role.
pub fn dead_rules(rules: &[PolicyRule], namespaced: bool) -> Vec<DeadRule> {
    let mut found = Found::default();
    for (index, rule) in rules.iter().enumerate() {
        found.rule = index;
        verbs(rule, &mut found);
        groups(rule, &mut found);
        for resource in &rule.resources {
            if !spelling(rule, resource, &mut found) && namespaced {
                cluster_scoped(rule, resource, &mut found);
            }
        }
        names(rule, &mut found);
        impersonated(rule, &mut found);
        urls(rule, &mut found);
    }
    found.dead.into_iter().collect()
}

/// What was found so far, and the rule that is looked at.
#[derive(Default)]
struct Found {
    dead: BTreeSet<DeadRule>,
    rule: usize,
}

impl Found {
    /// Tells of an item of one of the rule's lists.
    fn tell(&mut self, (list, item): (&'static str, &str), what: String, help: impl Into<String>) {
        self.dead.insert(DeadRule {
            what,
            help: help.into(),
            rule: self.rule,
            list,
            item: item.to_owned(),
        });
    }
}

fn verbs(rule: &PolicyRule, found: &mut Found) {
    for verb in &rule.verbs {
        let lower = verb.to_ascii_lowercase();
        if verb.is_empty() {
            found.tell(
                ("verbs", verb),
                "the verb `` matches no request".to_owned(),
                "remove it",
            );
        } else if lower != *verb && REQUEST_VERBS.contains(&lower.as_str()) {
            let what = format!("the verb `{verb}` matches no request: verbs are lower-case");
            found.tell(("verbs", verb), what, format!("write `{lower}`"));
        }
    }
}

fn groups(rule: &PolicyRule, found: &mut Found) {
    for group in &rule.api_groups {
        if group == "core" || is_version(group) {
            let what = format!("the API group `{group}` matches no request");
            found.tell(("api_groups", group), what, "the core group is `\"\"`");
        } else if let Some((name, _)) = group.split_once('/') {
            let what =
                format!("the API group `{group}` matches no request: groups have no version");
            found.tell(("api_groups", group), what, format!("write `{name}`"));
        }
    }
}

/// `v1`, `v2beta1`.
fn is_version(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('v') else {
        return false;
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (major, minor) = match rest.split_once("alpha").or(rest.split_once("beta")) {
        Some((major, minor)) => (major, minor),
        None => (rest, ""),
    };
    !major.is_empty() && digits(major) && digits(minor)
}

/// Names of resources that no server has. Whether there was anything to tell.
fn spelling(rule: &PolicyRule, resource: &str, found: &mut Found) -> bool {
    let before = found.dead.len();
    let (parent, sub) = match resource.split_once('/') {
        Some((parent, sub)) => (parent, Some(sub)),
        None => (resource, None),
    };
    if resource.is_empty() {
        found.tell(
            ("resources", resource),
            "the resource `` matches no request".to_owned(),
            "remove it",
        );
    } else if sub == Some("*") {
        let what =
            format!("the resource `{resource}` matches no request: `*` stands for no subresource");
        found.tell(
            ("resources", resource),
            what,
            "name the subresources, e.g. `pods/log`, or write `*` for everything",
        );
    } else if parent.chars().any(char::is_uppercase) {
        let what = format!(
            "the resource `{resource}` matches no request: resources are lower-case plurals"
        );
        let meant = known().find(|known| known.is_meant_by(parent));
        let meant = meant.map_or(parent.to_ascii_lowercase(), |it| it.resource.to_owned());
        found.tell(
            ("resources", resource),
            what,
            format!("did you mean `{meant}`?"),
        );
    } else if parent != "*" && rule.api_groups.iter().all(|group| is_closed(group)) {
        in_another_group(rule, resource, found);
    }
    found.dead.len() > before
}

/// A resource in groups whose resources are all known, of which none has it.
fn in_another_group(rule: &PolicyRule, resource: &str, found: &mut Found) {
    let parent = resource.split('/').next().unwrap_or(resource);
    let serves = |known: &Known| {
        known.resource == parent && rule.api_groups.iter().any(|it| it == known.group)
    };
    if rule.api_groups.is_empty() || known().any(|known| serves(&known)) {
        return;
    }
    let meant = known().find(|known| known.is_meant_by(parent));
    let help = match meant {
        Some(meant) if meant.resource == parent => {
            format!("it is one of {}", group_words(meant.group))
        }
        Some(meant) => format!(
            "did you mean `{}` of {}?",
            meant.resource,
            group_words(meant.group)
        ),
        // A name that none of us knows, and that is close to none, may be of a newer server.
        None => match misspelt(rule, parent) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => return,
        },
    };
    let groups: Vec<String> = rule
        .api_groups
        .iter()
        .map(|group| group_words(group))
        .collect();
    let what = format!("`{parent}` is no resource of {}", groups.join(" or "));
    found.tell(("resources", resource), what, help);
}

/// The resource of the rule's groups whose name is closest to one that no group has. Verbs of checks
/// that are no requests may be about anything.
fn misspelt(rule: &PolicyRule, name: &str) -> Option<&'static str> {
    let asked = |verb: &String| verb == "*" || REQUEST_VERBS.contains(&verb.as_str());
    let is_somewhere = is_virtual(name) || resources::all().any(|known| known.name == name);
    if is_somewhere || !rule.verbs.iter().all(asked) {
        return None;
    }
    let of_groups =
        resources::all().filter(|known| rule.api_groups.iter().any(|it| it == known.group));
    hint::closest(name, of_groups.map(|known| known.name))
}

fn group_words(group: &str) -> String {
    match group {
        "" => "the core group".to_owned(),
        group => format!("the group `{group}`"),
    }
}

/// In a Role, resources that belong to no namespace. A request for a namespace by its name is one
/// in that namespace.
fn cluster_scoped(rule: &PolicyRule, resource: &str, found: &mut Found) {
    let parent = resource.split('/').next().unwrap_or(resource);
    let of_rule = |known: &Known| {
        known.resource == parent && rule.api_groups.iter().any(|group| group == known.group)
    };
    if !known().any(|known| of_rule(&known) && !known.namespaced) {
        return;
    }
    let help = "grant it by a ClusterRole and a ClusterRoleBinding";
    if parent != "namespaces" {
        let what = format!("`{resource}` belong to no namespace, so a Role cannot grant them");
        found.tell(("resources", resource), what, help);
        return;
    }
    let unnamed = ["create", "deletecollection", "list", "watch"];
    let dead: Vec<&str> = unnamed
        .into_iter()
        .filter(|verb| rule.verbs.iter().any(|held| held == verb))
        .collect();
    if !dead.is_empty() && resource == "namespaces" {
        let what = format!(
            "in a Role, `{}` of `namespaces` match no request: only the namespace itself, by its \
             name, is one of its resources",
            dead.join("`, `")
        );
        found.tell(("resources", resource), what, help);
    }
}

fn names(rule: &PolicyRule, found: &mut Found) {
    let names = &rule.resource_names;
    if names.is_empty() {
        return;
    }
    // The element `""` stands for requests without a name.
    let has_unnamed = names.iter().any(String::is_empty);
    if !has_unnamed && rule.verbs.iter().any(|verb| verb == "deletecollection") {
        let what = "`deletecollection` with resource names matches no request: it never has a name";
        found.tell(
            ("verbs", "deletecollection"),
            what.to_owned(),
            "remove the verb, or the names",
        );
    }
    // Other verbs may be asked by components that look for a pattern literally, e.g. `approve` on
    // the signers of a domain.
    let built_in = rule
        .verbs
        .iter()
        .all(|verb| REQUEST_VERBS.contains(&verb.as_str()));
    let may_be_named_so = |group: &String| group == "*" || group == crate::RBAC_GROUP;
    if built_in && !rule.api_groups.iter().any(may_be_named_so) {
        for name in names.iter().filter(|name| name.contains('*')) {
            let what =
                format!("the resource name `{name}` matches no object: names have no wildcards");
            found.tell(
                ("resource_names", name),
                what,
                "name the objects, or leave the names out for all of them",
            );
        }
    }
}

/// Who acts as a service account is asked for it as one, by whichever name
/// (`pkg/endpoints/filters/impersonation.go` of the API server).
fn impersonated(rule: &PolicyRule, found: &mut Found) {
    let acts = !rule.verbs.is_empty() && rule.verbs.iter().all(|verb| verb == "impersonate");
    let users = |resource: &String| ["users", "serviceaccounts"].contains(&resource.as_str());
    if !acts || !rule.resources.iter().all(users) {
        return;
    }
    for username in &rule.resource_names {
        if let Some((namespace, name)) = split_service_account(username) {
            let what = format!(
                "`impersonate` of the user `{username}` matches no request: it is asked for as a \
                 service account"
            );
            let help = format!(
                "grant it on the resource `serviceaccounts` with the name `{name}`, in the \
                 namespace `{namespace}`"
            );
            found.tell(("resource_names", username), what, help);
        }
    }
}

fn urls(rule: &PolicyRule, found: &mut Found) {
    for url in &rule.non_resource_urls {
        if url.contains('?') {
            let what =
                format!("the URL `{url}` matches no request: paths are compared without the query");
            found.tell(("non_resource_urls", url), what, "write the path alone");
        } else if !url.starts_with('/') && !url.trim_end_matches('*').is_empty() {
            let what = format!("the URL `{url}` matches no request: paths begin with `/`");
            found.tell(("non_resource_urls", url), what, format!("write `/{url}`"));
        }
    }
}

#[cfg(test)]
#[path = "dead_tests.rs"]
mod tests;
