//! Whether one rule allows one request (`pkg/apis/rbac/v1/evaluation_helpers.go`).

use crate::{NonResourceRequest, PolicyRule, Request, ResourceRequest};

/// Whether the rule allows the request. All comparisons are of exact bytes.
pub fn rule_allows(rule: &PolicyRule, request: &Request) -> bool {
    match request {
        Request::Resource(request) => allows_resource(rule, request),
        Request::NonResource(request) => allows_url(rule, request),
    }
}

fn allows_resource(rule: &PolicyRule, request: &ResourceRequest) -> bool {
    contains_or_star(&rule.verbs, &request.verb)
        && contains_or_star(&rule.api_groups, &request.api_group)
        && resource_matches(&rule.resources, request)
        && (rule.resource_names.is_empty() || contains(&rule.resource_names, &request.name))
}

fn allows_url(rule: &PolicyRule, request: &NonResourceRequest) -> bool {
    contains_or_star(&rule.verbs, &request.verb)
        && rule
            .non_resource_urls
            .iter()
            .any(|pattern| url_matches(pattern, &request.path))
}

pub(crate) fn resource_matches(resources: &[String], request: &ResourceRequest) -> bool {
    resources.iter().any(|pattern| {
        if pattern == "*" {
            return true;
        }
        if request.subresource.is_empty() {
            return *pattern == request.resource;
        }
        match pattern
            .strip_suffix(&request.subresource)
            .and_then(|head| head.strip_suffix('/'))
        {
            Some(parent) => parent == "*" || parent == request.resource,
            None => false,
        }
    })
}

/// Whether a URL pattern covers a path: `*`, equal, or a prefix before trailing stars.
pub(crate) fn url_matches(pattern: &str, path: &str) -> bool {
    pattern == path || (pattern.ends_with('*') && path.starts_with(pattern.trim_end_matches('*')))
}

pub(crate) fn contains(items: &[String], wanted: &str) -> bool {
    items.iter().any(|item| item == wanted)
}

pub(crate) fn contains_or_star(items: &[String], wanted: &str) -> bool {
    items.iter().any(|item| item == "*" || item == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(items: &[&str]) -> Vec<String> {
        items.iter().map(ToString::to_string).collect()
    }

    fn resource(resources: &[&str], names: &[&str], request: (&str, &str, &str)) -> bool {
        let rule = PolicyRule {
            verbs: strings(&["get"]),
            api_groups: strings(&[""]),
            resources: strings(resources),
            resource_names: strings(names),
            non_resource_urls: Vec::new(),
        };
        let request = ResourceRequest {
            verb: "get".into(),
            resource: request.0.into(),
            subresource: request.1.into(),
            name: request.2.into(),
            ..ResourceRequest::default()
        };
        rule_allows(&rule, &Request::Resource(request))
    }

    #[test]
    fn resources_match_as_the_table_says() {
        assert!(resource(&["*"], &[], ("pods", "log", "a")));
        assert!(resource(&["pods/log"], &[], ("pods", "log", "a")));
        assert!(resource(&["*/log"], &[], ("pods", "log", "a")));
        assert!(!resource(&["pods"], &[], ("pods", "log", "a")));
        assert!(!resource(&["pods/*"], &[], ("pods", "log", "a")));
        assert!(!resource(&["*/*"], &[], ("pods", "log", "a")));
        assert!(!resource(&["*/log"], &[], ("pods", "", "a")));
        assert!(!resource(&["pods/log"], &[], ("pods", "", "a")));
    }

    #[test]
    fn names_have_no_wildcard_and_the_empty_name_is_a_name() {
        assert!(resource(&["pods"], &["a"], ("pods", "", "a")));
        assert!(!resource(&["pods"], &["*"], ("pods", "", "a")));
        assert!(!resource(&["pods"], &["a"], ("pods", "", "")));
        assert!(resource(&["pods"], &[""], ("pods", "", "")));
    }

    #[test]
    fn groups_and_verbs_are_exact() {
        let rule = |groups: &[&str], verbs: &[&str]| PolicyRule {
            verbs: strings(verbs),
            api_groups: strings(groups),
            resources: strings(&["pods"]),
            ..PolicyRule::default()
        };
        let request = Request::Resource(ResourceRequest {
            verb: "list".into(),
            resource: "pods".into(),
            ..ResourceRequest::default()
        });
        assert!(rule_allows(&rule(&["*"], &["*"]), &request));
        assert!(rule_allows(&rule(&[""], &["list"]), &request));
        for groups in ["core", "v1", "apps"] {
            assert!(
                !rule_allows(&rule(&[groups], &["list"]), &request),
                "{groups}"
            );
        }
        assert!(!rule_allows(&rule(&[""], &["List"]), &request));
    }

    #[test]
    fn urls_match_exactly_or_before_trailing_stars() {
        for (pattern, path, expected) in [
            ("*", "/any", true),
            ("/foo*", "/foobar", true),
            ("/foo**", "/foobar", true),
            ("/foo/*", "/foo", false),
            ("/foo/*", "/foo/", true),
            ("/a/*/b", "/a/x/b", false),
            ("/version", "/version/", false),
            ("version", "/version", false),
        ] {
            let rule = PolicyRule {
                verbs: strings(&["get"]),
                non_resource_urls: strings(&[pattern]),
                ..PolicyRule::default()
            };
            let url = |verb: &str| {
                Request::NonResource(NonResourceRequest {
                    verb: verb.into(),
                    path: path.into(),
                })
            };
            assert_eq!(
                rule_allows(&rule, &url("get")),
                expected,
                "{pattern} {path}"
            );
            assert!(
                !rule_allows(&rule, &url("head")),
                "head is a verb of its own"
            );
        }
    }
}
