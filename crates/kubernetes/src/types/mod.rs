//! The resource types: one directory each, with the same files.
//!
//! - `spec`: the arguments, from a stack file or a manifest, and what is wrong with them
//! - `object`: the part of the remote object that is read
//! - `normalize`: the remote object in canonical attributes
//! - `request`: canonical attributes as the server takes them

mod cluster_role;
mod cluster_role_binding;
mod namespace;
mod role;
mod role_binding;
mod service_account;

use rbacform_core::{Entry, Node, ObjectId, ResolvedObject, TypeSchema, Value};

use crate::decode;
use crate::input::Input;

/// The API group of roles and bindings.
pub(crate) const RBAC_GROUP: &str = "rbac.authorization.k8s.io";

/// Everything that differs between kinds of object.
pub(crate) struct Kind {
    /// The kind, e.g. `Role`.
    pub(crate) name: &'static str,
    /// The resource type, e.g. `kubernetes.role`.
    pub(crate) type_name: &'static str,
    /// The API group; the core group is empty. The version is always `v1`.
    pub(crate) group: &'static str,
    /// The name in URLs, e.g. `roles`.
    pub(crate) plural: &'static str,
    /// Whether its objects belong to a namespace.
    pub(crate) namespaced: bool,
    /// Arguments to a resolved object. `None` only where an error was reported.
    pub(crate) resolve: fn(&mut Input<'_>, &Node) -> Option<ResolvedObject>,
    /// A manifest's fields besides `metadata`, as arguments.
    pub(crate) manifest: fn(&mut Input<'_>, &Node) -> Vec<Entry>,
    /// Reads one object.
    pub(crate) decode: decode::One,
    /// Reads a list of objects.
    pub(crate) decode_list: decode::List,
    /// Attributes besides labels and annotations as the server takes them.
    pub(crate) request: fn(&Value, &mut serde_json::Map<String, serde_json::Value>),
}

/// The kinds, in the order in which they are made.
pub(crate) static KINDS: [Kind; 6] = [
    namespace::KIND,
    service_account::KIND,
    role::KIND,
    cluster_role::KIND,
    role_binding::KIND,
    cluster_role_binding::KIND,
];

/// The schemas, in the same order.
pub(crate) static SCHEMAS: [TypeSchema; 6] = [
    namespace::SCHEMA,
    service_account::SCHEMA,
    role::SCHEMA,
    cluster_role::SCHEMA,
    role_binding::SCHEMA,
    cluster_role_binding::SCHEMA,
];

/// The kind of namespaces.
pub(crate) fn namespace() -> &'static Kind {
    static NAMESPACE: Kind = namespace::KIND;
    &NAMESPACE
}

impl Kind {
    /// The kind of that name.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        KINDS.iter().find(|kind| kind.name == name)
    }

    /// The kind of that resource type.
    pub(crate) fn of_type(type_name: &str) -> Option<&'static Self> {
        KINDS.iter().find(|kind| kind.type_name == type_name)
    }

    /// The `apiVersion` of its objects.
    pub(crate) fn api_version(&self) -> String {
        match self.group {
            "" => "v1".to_owned(),
            group => format!("{group}/v1"),
        }
    }

    /// The identity of one of its objects.
    pub(crate) fn object(&self, instance: &str, namespace: Option<&str>, name: &str) -> ObjectId {
        match namespace {
            Some(namespace) if self.namespaced => {
                ObjectId::namespaced(instance, self.name, namespace, name)
            }
            _ => ObjectId::cluster(instance, self.name, name),
        }
    }
}
