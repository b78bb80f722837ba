//! The modelled kinds, and what is particular to each.

pub(crate) mod binding;
pub(crate) mod metadata;
pub(crate) mod name;
pub(crate) mod namespace;
pub(crate) mod role;
pub(crate) mod secret;
pub(crate) mod selector;
pub(crate) mod service_account;

use serde_json::Value;

use crate::schema::{self, Shape, Struct};
use crate::status::FieldError;

/// A modelled kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    Namespace,
    ServiceAccount,
    Secret,
    Role,
    ClusterRole,
    RoleBinding,
    ClusterRoleBinding,
}

/// What the server knows of a kind.
#[derive(Debug)]
pub(crate) struct KindInfo {
    pub(crate) kind: &'static str,
    pub(crate) resource: &'static str,
    pub(crate) group: &'static str,
    pub(crate) namespaced: bool,
    /// A PUT to a missing name creates it.
    pub(crate) put_creates: bool,
    /// A DELETE answers with the object instead of a Status.
    pub(crate) delete_returns_object: bool,
    pub(crate) schema: &'static Struct,
    pub(crate) shape: Shape,
}

macro_rules! kind {
    ($name:ident, $kind:literal, $resource:literal, $group:expr, $schema:ident, $namespaced:literal) => {
        static $name: KindInfo = KindInfo {
            kind: $kind,
            resource: $resource,
            group: $group,
            namespaced: $namespaced,
            put_creates: !$group.is_empty(),
            delete_returns_object: false,
            schema: &schema::$schema,
            shape: Shape::Struct(&schema::$schema),
        };
    };
}

const RBAC: &str = rbacform_access::RBAC_GROUP;

kind!(NAMESPACE, "Namespace", "namespaces", "", NAMESPACE, false);
kind!(SECRET, "Secret", "secrets", "", SECRET, true);
kind!(ROLE, "Role", "roles", RBAC, ROLE, true);
kind!(
    CLUSTER_ROLE,
    "ClusterRole",
    "clusterroles",
    RBAC,
    CLUSTER_ROLE,
    false
);
kind!(
    ROLE_BINDING,
    "RoleBinding",
    "rolebindings",
    RBAC,
    ROLE_BINDING,
    true
);
kind!(
    CLUSTER_ROLE_BINDING,
    "ClusterRoleBinding",
    "clusterrolebindings",
    RBAC,
    CLUSTER_ROLE_BINDING,
    false
);
static SERVICE_ACCOUNT: KindInfo = KindInfo {
    kind: "ServiceAccount",
    resource: "serviceaccounts",
    group: "",
    namespaced: true,
    put_creates: false,
    delete_returns_object: true,
    schema: &schema::SERVICE_ACCOUNT,
    shape: Shape::Struct(&schema::SERVICE_ACCOUNT),
};

impl KindInfo {
    /// `v1`, or `rbac.authorization.k8s.io/v1`.
    pub(crate) fn api_version(&self) -> String {
        if self.group.is_empty() {
            "v1".to_owned()
        } else {
            format!("{}/v1", self.group)
        }
    }
}

impl Kind {
    pub(crate) const ALL: [Self; 7] = [
        Self::Namespace,
        Self::ServiceAccount,
        Self::Secret,
        Self::Role,
        Self::ClusterRole,
        Self::RoleBinding,
        Self::ClusterRoleBinding,
    ];

    pub(crate) fn info(self) -> &'static KindInfo {
        match self {
            Self::Namespace => &NAMESPACE,
            Self::ServiceAccount => &SERVICE_ACCOUNT,
            Self::Secret => &SECRET,
            Self::Role => &ROLE,
            Self::ClusterRole => &CLUSTER_ROLE,
            Self::RoleBinding => &ROLE_BINDING,
            Self::ClusterRoleBinding => &CLUSTER_ROLE_BINDING,
        }
    }

    /// The kind behind a resource path.
    pub(crate) fn of(group: &str, resource: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| {
            let info = kind.info();
            info.group == group && info.resource == resource
        })
    }

    pub(crate) fn is_rbac(self) -> bool {
        self.info().group == RBAC
    }

    /// Fills in what the API version's defaults say.
    pub(crate) fn default(self, object: &mut Value) {
        match self {
            Self::Namespace => namespace::default(object),
            Self::Secret => secret::default(object),
            Self::RoleBinding | Self::ClusterRoleBinding => binding::default(object),
            Self::ServiceAccount | Self::Role | Self::ClusterRole => {}
        }
    }

    /// Everything wrong with an object, in the server's order.
    pub(crate) fn validate(self, object: &Value) -> Vec<FieldError> {
        let mut errors = metadata::validate(self, object);
        errors.extend(match self {
            Self::Namespace | Self::ServiceAccount => Vec::new(),
            Self::Secret => secret::validate(object),
            Self::Role => role::validate(object, true),
            Self::ClusterRole => role::validate(object, false),
            Self::RoleBinding => binding::validate(object, true),
            Self::ClusterRoleBinding => binding::validate(object, false),
        });
        errors
    }

    /// What is wrong with changing one object into another, beyond what is wrong with the new one.
    pub(crate) fn validate_change(self, old: &Value, new: &Value) -> Vec<FieldError> {
        let mut errors = metadata::validate_change(old, new);
        errors.extend(match self {
            Self::Secret => secret::validate_change(old, new),
            Self::RoleBinding | Self::ClusterRoleBinding => binding::validate_change(old, new),
            _ => Vec::new(),
        });
        errors
    }
}
