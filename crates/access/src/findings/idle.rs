//! Rules that match nothing where a RoleBinding gives them.
//!
//! Source: the attributes that a request can have (`pkg/endpoints/request/requestinfo.go` of the API
//! server): a request for a URL, or for what belongs to no namespace, has none, but for a namespace
//! itself by its name.

use std::collections::BTreeSet;

use crate::PolicyRule;
use crate::resources::{self, REQUEST_VERBS};

/// What rules grant, URLs and resources, where no request in any namespace matches any of it. None
/// where one may: what other groups than the API server's own have may be in a namespace, and verbs of
/// its checks are asked where it likes, as `bind` is in the namespace of the binding.
pub fn idle_in_namespaces(rules: &[PolicyRule]) -> Option<Vec<String>> {
    let mut granted = Vec::new();
    for rule in rules {
        granted.extend(rule.non_resource_urls.iter().cloned());
        for resource in &rule.resources {
            if !rule.api_groups.iter().all(|it| is_idle(rule, it, resource)) {
                return None;
            }
            granted.push(resource.clone());
        }
    }
    let mut seen = BTreeSet::new();
    granted.retain(|it| seen.insert(it.clone()));
    Some(granted)
}

fn is_idle(rule: &PolicyRule, group: &str, resource: &str) -> bool {
    let parent = resource.split('/').next().unwrap_or(resource);
    let mut own = resources::all().filter(|own| own.name == parent && own.group == group);
    if own.next().is_none_or(|own| own.is_namespaced) {
        return false;
    }
    let mut verbs = rule.verbs.iter().map(String::as_str);
    match resource {
        // Those that never name the namespace that they are about.
        "namespaces" => verbs.all(|verb| ["list", "create", "deletecollection"].contains(&verb)),
        _ if parent == "namespaces" => false,
        _ if group == crate::RBAC_GROUP => verbs.all(|verb| REQUEST_VERBS.contains(&verb)),
        _ => verbs.all(|verb| verb == "*" || REQUEST_VERBS.contains(&verb)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(verbs: &[&str], group: &str, resources: &[&str]) -> PolicyRule {
        let strings = |items: &[&str]| items.iter().map(ToString::to_string).collect();
        PolicyRule {
            verbs: strings(verbs),
            api_groups: vec![group.to_owned()],
            resources: strings(resources),
            ..PolicyRule::default()
        }
    }

    fn url(path: &str) -> PolicyRule {
        PolicyRule {
            verbs: vec!["get".to_owned()],
            non_resource_urls: vec![path.to_owned()],
            ..PolicyRule::default()
        }
    }

    #[test]
    fn urls_and_what_is_of_the_whole_cluster_is_in_no_namespace() {
        let rules = [
            url("/metrics"),
            rule(&["*"], "", &["nodes", "nodes/proxy"]),
            rule(&["list"], "", &["namespaces"]),
            rule(&["get"], "storage.k8s.io", &["storageclasses"]),
        ];
        let granted = idle_in_namespaces(&rules).unwrap();
        let expected = [
            "/metrics",
            "nodes",
            "nodes/proxy",
            "namespaces",
            "storageclasses",
        ];
        assert_eq!(granted, expected);
    }

    #[test]
    fn what_some_request_in_a_namespace_may_match_is_not_idle() {
        let rbac = "rbac.authorization.k8s.io";
        for living in [
            rule(&["get"], "", &["pods"]),
            rule(&["get"], "", &["nodes", "pods"]),
            rule(&["get"], "", &["namespaces"]),
            rule(&["*"], "", &["namespaces"]),
            rule(&["update"], "", &["namespaces/finalize"]),
            rule(&["get"], "*", &["nodes"]),
            rule(&["get"], "", &["*"]),
            rule(&["get"], "metrics.k8s.io", &["nodes"]),
            rule(&["use"], "policy", &["podsecuritypolicies"]),
            rule(&["bind"], rbac, &["clusterroles"]),
            rule(&["*"], rbac, &["clusterroles"]),
        ] {
            assert_eq!(
                idle_in_namespaces(&[url("/x"), living.clone()]),
                None,
                "{living}"
            );
        }
    }
}
