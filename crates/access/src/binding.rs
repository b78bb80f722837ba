//! Bindings: who holds which role.

use serde::{Deserialize, Serialize};

use crate::lenient::null_default;

/// The role a binding grants.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RoleRef {
    /// Always `rbac.authorization.k8s.io` in a valid binding.
    #[serde(deserialize_with = "null_default")]
    pub api_group: String,
    /// `Role` or `ClusterRole`.
    #[serde(deserialize_with = "null_default")]
    pub kind: String,
    /// The role's name.
    #[serde(deserialize_with = "null_default")]
    pub name: String,
}

/// One holder of a binding.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Subject {
    /// `User`, `Group` or `ServiceAccount`.
    #[serde(deserialize_with = "null_default")]
    pub kind: String,
    /// The RBAC group for users and groups, empty for service accounts.
    #[serde(
        deserialize_with = "null_default",
        skip_serializing_if = "String::is_empty"
    )]
    pub api_group: String,
    /// The exact name; no wildcards.
    #[serde(deserialize_with = "null_default")]
    pub name: String,
    /// A service account's namespace; ignored on users and groups.
    #[serde(
        deserialize_with = "null_default",
        skip_serializing_if = "String::is_empty"
    )]
    pub namespace: String,
}

/// A binding inside one namespace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoleBinding {
    /// The namespace in which it grants.
    pub namespace: String,
    /// Its name in that namespace.
    pub name: String,
    /// Who holds it.
    pub subjects: Vec<Subject>,
    /// What they hold.
    pub role_ref: RoleRef,
}

/// A binding for the whole cluster.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClusterRoleBinding {
    /// Its name.
    pub name: String,
    /// Who holds it.
    pub subjects: Vec<Subject>,
    /// What they hold.
    pub role_ref: RoleRef,
}
