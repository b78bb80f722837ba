//! The kinds of Kubernetes object that plans write, as the authorizer knows them.

use rbacform_core::ObjectId;

use crate::{RBAC_GROUP, ResourceRequest};

/// How the authorizer names the objects of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kind {
    pub(super) name: &'static str,
    pub(super) group: &'static str,
    pub(super) plural: &'static str,
}

const KINDS: [Kind; 6] = [
    kind("Namespace", "", "namespaces"),
    kind("ServiceAccount", "", "serviceaccounts"),
    kind("Role", RBAC_GROUP, "roles"),
    kind("ClusterRole", RBAC_GROUP, "clusterroles"),
    kind("RoleBinding", RBAC_GROUP, "rolebindings"),
    kind("ClusterRoleBinding", RBAC_GROUP, "clusterrolebindings"),
];

const fn kind(name: &'static str, group: &'static str, plural: &'static str) -> Kind {
    Kind {
        name,
        group,
        plural,
    }
}

impl Kind {
    /// The kind of an object; none where no API server has it.
    pub(super) fn of(object: &ObjectId) -> Option<Self> {
        Self::named(&object.kind)
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        KINDS.into_iter().find(|kind| kind.name == name)
    }

    /// A request for one object of the kind. One for a namespace names it as its namespace too
    /// (`pkg/endpoints/request/requestinfo.go`).
    pub(super) fn request(self, object: &ObjectId, verb: &str) -> ResourceRequest {
        let namespace = match self.name {
            "Namespace" => object.name(),
            _ => object.namespace().unwrap_or_default(),
        };
        ResourceRequest {
            verb: verb.to_owned(),
            api_group: self.group.to_owned(),
            resource: self.plural.to_owned(),
            subresource: String::new(),
            namespace: namespace.to_owned(),
            name: object_name(object).to_owned(),
        }
    }
}

/// The name; of cluster roles and their bindings the whole identity, which may hold anything.
pub(super) fn object_name(object: &ObjectId) -> &str {
    match object.kind.as_str() {
        "Namespace" | "ClusterRole" | "ClusterRoleBinding" => &object.ident,
        _ => object.name(),
    }
}
