//! Random worlds.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

use crate::random::{NAMESPACES, chance, odd_name, one, rules, subject};

const GROUP: &str = "rbac.authorization.k8s.io";

/// How many objects of each kind a world has beside what the server makes by itself.
const CLUSTER_ROLES: usize = 24;
const ROLES: usize = 24;
const CLUSTER_ROLE_BINDINGS: usize = 30;
const ROLE_BINDINGS: usize = 50;
const OBJECTS: usize = CLUSTER_ROLES + ROLES + CLUSTER_ROLE_BINDINGS + ROLE_BINDINGS;

/// Labels by which aggregated roles select, level by level: nothing feeds itself.
const LABELS: [&str; 4] = [
    "to-one",
    "to-two",
    "to-three",
    "rbac.authorization.k8s.io/aggregate-to-view",
];

/// An object to be written.
#[derive(Clone, Debug, PartialEq)]
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

    /// The object as a world of this number has it. A random cluster role's name is not used again:
    /// see how they are removed.
    pub(crate) fn of_world(&self, number: usize) -> Self {
        let mut object = self.clone();
        if self.plural == "clusterroles" {
            number_it(&mut object.body["metadata"]["name"], number);
        }
        if self.body["roleRef"]["kind"] == "ClusterRole" {
            number_it(&mut object.body["roleRef"]["name"], number);
        }
        object
    }
}

fn number_it(name: &mut Value, number: usize) {
    let text = name.as_str().unwrap();
    // Neither the platform's own nor those that are not there.
    if text.starts_with('n') && text[1..].starts_with(|c: char| c.is_ascii_digit()) {
        *name = json!(format!("{text}-{number}"));
    }
}

pub(crate) fn role_ref(kind: &str, name: &str) -> Value {
    json!({"apiGroup": GROUP, "kind": kind, "name": name})
}

/// Roles and bindings, in an order in which they may be written. One that shrinks first loses objects,
/// one after the other, and then what they consist of.
pub(crate) fn world() -> impl Strategy<Value = Vec<Object>> {
    let cluster_roles: Vec<_> = (0..CLUSTER_ROLES).map(cluster_role).collect();
    let roles: Vec<_> = (0..ROLES).map(role).collect();
    let wide: Vec<_> = (0..CLUSTER_ROLE_BINDINGS)
        .map(|it| binding(it, true))
        .collect();
    let local: Vec<_> = (0..ROLE_BINDINGS).map(|it| binding(it, false)).collect();
    let all = (cluster_roles, roles, wide, local).prop_map(|(mut roles, local, wide, bound)| {
        roles.extend(local);
        let bindings = wide.into_iter().chain(bound);
        let bindings: Vec<Object> = bindings.map(|draft| draft.of(&roles)).collect();
        roles.extend(bindings);
        roles
    });
    most_of(OBJECTS, 0.97, all)
}

/// So many objects, each of them there so likely: which makes a world that shrinks lose objects first.
pub(crate) fn most_of(
    count: usize,
    likely: f64,
    objects: impl Strategy<Value = Vec<Object>>,
) -> impl Strategy<Value = Vec<Object>> {
    (vec(chance(likely), count), objects).prop_map(|(kept, objects)| {
        let kept = kept.into_iter().zip(objects);
        kept.filter_map(|(is_there, object)| is_there.then_some(object))
            .collect()
    })
}

/// The last few gather others' rules, and some of these feed the next level.
fn cluster_role(number: usize) -> BoxedStrategy<Object> {
    let level = number.saturating_sub(CLUSTER_ROLES - 4);
    let base =
        (odd_name(number), rules(false)).prop_map(|(name, rules)| Object::role("", &name, &rules));
    if level == 0 {
        let label = (one(&LABELS[..3]), one(&["true", "true", "false", "x"]));
        let label = proptest::option::weighted(0.4, label);
        return (base, label)
            .prop_map(|(mut role, label)| {
                if let Some((key, value)) = label {
                    role.body["metadata"]["labels"] = json!({key: value});
                }
                role
            })
            .boxed();
    }
    let gathered =
        (base, chance(0.5), chance(0.7)).prop_map(move |(mut role, by_label, is_empty)| {
            role.body["aggregationRule"] =
                json!({"clusterRoleSelectors": selectors(LABELS[level - 1], by_label)});
            if is_empty {
                role.body["rules"] = json!([]);
            }
            role.body["metadata"]["labels"] = json!({LABELS[level]: "true"});
            role
        });
    gathered.boxed()
}

fn selectors(label: &str, by_label: bool) -> Value {
    match by_label {
        true => json!([{"matchLabels": {label: "true"}}]),
        false => json!([
            {"matchExpressions": [
                {"key": label, "operator": "In", "values": ["true", "x"]},
                {"key": "never", "operator": "DoesNotExist"},
            ]},
            {"matchLabels": {label: "false"}},
        ]),
    }
}

fn role(number: usize) -> impl Strategy<Value = Object> {
    (one(&NAMESPACES), odd_name(number), rules(true))
        .prop_map(|(namespace, name, rules)| Object::role(namespace, &name, &rules))
}

/// A binding before its role is known.
#[derive(Clone, Debug)]
struct Draft {
    namespace: &'static str,
    name: String,
    role: Reference,
    subjects: Vec<Value>,
}

/// Whom a binding names.
#[derive(Clone, Debug)]
enum Reference {
    /// One of the world's roles that may be bound there.
    There(Index),
    Platform(&'static str),
    /// One that is not there, of the binding's namespace or not.
    Gone(u8, bool),
}

fn binding(number: usize, is_wide: bool) -> impl Strategy<Value = Draft> {
    let namespaces: &'static [&'static str] = if is_wide { &[""] } else { &NAMESPACES };
    let role = prop_oneof![
        81 => any::<Index>().prop_map(Reference::There),
        7 => one(&["view", "edit", "system:discovery"]).prop_map(Reference::Platform),
        12 => (0..4_u8, any::<bool>()).prop_map(|(number, local)| Reference::Gone(number, local)),
    ];
    let subjects = vec(subject(!is_wide), 0..4);
    (one(namespaces), odd_name(number), role, subjects).prop_map(
        |(namespace, name, role, subjects)| Draft {
            namespace,
            name,
            role,
            subjects,
        },
    )
}

impl Draft {
    fn of(&self, roles: &[Object]) -> Object {
        let role = match &self.role {
            Reference::Platform(name) => role_ref("ClusterRole", name),
            Reference::Gone(number, true) if !self.namespace.is_empty() => {
                role_ref("Role", &format!("gone-{number}"))
            }
            Reference::Gone(number, _) => role_ref("ClusterRole", &format!("gone-{number}")),
            Reference::There(index) => any_of(roles, self.namespace, index),
        };
        Object::binding(self.namespace, &self.name, &role, &self.subjects)
    }
}

/// One of the roles that may be bound in a namespace.
pub(crate) fn any_of(objects: &[Object], namespace: &str, index: &Index) -> Value {
    let near: Vec<&Object> = objects
        .iter()
        .filter(|object| matches!(object.plural, "clusterroles" | "roles"))
        .filter(|role| role.namespace.is_empty() || role.namespace == namespace)
        .collect();
    match near.is_empty() {
        true => role_ref("ClusterRole", "gone-1"),
        false => {
            let role = index.get(&near);
            role_ref(role.body["kind"].as_str().unwrap(), role.name())
        }
    }
}
