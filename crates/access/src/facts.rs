//! What is known about a cluster: its roles and bindings.

use std::collections::BTreeMap;

use crate::subject::first_match;
use crate::{ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding, RoleRef, User};

/// Roles and bindings, indexed for evaluation. Reading order is by name, so answers are
/// deterministic.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    roles: BTreeMap<String, BTreeMap<String, Role>>,
    cluster_roles: BTreeMap<String, ClusterRole>,
    role_bindings: BTreeMap<String, BTreeMap<String, RoleBinding>>,
    cluster_role_bindings: BTreeMap<String, ClusterRoleBinding>,
}

impl Facts {
    /// Adds a role, replacing one of the same namespace and name.
    pub fn put_role(&mut self, role: Role) {
        self.roles
            .entry(role.namespace.clone())
            .or_default()
            .insert(role.name.clone(), role);
    }

    /// Forgets a role.
    pub fn remove_role(&mut self, namespace: &str, name: &str) {
        remove_nested(&mut self.roles, namespace, name);
    }

    /// Adds a cluster role, replacing one of the same name.
    pub fn put_cluster_role(&mut self, role: ClusterRole) {
        self.cluster_roles.insert(role.name.clone(), role);
    }

    /// Forgets a cluster role.
    pub fn remove_cluster_role(&mut self, name: &str) {
        self.cluster_roles.remove(name);
    }

    /// Adds a role binding, replacing one of the same namespace and name.
    pub fn put_role_binding(&mut self, binding: RoleBinding) {
        self.role_bindings
            .entry(binding.namespace.clone())
            .or_default()
            .insert(binding.name.clone(), binding);
    }

    /// Forgets a role binding.
    pub fn remove_role_binding(&mut self, namespace: &str, name: &str) {
        remove_nested(&mut self.role_bindings, namespace, name);
    }

    /// Adds a cluster role binding, replacing one of the same name.
    pub fn put_cluster_role_binding(&mut self, binding: ClusterRoleBinding) {
        self.cluster_role_bindings
            .insert(binding.name.clone(), binding);
    }

    /// Forgets a cluster role binding.
    pub fn remove_cluster_role_binding(&mut self, name: &str) {
        self.cluster_role_bindings.remove(name);
    }

    /// Whether nothing is known at all.
    pub fn is_empty(&self) -> bool {
        self.roles.is_empty()
            && self.cluster_roles.is_empty()
            && self.role_bindings.is_empty()
            && self.cluster_role_bindings.is_empty()
    }

    /// Adds what `base` has and this has not.
    pub fn lay_under(&mut self, base: Self) {
        for (namespace, roles) in base.roles {
            let held = self.roles.entry(namespace).or_default();
            for (name, role) in roles {
                held.entry(name).or_insert(role);
            }
        }
        for (name, role) in base.cluster_roles {
            self.cluster_roles.entry(name).or_insert(role);
        }
        for (namespace, bindings) in base.role_bindings {
            let held = self.role_bindings.entry(namespace).or_default();
            for (name, binding) in bindings {
                held.entry(name).or_insert(binding);
            }
        }
        for (name, binding) in base.cluster_role_bindings {
            self.cluster_role_bindings.entry(name).or_insert(binding);
        }
    }

    /// Forgets a namespace with every role and binding in it.
    pub fn remove_namespace(&mut self, namespace: &str) {
        self.roles.remove(namespace);
        self.role_bindings.remove(namespace);
    }

    /// All roles, by namespace and name.
    pub fn roles(&self) -> impl Iterator<Item = &Role> {
        self.roles.values().flat_map(BTreeMap::values)
    }

    /// All roles, and of the bindings those that name this user: what any question about it takes.
    pub fn held_by(&self, user: &User) -> Self {
        let cluster_role_bindings = self.cluster_role_bindings.iter();
        let role_bindings = self.role_bindings.iter().map(|(namespace, bindings)| {
            let held = bindings
                .iter()
                .filter(|(_, binding)| first_match(&binding.subjects, user, namespace).is_some());
            let held = held.map(|(name, binding)| (name.clone(), binding.clone()));
            (namespace.clone(), held.collect::<BTreeMap<_, _>>())
        });
        Self {
            roles: self.roles.clone(),
            cluster_roles: self.cluster_roles.clone(),
            role_bindings: role_bindings
                .filter(|(_, bindings)| !bindings.is_empty())
                .collect(),
            cluster_role_bindings: cluster_role_bindings
                .filter(|(_, binding)| first_match(&binding.subjects, user, "").is_some())
                .map(|(name, binding)| (name.clone(), binding.clone()))
                .collect(),
        }
    }

    /// What every binding names, cluster role bindings first.
    pub fn role_refs(&self) -> impl Iterator<Item = &RoleRef> {
        let wide = self
            .cluster_role_bindings()
            .map(|binding| &binding.role_ref);
        wide.chain(self.all_role_bindings().map(|binding| &binding.role_ref))
    }

    /// The role of that namespace and name.
    pub fn role(&self, namespace: &str, name: &str) -> Option<&Role> {
        self.roles.get(namespace)?.get(name)
    }

    /// The cluster role of that name.
    pub fn cluster_role(&self, name: &str) -> Option<&ClusterRole> {
        self.cluster_roles.get(name)
    }

    /// The role binding of that namespace and name.
    pub fn role_binding(&self, namespace: &str, name: &str) -> Option<&RoleBinding> {
        self.role_bindings.get(namespace)?.get(name)
    }

    /// The cluster role binding of that name.
    pub fn cluster_role_binding(&self, name: &str) -> Option<&ClusterRoleBinding> {
        self.cluster_role_bindings.get(name)
    }

    /// All role bindings, by namespace and name.
    pub fn all_role_bindings(&self) -> impl Iterator<Item = &RoleBinding> {
        self.role_bindings.values().flat_map(BTreeMap::values)
    }

    /// All cluster roles, by name.
    pub fn cluster_roles(&self) -> impl Iterator<Item = &ClusterRole> {
        self.cluster_roles.values()
    }

    /// Every rule of every role.
    pub fn all_rules(&self) -> impl Iterator<Item = &PolicyRule> {
        let roles = self.roles.values().flat_map(BTreeMap::values);
        let wide = self.cluster_roles.values().flat_map(|role| &role.rules);
        roles.flat_map(|role| &role.rules).chain(wide)
    }

    /// All cluster role bindings, by name.
    pub fn cluster_role_bindings(&self) -> impl Iterator<Item = &ClusterRoleBinding> {
        self.cluster_role_bindings.values()
    }

    /// The role bindings of one namespace, by name.
    pub fn role_bindings(&self, namespace: &str) -> impl Iterator<Item = &RoleBinding> {
        self.role_bindings
            .get(namespace)
            .into_iter()
            .flat_map(BTreeMap::values)
    }
}

fn remove_nested<T>(map: &mut BTreeMap<String, BTreeMap<String, T>>, namespace: &str, name: &str) {
    if let Some(inner) = map.get_mut(namespace) {
        inner.remove(name);
        if inner.is_empty() {
            map.remove(namespace);
        }
    }
}
