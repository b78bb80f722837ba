//! One RBAC policy rule.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::lenient::null_default;
use crate::quote::go_quote_list;

/// A rule of a role, as `rbac.authorization.k8s.io/v1` writes it. Lists keep their order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PolicyRule {
    /// Verbs, or `*`.
    #[serde(deserialize_with = "null_default")]
    pub verbs: Vec<String>,
    /// API groups, `""` for the core group, or `*`.
    #[serde(
        deserialize_with = "null_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub api_groups: Vec<String>,
    /// Resources: `pods`, `pods/log`, `*/scale`, or `*`.
    #[serde(
        deserialize_with = "null_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub resources: Vec<String>,
    /// Names the rule is limited to; empty means any.
    #[serde(
        deserialize_with = "null_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub resource_names: Vec<String>,
    /// URL paths outside the resource tree; a trailing `*` matches any continuation.
    #[serde(
        rename = "nonResourceURLs",
        deserialize_with = "null_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub non_resource_urls: Vec<String>,
}

impl PolicyRule {
    /// Whether there is a request that it can match in a namespace (`""`: in the whole cluster).
    /// URLs are of no namespace, and no server has a subresource `*`.
    pub fn can_match(&self, namespace: &str) -> bool {
        let mut resources = self.resources.iter();
        resources.any(|resource| !resource.ends_with("/*"))
            || (namespace.is_empty() && !self.non_resource_urls.is_empty())
    }
}

/// Prints the rule as the server does in its refusals
/// (`CompactString` in `pkg/apis/rbac/v1/helpers.go`).
impl fmt::Display for PolicyRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<String> = [
            ("APIGroups", &self.api_groups),
            ("Resources", &self.resources),
            ("NonResourceURLs", &self.non_resource_urls),
            ("ResourceNames", &self.resource_names),
            ("Verbs", &self.verbs),
        ]
        .iter()
        .filter(|(_, items)| !items.is_empty())
        .map(|(label, items)| format!("{label}:{}", go_quote_list(items)))
        .collect();
        write!(f, "{{{}}}", parts.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_null_lists_and_prints_compactly() {
        let rule: PolicyRule = serde_json::from_str(
            r#"{"apiGroups":[""],"resources":["pods"],"resourceNames":["a"],"verbs":["get","list"],
                "nonResourceURLs":null}"#,
        )
        .unwrap();
        assert_eq!(
            rule.to_string(),
            r#"{APIGroups:[""], Resources:["pods"], ResourceNames:["a"], Verbs:["get" "list"]}"#
        );
    }
}
