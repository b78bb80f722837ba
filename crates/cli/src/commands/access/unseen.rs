//! What may be there and was not seen: why an answer cannot be told.

use rbacform_access::Missing;
use rbacform_access::delta::Known;

/// What is not known of a world.
#[derive(Clone, Debug)]
pub(super) struct Unseen {
    /// Of kinds that are not known whole, a role or binding that is not here may exist all the same.
    pub(super) known: Known,
    /// How it came to that, for people.
    pub(super) notes: Vec<String>,
}

impl Default for Unseen {
    /// Everything there is was seen.
    fn default() -> Self {
        Self {
            known: Known::all(true),
            notes: Vec::new(),
        }
    }
}

impl Unseen {
    /// What files declare is all there is of bindings; roles may be made elsewhere.
    pub(super) fn roles() -> Self {
        let mut unseen = Self::default();
        unseen.known.roles = false;
        unseen.known.cluster_roles = false;
        unseen
    }

    /// Why somebody may hold more in a namespace (`""`: cluster-wide) than is known: kinds that were
    /// not seen whole, and roles that their bindings name.
    pub(super) fn doubts(&self, namespace: &str, missing: &[Missing]) -> Vec<String> {
        let wide = !self.known.cluster_role_bindings;
        let local = !namespace.is_empty() && !self.known.role_bindings_of(namespace);
        let kinds = [(wide, "ClusterRoleBinding"), (local, "RoleBinding")];
        let kinds = kinds.iter().filter(|(unseen, _)| *unseen);
        let mut doubts: Vec<String> = kinds
            .map(|(_, kind)| format!("not every {kind} could be read"))
            .collect();
        for role in missing {
            let text = role.to_string();
            if self.may_exist(&role.role_ref.kind, namespace) && !doubts.contains(&text) {
                doubts.push(text);
            }
        }
        doubts
    }

    /// Whether a role of that kind that nobody has seen may exist.
    pub(super) fn may_exist(&self, role_kind: &str, namespace: &str) -> bool {
        match role_kind {
            "Role" => !self.known.roles_of(namespace),
            "ClusterRole" => !self.known.cluster_roles,
            _ => false,
        }
    }

    /// What is known of this world and of another.
    pub(super) fn both(&self, other: &Self) -> Known {
        let (a, b) = (&self.known, &other.known);
        let roles = |known: &Known, namespace: &str| known.roles_of(namespace);
        let bindings = |known: &Known, namespace: &str| known.role_bindings_of(namespace);
        let in_both =
            |of: fn(&Known, &str) -> bool, a_in: &std::collections::BTreeSet<String>, b_in| {
                let all = a_in.union(b_in);
                all.filter(|name| of(a, name) && of(b, name))
                    .cloned()
                    .collect()
            };
        Known {
            roles: a.roles && b.roles,
            cluster_roles: a.cluster_roles && b.cluster_roles,
            role_bindings: a.role_bindings && b.role_bindings,
            cluster_role_bindings: a.cluster_role_bindings && b.cluster_role_bindings,
            roles_in: in_both(roles, &a.roles_in, &b.roles_in),
            role_bindings_in: in_both(bindings, &a.role_bindings_in, &b.role_bindings_in),
        }
    }
}
