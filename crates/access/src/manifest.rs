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

/// An object that cannot be one of Kubernetes'.
#[derive(Debug, thiserror::Error)]
pub enum InvalidObject {
    /// A field has another form than the API gives it.
    #[error("{kind} `{name}`: {error}")]
    Field {
        /// What the object says it is.
        kind: String,
        /// Its name, as far as it has one.
        name: String,
        /// What is wrong.
        error: serde_json::Error,
    },
    /// It has no name by which a binding or a reason could tell it.
    #[error("a {kind} without `metadata.name`")]
    Nameless {
        /// What the object says it is.
        kind: String,
    },
    /// It is no object.
    #[error("something without `apiVersion` and `kind`")]
    Kindless,
}

impl Facts {
    /// Adds an object of the RBAC kinds, or each of a `List` or an array; others say nothing about
    /// access. A namespaced object that names no namespace is in `default`, as kubectl has it.
    pub fn put_manifest(&mut self, object: &Value) -> Result<(), InvalidObject> {
        if let Value::Array(objects) = object {
            return objects
                .iter()
                .try_for_each(|object| self.put_manifest(object));
        }
        let text = |field: &str| object.get(field).and_then(Value::as_str);
        let (Some(kind), Some(version)) = (text("kind"), text("apiVersion")) else {
            return Err(InvalidObject::Kindless);
        };
        let group = version.split_once('/').map_or("", |(group, _)| group);
        let Some(item_kind) = kind.strip_suffix("List") else {
            return match group {
                RBAC_GROUP => self.put_kind(kind, object),
                _ => Ok(()),
            };
        };
        let items = object.get("items").and_then(Value::as_array);
        items.into_iter().flatten().try_for_each(|item| {
            // The items of a typed list need not say what they are.
            match item.get("kind").is_none() && !item_kind.is_empty() {
                true if group == RBAC_GROUP => self.put_kind(item_kind, item),
                true => Ok(()),
                false => self.put_manifest(item),
            }
        })
    }

    fn put_kind(&mut self, kind: &str, object: &Value) -> Result<(), InvalidObject> {
        if !["Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"].contains(&kind) {
            return Ok(());
        }
        let object = Object::deserialize(object).map_err(|error| InvalidObject::Field {
            kind: kind.to_owned(),
            name: name_of(object).to_owned(),
            error,
        })?;
        let (name, labels) = (object.metadata.name, object.metadata.labels);
        if name.is_empty() {
            let kind = kind.to_owned();
            return Err(InvalidObject::Nameless { kind });
        }
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
    pub fn lay_bootstrap(&mut self) -> Result<(), InvalidObject> {
        self.lay_under(bootstrap()?);
        Ok(())
    }

    /// Whether any of the cluster roles that the platform makes by itself is here.
    pub fn has_bootstrap(&self) -> Result<bool, InvalidObject> {
        let base = bootstrap()?;
        let mut names = base.cluster_roles().map(|role| role.name.as_str());
        Ok(names.any(|name| self.cluster_role(name).is_some()))
    }
}

fn bootstrap() -> Result<Facts, InvalidObject> {
    let mut base = Facts::default();
    for object in crate::bootstrap::objects() {
        base.put_manifest(&object)?;
    }
    Ok(base)
}

fn name_of(object: &Value) -> &str {
    let name = object.get("metadata").and_then(|meta| meta.get("name"));
    name.and_then(Value::as_str).unwrap_or_default()
}
