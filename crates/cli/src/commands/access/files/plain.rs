//! Bindings in JSON that are plainly right, told at a glance: an export may hold a hundred thousand.

use rbacform_access::RBAC_GROUP;
use serde::Deserialize;
use serde::de::IgnoredAny;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Binding<'t> {
    api_version: &'t str,
    kind: &'t str,
    #[serde(borrow)]
    metadata: Metadata<'t>,
    #[serde(borrow)]
    role_ref: Part<'t>,
    #[serde(borrow, default)]
    subjects: Vec<Part<'t>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Metadata<'t> {
    name: &'t str,
    namespace: Option<&'t str>,
    #[serde(rename = "uid", default)]
    _uid: IgnoredAny,
    #[serde(rename = "resourceVersion", default)]
    _resource_version: IgnoredAny,
    #[serde(rename = "creationTimestamp", default)]
    _creation_timestamp: IgnoredAny,
    #[serde(rename = "managedFields", default)]
    _managed_fields: IgnoredAny,
}

/// A subject, or the role.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Part<'t> {
    kind: &'t str,
    name: &'t str,
    namespace: Option<&'t str>,
    api_group: Option<&'t str>,
}

/// Whether a text is a binding that nobody could object to. What is not may be right all the same.
pub(super) fn is_right(text: &str) -> bool {
    serde_json::from_str(text).is_ok_and(|binding: Binding<'_>| binding.is_right())
}

impl Binding<'_> {
    fn is_right(&self) -> bool {
        let version = self.api_version.strip_prefix(RBAC_GROUP) == Some("/v1");
        let role = &self.role_ref;
        let fits = match (self.kind, role.kind) {
            ("RoleBinding", "Role" | "ClusterRole") => self.metadata.namespace.is_some_and(is_word),
            ("ClusterRoleBinding", "ClusterRole") => self.metadata.namespace.is_none(),
            _ => false,
        };
        let role = is_word(role.name) && role.namespace.is_none() && role.is_of(RBAC_GROUP);
        version
            && fits
            && role
            && is_word(self.metadata.name)
            && self.subjects.iter().all(Part::is_subject)
    }
}

impl Part<'_> {
    fn is_subject(&self) -> bool {
        match (self.kind, self.namespace) {
            ("User" | "Group", None) => !self.name.is_empty() && self.is_of(RBAC_GROUP),
            ("ServiceAccount", Some(namespace)) => {
                is_word(self.name) && is_word(namespace) && self.is_of("")
            }
            _ => false,
        }
    }

    fn is_of(&self, group: &str) -> bool {
        self.api_group.is_none_or(|named| named == group)
    }
}

/// Whether it is a name of every kind: a label of RFC 1123.
fn is_word(text: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = text.as_bytes();
    let ends = bytes.first().into_iter().chain(bytes.last());
    bytes.len() <= 63
        && !bytes.is_empty()
        && ends.copied().all(letter)
        && bytes.iter().all(|byte| letter(*byte) || *byte == b'-')
}

#[cfg(test)]
mod tests {
    use rbacform_core::Span;
    use serde_json::{Value, json};

    use super::is_right;
    use crate::commands::access::files::judge;

    fn binding() -> Value {
        json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
               "metadata": {"name": "b", "namespace": "a", "uid": "1"},
               "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "r"},
               "subjects": [{"kind": "User", "name": "ana@example.com"},
                            {"kind": "ServiceAccount", "name": "ci", "namespace": "a"}]})
    }

    #[test]
    fn what_is_plainly_right_is_right() {
        let texts = [
            "",
            "a",
            "A/b",
            "-a",
            "Role",
            "ClusterRole",
            "Group",
            "user",
            "v1",
        ];
        let values = texts.iter().map(|text| json!(text));
        let values: Vec<Value> = values.chain([json!(null), json!(1), json!([])]).collect();
        let fields = [
            "/apiVersion",
            "/kind",
            "/metadata/name",
            "/metadata/namespace",
            "/roleRef/kind",
            "/roleRef/name",
            "/roleRef/apiGroup",
            "/subjects",
            "/subjects/0/kind",
            "/subjects/0/name",
            "/subjects/1/name",
            "/subjects/1/namespace",
        ];
        let mut right = 0;
        for (field, value) in fields
            .iter()
            .flat_map(|field| values.iter().map(move |it| (field, it)))
        {
            let mut binding = binding();
            *binding.pointer_mut(field).unwrap() = value.clone();
            let text = binding.to_string();
            if is_right(&text) {
                right += 1;
                let wrong = judge::json(&text, &binding, Span::default());
                assert_eq!(wrong, [], "{text}");
            }
        }
        assert!(right > 10, "{right}");
        assert!(is_right(&binding().to_string()));
    }

    #[test]
    fn what_is_wrong_is_not_plainly_right() {
        for (field, value) in [
            ("/kind", "ClusterRoleBinding"),
            ("/roleRef/kind", "role"),
            ("/subjects/0/kind", "user"),
            ("/subjects/0/name", ""),
            ("/metadata/namespace", "A"),
        ] {
            let mut binding = binding();
            *binding.pointer_mut(field).unwrap() = json!(value);
            assert!(!is_right(&binding.to_string()), "{field}");
        }
        let mut more = binding();
        more["subject"] = json!([]);
        assert!(!is_right(&more.to_string()));
    }
}
