//! Random questions: specs of access reviews, most of them near to what a binding grants.

use std::sync::Arc;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

use crate::random::{self, NAMESPACES, SUBJECT_GROUPS, USERS, chance, one};
use crate::worlds::Object;

/// Questions for a world.
pub(crate) fn question(world: &[Object]) -> BoxedStrategy<Value> {
    let held = held(world);
    let asked = match held.is_empty() {
        true => anything().boxed(),
        false => prop_oneof![4 => near(held), 1 => anything()].boxed(),
    };
    let is_master = chance(0.01);
    let (has_extra, has_selector) = (chance(0.1), chance(0.05));
    (asked, is_master, has_extra, has_selector)
        .prop_map(|(mut spec, is_master, has_extra, has_selector)| {
            if is_master {
                spec["groups"] = json!(["system:masters"]);
            }
            if has_extra {
                spec["uid"] = json!("1");
                spec["extra"] = json!({"scopes": ["a", "b"]});
            }
            if has_selector && !spec["resourceAttributes"].is_null() {
                spec["resourceAttributes"]["version"] = json!("v1");
                spec["resourceAttributes"]["fieldSelector"] = json!({
                    "requirements": [{"key": "metadata.name", "operator": "In", "values": ["a"]}],
                });
            }
            spec
        })
        .boxed()
}

fn anything() -> impl Strategy<Value = Value> {
    let namespace = one(&["access-a", "access-b", "access-c", "nowhere", ""]);
    let resource = (
        random::verb(),
        random::group(),
        random::resource(),
        random::subresource(),
        namespace,
        random::object_name(),
    );
    let resource = resource.prop_map(|(verb, group, resource, subresource, namespace, name)| {
        json!({"resourceAttributes": {
            "verb": verb,
            "group": group,
            "resource": resource,
            "subresource": subresource,
            "namespace": namespace,
            "name": name,
        }})
    });
    let url = (random::verb(), random::path())
        .prop_map(|(verb, path)| json!({"nonResourceAttributes": {"verb": verb, "path": path}}));
    (somebody(), prop_oneof![17 => resource, 3 => url]).prop_map(|(who, what)| joined(who, what))
}

fn somebody() -> impl Strategy<Value = Value> {
    let groups = vec(one(&SUBJECT_GROUPS), 0..3);
    (one(&USERS), groups, chance(0.1)).prop_map(|(user, groups, is_nameless)| {
        match is_nameless && !groups.is_empty() {
            true => json!({"groups": groups}),
            false => json!({"user": user, "groups": groups}),
        }
    })
}

/// One rule that one subject of one binding holds.
#[derive(Debug)]
struct Held {
    /// Who asks, as the spec of a review names them.
    who: Value,
    namespace: String,
    rule: Value,
}

fn held(world: &[Object]) -> Vec<Arc<Held>> {
    let mut held = Vec::new();
    for binding in world {
        let reference = &binding.body["roleRef"];
        let role = world.iter().find(|role| {
            let of_kind = role.body["kind"] == reference["kind"];
            let near = role.namespace.is_empty() || role.namespace == binding.namespace;
            of_kind && near && reference["name"] == role.name()
        });
        let rules = role.and_then(|role| role.body["rules"].as_array());
        for rule in rules.into_iter().flatten() {
            for subject in binding.body["subjects"].as_array().into_iter().flatten() {
                held.push(Arc::new(Held {
                    who: named(subject, &binding.namespace),
                    namespace: binding.namespace.clone(),
                    rule: rule.clone(),
                }));
            }
        }
    }
    held
}

/// What one rule allows one subject, with at most one field changed.
fn near(held: Vec<Arc<Held>>) -> impl Strategy<Value = Value> {
    let chosen = (
        any::<Index>(),
        any::<Index>(),
        any::<Index>(),
        any::<Index>(),
    );
    let instead = (
        one(&["", "x", "/x"]),
        one(&["access-a", "", "nowhere"]),
        random::object_name(),
    );
    let change = prop_oneof![
        random::verb().prop_map(|verb| ("verb", verb)),
        random::group().prop_map(|group| ("group", group)),
        random::subresource().prop_map(|subresource| ("subresource", subresource)),
        random::object_name().prop_map(|name| ("name", name)),
        one(&NAMESPACES).prop_map(|namespace| ("namespace", namespace)),
    ];
    let drawn = (select(held), chosen, instead, option::weighted(0.4, change));
    drawn.prop_map(|(held, chosen, (end, namespace, name), change)| {
        let rule = &held.rule;
        let verb = item(&chosen.0, &rule["verbs"], "get");
        if let Some(urls) = rule["nonResourceURLs"].as_array() {
            let path = chosen.1.get(urls).as_str().unwrap().replacen('*', end, 1);
            let asked = json!({"nonResourceAttributes": {"verb": verb, "path": path}});
            return joined(held.who.clone(), asked);
        }
        let pattern = item(&chosen.1, &rule["resources"], "pods");
        let (resource, subresource) = pattern.split_once('/').unwrap_or((&pattern, ""));
        let namespace = match held.namespace.as_str() {
            "" => namespace,
            namespace => namespace,
        };
        let mut attributes = json!({
            "verb": verb,
            "group": item(&chosen.2, &rule["apiGroups"], "apps"),
            "resource": resource.replace('*', "pods"),
            "subresource": subresource,
            "namespace": namespace,
            "name": item(&chosen.3, &rule["resourceNames"], name),
        });
        if let Some((field, value)) = change {
            attributes[field] = json!(value);
        }
        joined(held.who.clone(), json!({"resourceAttributes": attributes}))
    })
}

fn joined(mut who: Value, what: Value) -> Value {
    for (key, value) in what.as_object().unwrap() {
        who[key] = value.clone();
    }
    who
}

fn named(subject: &Value, namespace: &str) -> Value {
    let name = subject["name"].as_str().unwrap_or_default();
    match subject["kind"].as_str() {
        Some("Group") => json!({"user": "member", "groups": ["other", name]}),
        Some("ServiceAccount") => {
            let namespace = subject["namespace"].as_str().unwrap_or(namespace);
            json!({"user": format!("system:serviceaccount:{namespace}:{name}"), "groups": null})
        }
        _ => json!({"user": name}),
    }
}

/// One of a list; `star` for a star or of an empty list.
fn item(index: &Index, list: &Value, star: &str) -> String {
    let items = list.as_array().filter(|items| !items.is_empty());
    match items.and_then(|items| index.get(items).as_str()) {
        None | Some("*") => star.to_owned(),
        Some(item) => item.to_owned(),
    }
}
