//! What the random questions come to: too many trivial denials would prove little.

use std::collections::BTreeMap;

use rbacform_access::{
    Evaluator, Facts, Grant, PolicyRule, Request, ReviewSpec, User, near_misses,
};
use serde_json::Value;

/// How often each kind of answer came.
#[derive(Default)]
pub(crate) struct Coverage(BTreeMap<&'static str, usize>);

/// Every kind that must come, each in at least one of so many questions.
const WANTED: [&str; 27] = [
    "allowed",
    "allowed by a star for the verb",
    "allowed by a star for the group",
    "allowed by a star for the resource",
    "allowed by */subresource",
    "allowed for a subresource by name",
    "allowed by the object's name",
    "allowed by the empty name",
    "allowed by an exact URL",
    "allowed by the beginning of a URL",
    "allowed by a star for the URL",
    "allowed by an aggregated role",
    "allowed by a role of the platform",
    "allowed by a ClusterRoleBinding",
    "allowed by a RoleBinding of a ClusterRole",
    "allowed by a RoleBinding of a Role",
    "allowed to a User",
    "allowed to a Group",
    "allowed to a ServiceAccount",
    "allowed to a ServiceAccount without a namespace",
    "allowed to a User that names a service account",
    "allowed by several bindings",
    "allowed with an odd name in the reason",
    "allowed to system:masters",
    "not allowed, but for one field of a rule held",
    "not allowed, and a role is missing",
    "not allowed, and several roles are missing",
];
const ONE_OF: usize = 1_000;

impl Coverage {
    pub(crate) fn count(
        &mut self,
        facts: &Facts,
        evaluator: &Evaluator<'_>,
        spec: &Value,
        ours: &Value,
    ) {
        let spec: ReviewSpec = serde_json::from_value(spec.clone()).unwrap();
        let (user, request) = spec.question().unwrap();
        let reason = ours["reason"].as_str().unwrap();
        if ours["allowed"] == false {
            return self.denied(evaluator, &user, &request, reason);
        }
        self.add("allowed");
        let grants = evaluator.every_grant(&user, &request);
        if reason.is_empty() {
            return self.add("allowed to system:masters");
        }
        if grants.len() > 1 {
            self.add("allowed by several bindings");
        }
        if reason.contains('\\') || !reason.is_ascii() {
            self.add("allowed with an odd name in the reason");
        }
        for grant in grants {
            self.binding(&grant);
            self.role(facts, &grant, &request);
        }
    }

    fn denied(&mut self, evaluator: &Evaluator<'_>, user: &User, request: &Request, reason: &str) {
        if !near_misses(evaluator, user, request, 1).is_empty() {
            self.add("not allowed, but for one field of a rule held");
        }
        match reason.strip_prefix("RBAC: ") {
            Some(several) if several.starts_with('[') => {
                self.add("not allowed, and several roles are missing");
            }
            Some(_) => self.add("not allowed, and a role is missing"),
            None => {}
        }
    }

    fn binding(&mut self, grant: &Grant) {
        self.add(
            match (
                grant.binding_namespace.as_str(),
                grant.role_ref.kind.as_str(),
            ) {
                ("", _) => "allowed by a ClusterRoleBinding",
                (_, "Role") => "allowed by a RoleBinding of a Role",
                _ => "allowed by a RoleBinding of a ClusterRole",
            },
        );
        let subject = &grant.subject;
        self.add(match subject.kind.as_str() {
            "User" if subject.name.starts_with("system:serviceaccount:") => {
                "allowed to a User that names a service account"
            }
            "User" => "allowed to a User",
            "Group" => "allowed to a Group",
            _ if subject.namespace.is_empty() => "allowed to a ServiceAccount without a namespace",
            _ => "allowed to a ServiceAccount",
        });
    }

    fn role(&mut self, facts: &Facts, grant: &Grant, request: &Request) {
        let name = grant.role_ref.name.as_str();
        let rules = match grant.role_ref.kind.as_str() {
            "Role" => &facts.role(&grant.binding_namespace, name).unwrap().rules,
            _ => {
                let role = facts.cluster_role(name).unwrap();
                if role.labels.contains_key("kubernetes.io/bootstrapping") {
                    self.add("allowed by a role of the platform");
                } else if role.aggregation.is_some() {
                    self.add("allowed by an aggregated role");
                }
                &role.rules
            }
        };
        self.rule(&rules[grant.rule], request);
    }

    fn rule(&mut self, rule: &PolicyRule, request: &Request) {
        let has = |list: &[String], word: &str| list.iter().any(|item| item == word);
        if !has(&rule.verbs, request.verb()) {
            self.add("allowed by a star for the verb");
        }
        match request {
            Request::NonResource(asked) if has(&rule.non_resource_urls, &asked.path) => {
                self.add("allowed by an exact URL");
            }
            Request::NonResource(_) if has(&rule.non_resource_urls, "*") => {
                self.add("allowed by a star for the URL");
            }
            Request::NonResource(_) => self.add("allowed by the beginning of a URL"),
            Request::Resource(asked) => {
                if !has(&rule.api_groups, &asked.api_group) {
                    self.add("allowed by a star for the group");
                }
                let full = asked.full_resource();
                if has(&rule.resources, &full) {
                    if !asked.subresource.is_empty() {
                        self.add("allowed for a subresource by name");
                    }
                } else if has(&rule.resources, &format!("*/{}", asked.subresource)) {
                    self.add("allowed by */subresource");
                } else {
                    self.add("allowed by a star for the resource");
                }
                match (rule.resource_names.is_empty(), asked.name.is_empty()) {
                    (true, _) => {}
                    (false, true) => self.add("allowed by the empty name"),
                    (false, false) => self.add("allowed by the object's name"),
                }
            }
        }
    }

    fn add(&mut self, kind: &'static str) {
        *self.0.entry(kind).or_default() += 1;
    }

    pub(crate) fn told(&self) -> String {
        let lines = self
            .0
            .iter()
            .map(|(kind, count)| format!("  {count:>6} {kind}\n"));
        lines.collect()
    }

    /// That every kind came often enough.
    pub(crate) fn suffices(&self, asked: usize) {
        for kind in WANTED {
            let count = self.0.get(kind).copied().unwrap_or_default();
            assert!(
                count * ONE_OF >= asked,
                "{count} of {asked} {kind}\n{}",
                self.told()
            );
        }
    }
}
