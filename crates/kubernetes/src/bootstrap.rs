//! What a cluster makes by itself: the roles and bindings that an API server makes, and mends, on
//! every start, its namespaces, and the service account of each.
//!
//! Kubernetes 1.36: `plugin/pkg/auth/authorizer/rbac/bootstrappolicy`. Names of other versions only
//! miss: objects carry a label, too, see [`LABEL`].

/// The label of a bootstrap object, with the value `rbac-defaults`.
pub(crate) const LABEL: &str = "kubernetes.io/bootstrapping";

/// Those every cluster has for people, and all of `system:controller:*`, besides these.
const CLUSTER_ROLES: [&str; 28] = [
    "system:aggregate-to-admin",
    "system:aggregate-to-edit",
    "system:aggregate-to-view",
    "system:auth-delegator",
    "system:basic-user",
    "system:certificates.k8s.io:certificatesigningrequests:nodeclient",
    "system:certificates.k8s.io:certificatesigningrequests:selfnodeclient",
    "system:certificates.k8s.io:kube-apiserver-client-approver",
    "system:certificates.k8s.io:kube-apiserver-client-kubelet-approver",
    "system:certificates.k8s.io:kubelet-serving-approver",
    "system:certificates.k8s.io:legacy-unknown-approver",
    "system:discovery",
    "system:heapster",
    "system:kube-aggregator",
    "system:kube-controller-manager",
    "system:kube-dns",
    "system:kube-scheduler",
    "system:kubelet-api-admin",
    "system:monitoring",
    "system:node",
    "system:node-bootstrapper",
    "system:node-problem-detector",
    "system:node-proxier",
    "system:persistent-volume-provisioner",
    "system:public-info-viewer",
    "system:service-account-issuer-discovery",
    "system:volume-scheduler",
    "cluster-admin",
];

const CLUSTER_ROLE_BINDINGS: [&str; 12] = [
    "cluster-admin",
    "system:basic-user",
    "system:discovery",
    "system:kube-controller-manager",
    "system:kube-dns",
    "system:kube-scheduler",
    "system:monitoring",
    "system:node",
    "system:node-proxier",
    "system:public-info-viewer",
    "system:service-account-issuer-discovery",
    "system:volume-scheduler",
];

const SYSTEM_ROLES: [&str; 4] = [
    "extension-apiserver-authentication-reader",
    "system::extension-apiserver-authentication-reader",
    "system::leader-locking-kube-controller-manager",
    "system::leader-locking-kube-scheduler",
];

/// Whether the cluster itself makes the object of this kind, namespace and name.
pub(crate) fn is_bootstrap(kind: &str, namespace: Option<&str>, name: &str) -> bool {
    let controller = name.starts_with("system:controller:");
    match (kind, namespace) {
        ("ClusterRole", _) => {
            controller || ["admin", "edit", "view"].contains(&name) || CLUSTER_ROLES.contains(&name)
        }
        ("ClusterRoleBinding", _) => controller || CLUSTER_ROLE_BINDINGS.contains(&name),
        ("Role" | "RoleBinding", Some("kube-system" | "kube-public")) => {
            controller || SYSTEM_ROLES.contains(&name)
        }
        ("Namespace", _) => is_system_namespace(name),
        ("ServiceAccount", _) => name == "default",
        _ => false,
    }
}

/// Whether the server itself makes this namespace.
pub(crate) fn is_system_namespace(name: &str) -> bool {
    ["default", "kube-system", "kube-public", "kube-node-lease"].contains(&name)
}
