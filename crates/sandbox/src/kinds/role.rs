//! Roles and cluster roles (`pkg/apis/rbac/validation`).

use std::collections::BTreeMap;

use rbacform_access::{ClusterRole, LabelSelector, PolicyRule, Role};
use serde_json::{Value, json};

use super::selector;
use crate::object::{meta, meta_map};
use crate::status::FieldError;

pub(crate) fn validate(object: &Value, namespaced: bool) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for (index, rule) in rules(object).iter().enumerate() {
        errors.extend(validate_rule(rule, &format!("rules[{index}]"), namespaced));
    }
    if let Some(aggregation) = object.get("aggregationRule").filter(|rule| !rule.is_null()) {
        errors.extend(validate_aggregation(aggregation));
    }
    errors
}

fn validate_rule(rule: &PolicyRule, path: &str, namespaced: bool) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if rule.verbs.is_empty() {
        let why = "verbs must contain at least one value";
        errors.push(FieldError::required(format!("{path}.verbs"), why));
    }
    if !rule.non_resource_urls.is_empty() {
        let mut refuse = |why: &str| {
            let urls = json!(rule.non_resource_urls);
            errors.push(FieldError::invalid(
                format!("{path}.nonResourceURLs"),
                &urls,
                why,
            ));
        };
        if namespaced {
            refuse("namespaced rules cannot apply to non-resource URLs");
        }
        let mixed = [&rule.api_groups, &rule.resources, &rule.resource_names];
        if mixed.iter().any(|list| !list.is_empty()) {
            refuse("rules cannot apply to both regular resources and non-resource URLs");
        }
        return errors;
    }
    if rule.api_groups.is_empty() {
        let why = "resource rules must supply at least one api group";
        errors.push(FieldError::required(format!("{path}.apiGroups"), why));
    }
    if rule.resources.is_empty() {
        let why = "resource rules must supply at least one resource";
        errors.push(FieldError::required(format!("{path}.resources"), why));
    }
    errors
}

fn validate_aggregation(aggregation: &Value) -> Vec<FieldError> {
    const PATH: &str = "aggregationRule.clusterRoleSelectors";
    let selectors = selectors(aggregation);
    if selectors.is_empty() {
        let why = "at least one clusterRoleSelector required if aggregationRule is non-nil";
        return vec![FieldError::required(PATH, why)];
    }
    let mut errors = Vec::new();
    for (index, selector) in selectors.iter().enumerate() {
        let path = format!("{PATH}[{index}]");
        let own = selector::validate(selector, &path);
        if !own.is_empty() {
            errors.extend(own);
            errors.push(FieldError::invalid(
                path,
                &Value::Null,
                "invalid label selector.",
            ));
        }
    }
    errors
}

/// The rules of a role object.
pub(crate) fn rules(object: &Value) -> Vec<PolicyRule> {
    parse_list(object.get("rules"))
}

fn selectors(aggregation: &Value) -> Vec<LabelSelector> {
    parse_list(aggregation.get("clusterRoleSelectors"))
}

/// Reads a list whose items were decoded before, so that none is dropped.
pub(crate) fn parse_list<T: serde::de::DeserializeOwned>(list: Option<&Value>) -> Vec<T> {
    list.and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|item| serde::Deserialize::deserialize(item).ok())
        .collect()
}

pub(crate) fn has_aggregation(object: &Value) -> bool {
    object
        .get("aggregationRule")
        .is_some_and(|rule| !selectors(rule).is_empty())
}

/// The role as a fact.
pub(crate) fn role(object: &Value) -> Role {
    Role {
        namespace: meta(object, "namespace").to_owned(),
        name: meta(object, "name").to_owned(),
        rules: rules(object),
    }
}

/// The cluster role as a fact.
pub(crate) fn cluster_role(object: &Value) -> ClusterRole {
    let labels: BTreeMap<String, String> = meta_map(object, "labels")
        .into_iter()
        .flatten()
        .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
        .collect();
    ClusterRole {
        name: meta(object, "name").to_owned(),
        labels,
        rules: rules(object),
        aggregation: object
            .get("aggregationRule")
            .filter(|rule| !rule.is_null())
            .map(selectors),
    }
}
