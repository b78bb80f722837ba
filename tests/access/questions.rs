//! Random questions: specs of access reviews, most of them near to what a binding grants.

use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use serde_json::{Value, json};

use crate::random::{self, NAMESPACES, SUBJECT_GROUPS, USERS, one};
use crate::worlds::Object;

/// One question.
pub(crate) fn question(chance: &mut StdRng, world: &[Object]) -> Value {
    let mut spec = match chance.random_bool(0.8) {
        true => near(chance, world).unwrap_or_else(|| anything(chance)),
        false => anything(chance),
    };
    if chance.random_bool(0.01) {
        spec["groups"] = json!(["system:masters"]);
    }
    if chance.random_bool(0.1) {
        spec["uid"] = json!("1");
        spec["extra"] = json!({"scopes": ["a", "b"]});
    }
    if chance.random_bool(0.05) && !spec["resourceAttributes"].is_null() {
        spec["resourceAttributes"]["version"] = json!("v1");
        spec["resourceAttributes"]["fieldSelector"] = json!({
            "requirements": [{"key": "metadata.name", "operator": "In", "values": ["a"]}],
        });
    }
    spec
}

fn anything(chance: &mut StdRng) -> Value {
    let mut spec = somebody(chance);
    if chance.random_bool(0.15) {
        let verb = random::verb(chance);
        spec["nonResourceAttributes"] = json!({"verb": verb, "path": random::path(chance)});
    } else {
        let namespace = one(chance, &["access-a", "access-b", "access-c", "nowhere", ""]);
        spec["resourceAttributes"] = json!({
            "verb": random::verb(chance),
            "group": random::group(chance),
            "resource": random::resource(chance),
            "subresource": random::subresource(chance),
            "namespace": namespace,
            "name": random::object_name(chance),
        });
    }
    spec
}

fn somebody(chance: &mut StdRng) -> Value {
    let count = chance.random_range(0..3);
    let groups: Vec<&str> = (0..count).map(|_| one(chance, &SUBJECT_GROUPS)).collect();
    match groups.is_empty() || chance.random_bool(0.9) {
        true => json!({"user": one(chance, &USERS), "groups": groups}),
        false => json!({"groups": groups}),
    }
}

/// What one rule of a bound role allows one of its subjects, with at most one field changed.
fn near(chance: &mut StdRng, world: &[Object]) -> Option<Value> {
    let bindings: Vec<&Object> = world
        .iter()
        .filter(|object| object.plural.ends_with("bindings"))
        .collect();
    let binding = bindings.choose(chance)?;
    let reference = &binding.body["roleRef"];
    let role = world.iter().find(|role| {
        let of_kind = role.body["kind"] == reference["kind"];
        let near = role.namespace.is_empty() || role.namespace == binding.namespace;
        of_kind && near && reference["name"] == role.name()
    })?;
    let rule = role.body["rules"].as_array()?.choose(chance)?;
    let subject = binding.body["subjects"].as_array()?.choose(chance)?;
    let mut spec = named(subject, &binding.namespace);
    let verb = item(chance, &rule["verbs"], "get");
    if let Some(urls) = rule["nonResourceURLs"].as_array() {
        let url = urls.choose(chance)?.as_str()?;
        let path = url.replacen('*', one(chance, &["", "x", "/x"]), 1);
        spec["nonResourceAttributes"] = json!({"verb": verb, "path": path});
        return Some(spec);
    }
    let pattern = item(chance, &rule["resources"], "pods");
    let (resource, subresource) = pattern.split_once('/').unwrap_or((&pattern, ""));
    let resource = resource.replace('*', "pods");
    let namespace = match binding.namespace.as_str() {
        "" => one(chance, &["access-a", "", "nowhere"]).to_owned(),
        namespace => namespace.to_owned(),
    };
    let any_name = random::object_name(chance);
    spec["resourceAttributes"] = json!({
        "verb": verb,
        "group": item(chance, &rule["apiGroups"], "apps"),
        "resource": resource,
        "subresource": subresource,
        "namespace": namespace,
        "name": item(chance, &rule["resourceNames"], any_name),
    });
    if chance.random_bool(0.4) {
        let attributes = &mut spec["resourceAttributes"];
        match chance.random_range(0..5) {
            0 => attributes["verb"] = json!(random::verb(chance)),
            1 => attributes["group"] = json!(random::group(chance)),
            2 => attributes["subresource"] = json!(random::subresource(chance)),
            3 => attributes["name"] = json!(random::object_name(chance)),
            _ => attributes["namespace"] = json!(one(chance, &NAMESPACES)),
        }
    }
    Some(spec)
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
fn item(chance: &mut StdRng, list: &Value, star: &str) -> String {
    let chosen = list.as_array().and_then(|items| items.choose(chance));
    match chosen.and_then(Value::as_str) {
        None | Some("*") => star.to_owned(),
        Some(item) => item.to_owned(),
    }
}
