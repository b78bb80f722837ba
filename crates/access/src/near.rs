//! Near misses: rules a user holds that would allow a request but for one field.

use crate::matching::{contains, contains_or_star, resource_matches, url_matches};
use crate::{Evaluator, Grant, PolicyRule, Request, User};

/// A rule that misses a request by one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NearMiss {
    /// The rule, and through which binding it is held.
    pub grant: Grant,
    /// What does not match: `verb`, `api_group`, `resource`, `name` or `url`.
    pub field: &'static str,
    /// What was asked for.
    pub wanted: String,
    /// What the rule has instead.
    pub has: Vec<String>,
}

/// The near misses among what a user holds where the request is asked, at most `limit`.
pub fn near_misses(
    evaluator: &Evaluator<'_>,
    user: &User,
    request: &Request,
    limit: usize,
) -> Vec<NearMiss> {
    let mut found = Vec::new();
    for (held, rules) in evaluator.held_rules(user, request.namespace()) {
        for (index, rule) in rules.iter().enumerate() {
            let Some((field, wanted, has)) = only_miss(rule, request) else {
                continue;
            };
            found.push(NearMiss {
                grant: held.grant(index),
                field,
                wanted,
                has: has.to_vec(),
            });
            if found.len() == limit {
                return found;
            }
        }
    }
    found
}

type Miss<'r> = (&'static str, String, &'r [String]);

fn only_miss<'r>(rule: &'r PolicyRule, request: &Request) -> Option<Miss<'r>> {
    let misses: Vec<Miss<'r>> = match request {
        Request::Resource(asked) => {
            if rule.resources.is_empty() {
                return None;
            }
            let named =
                rule.resource_names.is_empty() || contains(&rule.resource_names, &asked.name);
            [
                (
                    contains_or_star(&rule.verbs, &asked.verb),
                    ("verb", asked.verb.clone(), rule.verbs.as_slice()),
                ),
                (
                    contains_or_star(&rule.api_groups, &asked.api_group),
                    ("api_group", asked.api_group.clone(), &rule.api_groups),
                ),
                (
                    resource_matches(&rule.resources, asked),
                    ("resource", asked.full_resource(), &rule.resources),
                ),
                (named, ("name", asked.name.clone(), &rule.resource_names)),
            ]
            .into_iter()
            .filter_map(|(fits, miss)| (!fits).then_some(miss))
            .collect()
        }
        Request::NonResource(asked) => {
            if rule.non_resource_urls.is_empty() {
                return None;
            }
            let mut urls = rule.non_resource_urls.iter();
            let reached = urls.any(|pattern| url_matches(pattern, &asked.path));
            [
                (
                    contains_or_star(&rule.verbs, &asked.verb),
                    ("verb", asked.verb.clone(), rule.verbs.as_slice()),
                ),
                (
                    reached,
                    ("url", asked.path.clone(), &rule.non_resource_urls),
                ),
            ]
            .into_iter()
            .filter_map(|(fits, miss)| (!fits).then_some(miss))
            .collect()
        }
    };
    match <[Miss<'r>; 1]>::try_from(misses) {
        // Of another resource's subresources nobody thinks who asks about a resource.
        Ok([("resource", ..)]) if !is_near(&rule.resources, request) => None,
        Ok([miss]) => Some(miss),
        Err(_) => None,
    }
}

/// Whether any of a rule's resources is of the same kind as what is asked for, a resource or a
/// subresource, or is of the resource asked for.
fn is_near(resources: &[String], request: &Request) -> bool {
    let Request::Resource(asked) = request else {
        return true;
    };
    resources.iter().any(|resource| {
        let (parent, sub) = match resource.split_once('/') {
            Some((parent, sub)) => (parent, sub),
            None => (resource.as_str(), ""),
        };
        parent == asked.resource || sub.is_empty() == asked.subresource.is_empty()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Facts, ReviewSpec};

    #[test]
    fn a_rule_that_misses_by_one_field_is_told() {
        let mut facts = Facts::default();
        let list = json!({"kind": "List", "apiVersion": "v1", "items": [
            {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
             "metadata": {"name": "r", "namespace": "a"},
             "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]},
                       {"apiGroups": ["v1"], "resources": ["secrets"], "verbs": ["get"]},
                       {"apiGroups": [""], "resources": ["*/scale", "jobs/status"], "verbs": ["patch"]}]},
            {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
             "metadata": {"name": "b", "namespace": "a"},
             "roleRef": {"kind": "Role", "name": "r"},
             "subjects": [{"kind": "User", "name": "ana"}]}
        ]});
        facts.put_manifest(&list).unwrap();
        let evaluator = Evaluator::new(&facts);
        let told = |verb: &str, resource: &str| {
            let spec = json!({"user": "ana", "resourceAttributes":
                {"namespace": "a", "verb": verb, "resource": resource}});
            let spec: ReviewSpec = serde_json::from_value(spec).unwrap();
            let (user, request) = spec.question().unwrap();
            let misses = near_misses(&evaluator, &user, &request, 9);
            misses
                .into_iter()
                .map(|miss| (miss.field, miss.wanted))
                .collect::<Vec<_>>()
        };
        assert_eq!(told("delete", "pods"), [("verb", "delete".to_owned())]);
        assert_eq!(
            told("get", "secrets"),
            [
                ("resource", "secrets".to_owned()),
                ("api_group", String::new())
            ]
        );
        assert_eq!(told("delete", "nodes"), []);
        assert_eq!(told("patch", "nodes"), [], "`*/scale` is about no node");
        assert_eq!(told("patch", "jobs"), [("resource", "jobs".to_owned())]);
    }
}
