//! Identities of a cluster's roles and bindings.

use rbacform_core::ObjectId;

use crate::planning::KUBERNETES;

/// An object of the cluster; without a namespace where that is empty.
pub(crate) fn object(kind: &str, namespace: &str, name: &str) -> ObjectId {
    match namespace {
        "" => ObjectId::cluster(KUBERNETES, kind, name),
        namespace => ObjectId::namespaced(KUBERNETES, kind, namespace, name),
    }
}

/// A binding and its role. Without a namespace it is a ClusterRoleBinding.
pub(crate) fn binding_and_role(
    namespace: &str,
    binding: &str,
    role_kind: &str,
    role: &str,
) -> (ObjectId, ObjectId) {
    let kind = match namespace {
        "" => "ClusterRoleBinding",
        _ => "RoleBinding",
    };
    let home = match role_kind {
        "Role" => namespace,
        _ => "",
    };
    (
        object(kind, namespace, binding),
        object(role_kind, home, role),
    )
}
