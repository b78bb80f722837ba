//! Actors, who hold some of a world's rules, and what they may want to write.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::Index;
use rbacform_access::RBAC_GROUP;
use serde_json::{Value, json};

use crate::random::{NAMESPACES, chance, one, rule, rules, subject};
use crate::worlds::{Object, any_of, most_of, role_ref, world};

/// How many there are.
pub(crate) const ACTORS: usize = 12;

/// A world, and actors in it.
pub(crate) fn peopled() -> BoxedStrategy<Vec<Object>> {
    let all = (world(), actors()).prop_map(|(mut objects, actors)| {
        objects.extend(actors);
        objects
    });
    all.boxed()
}

/// Somebody who holds some rules, and most of the time may write roles and bindings.
fn actors() -> impl Strategy<Value = Vec<Object>> {
    let actors: Vec<_> = (0..ACTORS).map(actor).collect();
    most_of(2 * ACTORS, 1.0, actors.prop_map(|pairs| pairs.concat()))
}

fn actor(number: usize) -> impl Strategy<Value = Vec<Object>> {
    let power = (
        one(&["bind", "escalate", "*"]),
        one(&["roles", "clusterroles", "*"]),
        one(&["", "new-1", "new-2", "gone-1"]),
    );
    // A server-side apply asks for other verbs than POST and PUT do.
    let missing = option::weighted(0.3, 0..4_usize);
    let drawn = (
        vec(rules(false), 3),
        option::weighted(0.3, power),
        chance(0.1),
        option::weighted(0.9, missing),
        one(&["", "", NAMESPACES[0]]),
    );
    drawn.prop_map(move |(held, power, is_master, writer, namespace)| {
        let mut held = held.concat();
        if let Some((verb, resource, name)) = power {
            let mut rule =
                json!({"verbs": [verb], "apiGroups": [RBAC_GROUP], "resources": [resource]});
            if !name.is_empty() {
                rule["resourceNames"] = json!([name]);
            }
            held.push(rule);
        }
        if is_master {
            held.push(json!({"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}));
            held.push(json!({"verbs": ["*"], "nonResourceURLs": ["*"]}));
        }
        if let Some(missing) = writer {
            let mut verbs = vec!["create", "update", "patch", "delete"];
            if let Some(missing) = missing {
                verbs.remove(missing);
            }
            held.push(json!({
                "verbs": verbs,
                "apiGroups": [RBAC_GROUP],
                "resources": ["roles", "rolebindings", "clusterroles", "clusterrolebindings"],
            }));
        }
        let name = format!("actor-{number}");
        let user = json!({"kind": "User", "name": name});
        let role = role_ref("ClusterRole", &name);
        vec![
            Object::role("", &name, &held),
            Object::binding(namespace, &name, &role, &[user]),
        ]
    })
}

/// What a new object is to be.
#[derive(Clone, Debug)]
pub(crate) struct NewObject {
    namespace: &'static str,
    is_binding: bool,
    role: AnyRole,
    subject: Value,
    rules: HandedOut,
    gathers: bool,
}

pub(crate) fn new_object(gathers: impl Strategy<Value = bool>) -> impl Strategy<Value = NewObject> {
    let namespace = one(&["", "", NAMESPACES[0], NAMESPACES[0], NAMESPACES[1]]);
    let drawn = (
        namespace,
        any::<bool>(),
        any_role(),
        subject(false),
        handed_out(),
        gathers,
    );
    drawn.prop_map(
        |(namespace, is_binding, role, subject, rules, gathers)| NewObject {
            namespace,
            is_binding,
            role,
            subject,
            rules,
            gathers,
        },
    )
}

impl NewObject {
    pub(crate) fn object(&self, world: &[Object], actor: usize, name: &str) -> Object {
        if self.is_binding {
            let role = self.role.of(world, self.namespace);
            let subjects = std::slice::from_ref(&self.subject);
            return Object::binding(self.namespace, name, &role, subjects);
        }
        let rules = self.rules.of(world, actor, !self.namespace.is_empty());
        let mut role = Object::role(self.namespace, name, &rules);
        if self.namespace.is_empty() && self.gathers {
            role.body["aggregationRule"] =
                json!({"clusterRoleSelectors": [{"matchLabels": {"never": "there"}}]});
        }
        role
    }
}

/// Rules that an actor holds, more or less.
#[derive(Clone, Debug)]
pub(crate) struct HandedOut(Vec<(Option<Index>, Value, Option<Change>)>);

/// What a rule has otherwise; none where a list goes.
type Change = (&'static str, Option<Value>);

pub(crate) fn handed_out() -> impl Strategy<Value = HandedOut> {
    let to = |field: &'static str, value: &str| (field, Some(json!([value])));
    let change = prop_oneof![
        one(&["a", "*", ""]).prop_map(move |it| to("resourceNames", it)),
        one(&["list", "*", "get"]).prop_map(|it| ("verbs", Some(json!(["get", it])))),
        one(&["", "apps", "*"]).prop_map(move |it| to("apiGroups", it)),
        one(&["pods", "*/log", "pods/log", "*"]).prop_map(move |it| to("resources", it)),
        Just(("resourceNames", None)),
    ];
    let held = option::weighted(0.85, any::<Index>());
    let one = (held, rule(false), option::weighted(0.4, change));
    vec(one, 0..3).prop_map(HandedOut)
}

impl HandedOut {
    pub(crate) fn of(&self, world: &[Object], actor: usize, namespaced: bool) -> Vec<Value> {
        let name = format!("actor-{actor}");
        let own = world
            .iter()
            .find(|role| role.plural == "clusterroles" && role.name() == name);
        let held = own.and_then(|role| role.body["rules"].as_array());
        let held = held.filter(|rules| !rules.is_empty());
        let mut rules = Vec::new();
        for (index, other, change) in &self.0 {
            let of_own = held
                .zip(index.as_ref())
                .map(|(held, index)| index.get(held));
            let mut rule = of_own.unwrap_or(other).clone();
            let has_url = rule.get("nonResourceURLs").is_some();
            if namespaced && has_url {
                continue;
            }
            match change {
                Some((field, Some(value))) if !has_url => rule[field] = value.clone(),
                Some((field, None)) if !has_url => {
                    rule.as_object_mut().unwrap().remove(*field);
                }
                _ => {}
            }
            rules.push(rule);
        }
        rules
    }
}

/// A role to be bound.
#[derive(Clone, Debug)]
pub(crate) enum AnyRole {
    There(Index),
    /// The platform's, or one that is not there.
    Named(&'static str),
}

fn any_role() -> impl Strategy<Value = AnyRole> {
    let named = one(&["gone-1", "gone-2", "view", "system:discovery"]);
    prop_oneof![
        17 => any::<Index>().prop_map(AnyRole::There),
        3 => named.prop_map(AnyRole::Named),
    ]
}

impl AnyRole {
    fn of(&self, world: &[Object], namespace: &str) -> Value {
        match self {
            Self::Named(name) => role_ref("ClusterRole", name),
            Self::There(index) => any_of(world, namespace, index),
        }
    }
}
