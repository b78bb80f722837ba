//! Random worlds.

use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use serde_json::{Value, json};

use crate::random::{NAMESPACES, odd_name, one, rules, subject};

const GROUP: &str = "rbac.authorization.k8s.io";

/// How many objects of each kind a world has beside what the server makes by itself.
const CLUSTER_ROLES: usize = 24;
const ROLES: usize = 24;
const CLUSTER_ROLE_BINDINGS: usize = 30;
const ROLE_BINDINGS: usize = 50;

/// Labels by which aggregated roles select, level by level: nothing feeds itself.
const LABELS: [&str; 4] = [
    "to-one",
    "to-two",
    "to-three",
    "rbac.authorization.k8s.io/aggregate-to-view",
];

/// An object to be written.
#[derive(Clone, Debug)]
pub(crate) struct Object {
    pub(crate) plural: &'static str,
    /// Empty where cluster-scoped.
    pub(crate) namespace: String,
    pub(crate) body: Value,
}

impl Object {
    pub(crate) fn name(&self) -> &str {
        self.body["metadata"]["name"].as_str().unwrap()
    }

    pub(crate) fn new(plural: &'static str, kind: &str, namespace: &str, name: &str) -> Self {
        let mut metadata = json!({"name": name});
        if !namespace.is_empty() {
            metadata["namespace"] = json!(namespace);
        }
        let api_version = format!("{GROUP}/v1");
        Self {
            plural,
            namespace: namespace.to_owned(),
            body: json!({"apiVersion": api_version, "kind": kind, "metadata": metadata}),
        }
    }

    pub(crate) fn role(namespace: &str, name: &str, rules: &[Value]) -> Self {
        let (plural, kind) = match namespace {
            "" => ("clusterroles", "ClusterRole"),
            _ => ("roles", "Role"),
        };
        let mut role = Self::new(plural, kind, namespace, name);
        role.body["rules"] = json!(rules);
        role
    }

    pub(crate) fn binding(namespace: &str, name: &str, role: &Value, subjects: &[Value]) -> Self {
        let (plural, kind) = match namespace {
            "" => ("clusterrolebindings", "ClusterRoleBinding"),
            _ => ("rolebindings", "RoleBinding"),
        };
        let mut binding = Self::new(plural, kind, namespace, name);
        binding.body["roleRef"] = role.clone();
        binding.body["subjects"] = json!(subjects);
        binding
    }
}

pub(crate) fn role_ref(kind: &str, name: &str) -> Value {
    json!({"apiGroup": GROUP, "kind": kind, "name": name})
}

/// Roles and bindings, in an order in which they may be written.
pub(crate) fn world(chance: &mut StdRng, round: usize) -> Vec<Object> {
    let mut objects: Vec<Object> = (0..CLUSTER_ROLES)
        .map(|number| cluster_role(chance, round, number))
        .collect();
    objects.extend((0..ROLES).map(|number| {
        let (namespace, name) = (one(chance, &NAMESPACES), odd_name(chance, number));
        Object::role(namespace, &name, &rules(chance, true))
    }));
    let roles = objects.clone();
    objects.extend((0..CLUSTER_ROLE_BINDINGS).map(|number| {
        let name = odd_name(chance, number);
        let role = bound(chance, &roles, "");
        Object::binding("", &name, &role, &subjects(chance, false))
    }));
    objects.extend((0..ROLE_BINDINGS).map(|number| {
        let (namespace, name) = (one(chance, &NAMESPACES), odd_name(chance, number));
        let role = bound(chance, &roles, namespace);
        Object::binding(namespace, &name, &role, &subjects(chance, true))
    }));
    objects
}

/// The last few gather others' rules, and some of these feed the next level.
fn cluster_role(chance: &mut StdRng, round: usize, number: usize) -> Object {
    // A name is not used again: see how they are removed.
    let name = format!("{}-{round}", odd_name(chance, number));
    let mut role = Object::role("", &name, &rules(chance, false));
    let level = number.saturating_sub(CLUSTER_ROLES - 4);
    if level > 0 {
        let selectors: Vec<Value> = match chance.random_bool(0.5) {
            true => vec![json!({"matchLabels": {LABELS[level - 1]: "true"}})],
            false => vec![
                json!({"matchExpressions": [
                    {"key": LABELS[level - 1], "operator": "In", "values": ["true", "x"]},
                    {"key": "never", "operator": "DoesNotExist"},
                ]}),
                json!({"matchLabels": {LABELS[level - 1]: "false"}}),
            ],
        };
        role.body["aggregationRule"] = json!({"clusterRoleSelectors": selectors});
        if chance.random_bool(0.7) {
            role.body["rules"] = json!([]);
        }
        role.body["metadata"]["labels"] = json!({LABELS[level]: "true"});
    } else if chance.random_bool(0.4) {
        let value = one(chance, &["true", "true", "false", "x"]);
        role.body["metadata"]["labels"] = json!({one(chance, &LABELS[..3]): value});
    }
    role
}

/// A role that is there, or seldom one that is not.
fn bound(chance: &mut StdRng, roles: &[Object], namespace: &str) -> Value {
    let kind = |role: &Object| match role.namespace.as_str() {
        "" => "ClusterRole",
        _ => "Role",
    };
    if chance.random_bool(0.12) {
        let gone = format!("gone-{}", chance.random_range(0..4));
        let local = !namespace.is_empty() && chance.random_bool(0.5);
        return role_ref(if local { "Role" } else { "ClusterRole" }, &gone);
    }
    if chance.random_bool(0.08) {
        return role_ref(
            "ClusterRole",
            one(chance, &["view", "edit", "system:discovery"]),
        );
    }
    let near: Vec<&Object> = roles
        .iter()
        .filter(|role| role.namespace.is_empty() || role.namespace == namespace)
        .collect();
    let role = near.choose(chance).unwrap();
    role_ref(kind(role), role.name())
}

fn subjects(chance: &mut StdRng, namespaced: bool) -> Vec<Value> {
    let count = chance.random_range(0..4);
    (0..count).map(|_| subject(chance, namespaced)).collect()
}
