//! Facts from Kubernetes objects as the API writes them: YAML files, lists, bootstrap objects.

use serde::Deserialize;
use serde_json::Value;

use crate::lenient::null_default;
use crate::{
    ClusterRole, ClusterRoleBinding, Facts, LabelSelector, PolicyRule, RBAC_GROUP, Role,
    RoleBinding, RoleRef, Subject, Version,
};

const KINDS: [&str; 4] = ["Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"];

fn is_rbac(version: &str) -> bool {
    version
        .split_once('/')
        .is_some_and(|(group, _)| group == RBAC_GROUP)
}

/// What an object says it is.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Header {
    kind: Option<String>,
    api_version: Option<String>,
}

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
        let is_rbac = is_rbac(version);
        let Some(item_kind) = kind.strip_suffix("List") else {
            return match is_rbac {
                true => self.put_kind(kind, object),
                false => Ok(()),
            };
        };
        let items = object.get("items").and_then(Value::as_array);
        items.into_iter().flatten().try_for_each(|item| {
            // The items of a typed list need not say what they are.
            match item.get("kind").is_none() && !item_kind.is_empty() {
                true if is_rbac => self.put_kind(item_kind, item),
                true => Ok(()),
                false => self.put_manifest(item),
            }
        })
    }

    /// The same from one object's JSON text, which is no list. `kind` is its kind and version where
    /// it is an item of a typed list and need not say them.
    pub fn put_json(
        &mut self,
        text: &str,
        kind: Option<(&str, &str)>,
    ) -> Result<(), InvalidObject> {
        let header: Header = serde_json::from_str(text).map_err(|_| InvalidObject::Kindless)?;
        let version = header.api_version.as_deref();
        let (Some(kind), Some(version)) = (
            header.kind.as_deref().or(kind.map(|(kind, _)| kind)),
            version.or(kind.map(|(_, version)| version)),
        ) else {
            return Err(InvalidObject::Kindless);
        };
        if !is_rbac(version) || !KINDS.contains(&kind) {
            return Ok(());
        }
        let object = serde_json::from_str(text).map_err(|error| {
            let whole: Option<Value> = serde_json::from_str(text).ok();
            InvalidObject::Field {
                kind: kind.to_owned(),
                name: whole.as_ref().map(name_of).unwrap_or_default().to_owned(),
                error,
            }
        })?;
        self.put_object(kind, object)
    }

    fn put_kind(&mut self, kind: &str, object: &Value) -> Result<(), InvalidObject> {
        if !KINDS.contains(&kind) {
            return Ok(());
        }
        let object = Object::deserialize(object).map_err(|error| InvalidObject::Field {
            kind: kind.to_owned(),
            name: name_of(object).to_owned(),
            error,
        })?;
        self.put_object(kind, object)
    }

    fn put_object(&mut self, kind: &str, object: Object) -> Result<(), InvalidObject> {
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
        self.lay_bootstrap_of(Version::NEWEST)
    }

    /// The same as a server of that version makes them.
    pub fn lay_bootstrap_of(&mut self, version: Version) -> Result<(), InvalidObject> {
        self.lay_under(bootstrap(version)?);
        Ok(())
    }

    /// Whether any of the cluster roles that the platform makes by itself is here.
    pub fn has_bootstrap(&self) -> Result<bool, InvalidObject> {
        let base = bootstrap(Version::NEWEST)?;
        let mut names = base.cluster_roles().map(|role| role.name.as_str());
        Ok(names.any(|name| self.cluster_role(name).is_some()))
    }
}

fn bootstrap(version: Version) -> Result<Facts, InvalidObject> {
    let mut base = Facts::default();
    for object in crate::bootstrap::objects_of(version) {
        base.put_manifest(&object)?;
    }
    Ok(base)
}

fn name_of(object: &Value) -> &str {
    let name = object.get("metadata").and_then(|meta| meta.get("name"));
    name.and_then(Value::as_str).unwrap_or_default()
}
