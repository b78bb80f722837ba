//! What may be there and was not seen: why an answer cannot be told.

use rbacform_access::Missing;

/// Kinds that are not known whole.
#[derive(Clone, Debug, Default)]
pub(super) struct Unseen {
    /// A role that a binding names and that is not here may exist all the same.
    pub(super) roles: bool,
    pub(super) cluster_roles: bool,
    /// A binding that is not here may exist all the same.
    pub(super) role_bindings: bool,
    pub(super) cluster_role_bindings: bool,
    /// How it came to that, for people.
    pub(super) notes: Vec<String>,
}

impl Unseen {
    /// Why somebody may hold more in a namespace (`""`: cluster-wide) than is known: kinds that were
    /// not seen whole, and roles that their bindings name.
    pub(super) fn doubts(&self, namespace: &str, missing: &[Missing]) -> Vec<String> {
        let wide = self.cluster_role_bindings.then_some("ClusterRoleBinding");
        let local = (self.role_bindings && !namespace.is_empty()).then_some("RoleBinding");
        let kinds = wide.into_iter().chain(local);
        let mut doubts: Vec<String> = kinds
            .map(|kind| format!("not every {kind} could be read"))
            .collect();
        let roles = missing.iter();
        for role in roles.filter(|missing| self.may_exist(&missing.role_ref.kind)) {
            let text = role.to_string();
            if !doubts.contains(&text) {
                doubts.push(text);
            }
        }
        doubts
    }

    /// Whether a role that nobody has seen may exist.
    pub(super) fn may_exist(&self, role_kind: &str) -> bool {
        match role_kind {
            "Role" => self.roles,
            "ClusterRole" => self.cluster_roles,
            _ => false,
        }
    }
}
