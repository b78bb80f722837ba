//! Facts from Kubernetes objects as the API writes them: YAML files, lists, bootstrap objects.

use serde::Deserialize;
use serde_json::Value;

use crate::lenient::null_default;
use crate::{
    ClusterRole, ClusterRoleBinding, Facts, LabelSelector, PolicyRule, RBAC_GROUP, Role,
    RoleBinding, RoleRef, Subject,
};

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Object {
    #[serde(deserialize_with = "null_default")]
    metadata: Metadata,
    #[serde(deserialize_with = "null_default")]
    rules: Vec<PolicyRule>,
    aggregation_rule: Option<AggregationRule>,
    #[serde(deserialize_with = "null_default")]
    subjects: Vec<Subject>,
    #[serde(deserialize_with = "null_default")]
    role_ref: RoleRef,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Metadata {
    #[serde(deserialize_with = "null_default")]
    name: String,
    #[serde(deserialize_with = "null_default")]
    namespace: String,
    #[serde(deserialize_with = "null_default")]
    labels: std::collections::BTreeMap<String, String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct AggregationRule {
    #[serde(deserialize_with = "null_default")]
    cluster_role_selectors: Vec<LabelSelector>,
}

impl Facts {
    /// Adds an object of the RBAC kinds, or each of a `List`; others say nothing about access. A
    /// namespaced object that names no namespace is in `default`, as kubectl has it.
    pub fn put_manifest(&mut self, object: &Value) -> Result<(), serde_json::Error> {
        let kind = object
            .get("kind")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let group = object
            .get("apiVersion")
            .and_then(Value::as_str)
            .and_then(|version| version.split_once('/'))
            .map_or("", |(group, _)| group);
        if let Some(items) = object.get("items").and_then(Value::as_array) {
            let item_kind = kind.strip_suffix("List").filter(|kind| !kind.is_empty());
            for item in items {
                // The items of a typed list do not say what they are.
                match item_kind.filter(|_| item.get("kind").is_none()) {
                    Some(kind) if group == RBAC_GROUP => self.put_kind(kind, item)?,
                    _ => self.put_manifest(item)?,
                }
            }
            return Ok(());
        }
        match group {
            RBAC_GROUP => self.put_kind(kind, object),
            _ => Ok(()),
        }
    }

    fn put_kind(&mut self, kind: &str, object: &Value) -> Result<(), serde_json::Error> {
        if !["Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"].contains(&kind) {
            return Ok(());
        }
        let object = Object::deserialize(object)?;
        let (name, labels) = (object.metadata.name, object.metadata.labels);
        let namespace = match object.metadata.namespace {
            namespace if namespace.is_empty() => "default".to_owned(),
            namespace => namespace,
        };
        let (rules, subjects, role_ref) = (object.rules, object.subjects, object.role_ref);
        match kind {
            "Role" => self.put_role(Role {
                namespace,
                name,
                rules,
            }),
            "ClusterRole" => self.put_cluster_role(ClusterRole {
                name,
                labels,
                rules,
                aggregation: object
                    .aggregation_rule
                    .map(|rule| rule.cluster_role_selectors),
            }),
            "RoleBinding" => self.put_role_binding(RoleBinding {
                namespace,
                name,
                subjects,
                role_ref,
            }),
            _ => self.put_cluster_role_binding(ClusterRoleBinding {
                name,
                subjects,
                role_ref,
            }),
        }
        Ok(())
    }

    /// Lays the platform's own roles and bindings underneath: those that are not there already.
    pub fn lay_bootstrap(&mut self) -> Result<(), serde_json::Error> {
        let mut base = Facts::default();
        for object in crate::bootstrap::objects() {
            base.put_manifest(&object)?;
        }
        self.lay_under(base);
        Ok(())
    }
}
