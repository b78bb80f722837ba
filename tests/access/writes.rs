//! Escalation prevention: which writes of roles and bindings the server refuses, as we foresee it.

use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rbacform_access::escalation::{Refusal, confirm_binding, confirm_role};
use rbacform_access::subject::AUTHENTICATED;
use rbacform_access::{
    Facts, PolicyRule, RBAC_GROUP, Request, ResourceRequest, RoleRef, User, authorize,
};
use serde_json::{Value, json};

use crate::plane::{Plane, collection, path_of};
use crate::random::{NAMESPACES, one, rule, rules, subject};
use crate::scale::Scale;
use crate::support::client::{Client, Reply};
use crate::worlds::{Object, role_ref, world};

/// How many writes are tried in a world.
const PER_WORLD: usize = 250;
/// How many of them are also carried out: the server judges a dry run as it does the write.
const IN_EARNEST: usize = 25;
pub(crate) const ACTORS: usize = 12;

/// A write by somebody.
struct Write {
    actor: usize,
    /// What is there before, of an update.
    old: Option<Value>,
    object: Object,
}

#[test]
fn the_server_refuses_the_writes_that_we_foresee() {
    let Some(mut plane) = Plane::begin() else {
        return;
    };
    let scale = Scale::of_environment();
    let (mut tried, mut round) = (0, 0);
    let mut seen = std::collections::BTreeMap::<u16, usize>::new();
    while tried < scale.writes {
        let mut chance = scale.chance(3, round);
        round += 1;
        let mut objects = world(&mut chance, round);
        objects.extend(actors(&mut chance));
        let facts = plane.become_world(&objects).facts();
        let count = PER_WORLD.min(scale.writes - tried);
        let writes: Vec<Write> = (0..count)
            .map(|number| write(&mut chance, &plane, &objects, number))
            .collect();
        let replies = plane
            .clients
            .each(&writes, |client, write| send(client, write, "?dryRun=All"));
        for (write, reply) in writes.iter().zip(&replies) {
            let foreseen = foresee(&facts, write);
            let told = || {
                let (actor, object) = (write.actor, &write.object);
                format!(
                    "{} world {round}: actor-{actor} {object:?}\n{reply:?}",
                    scale.told()
                )
            };
            let expected = foreseen
                .as_ref()
                .map_or_else(|(code, _)| *code, |code| *code);
            assert_eq!(expected, reply.code, "{foreseen:?}\n{}", told());
            if let Err((403, text)) = &foreseen {
                let message = reply.body["message"].as_str().unwrap();
                assert!(message.ends_with(text), "{foreseen:?}\n{}", told());
            }
            *seen.entry(expected).or_default() += 1;
        }
        for (write, dry) in writes.iter().zip(&replies).take(IN_EARNEST) {
            // An aggregated role that is gone again may come back: see how worlds are removed.
            if write.old.is_some() || write.object.body.get("aggregationRule").is_some() {
                continue;
            }
            let reply = send(&plane.admin, write, "");
            assert_eq!(
                reply.code, dry.code,
                "not as its dry run: {:?}",
                write.object
            );
            if reply.code == 201 {
                let gone = plane
                    .admin
                    .send("DELETE", &path_of(&write.object), "", None);
                assert_eq!(gone.code, 200, "{gone:?}");
            }
        }
        tried += count;
    }
    eprintln!(
        "{tried} writes in {round} worlds alike, by code {seen:?}; {}",
        scale.told()
    );
    for code in [200, 201, 403, 404] {
        assert!(
            seen.contains_key(&code),
            "none was answered {code}: {seen:?}"
        );
    }
}

/// Somebody who holds some rules, and most of the time may write roles and bindings.
pub(crate) fn actors(chance: &mut StdRng) -> Vec<Object> {
    let mut objects = Vec::new();
    for number in 0..ACTORS {
        let subject = json!([{"kind": "User", "name": format!("actor-{number}")}]);
        let subject = subject.as_array().unwrap();
        let name = format!("actor-{number}");
        let mut held: Vec<Value> = (0..3).flat_map(|_| rules(chance, false)).collect();
        if chance.random_bool(0.3) {
            let names = one(chance, &["", "new-1", "new-2", "gone-1"]);
            let verb = one(chance, &["bind", "escalate", "*"]);
            let resource = one(chance, &["roles", "clusterroles", "*"]);
            let mut rule = json!({
                "verbs": [verb], "apiGroups": [RBAC_GROUP], "resources": [resource],
            });
            if !names.is_empty() {
                rule["resourceNames"] = json!([names]);
            }
            held.push(rule);
        }
        if chance.random_bool(0.1) {
            held.push(json!({"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}));
            held.push(json!({"verbs": ["*"], "nonResourceURLs": ["*"]}));
        }
        if chance.random_bool(0.9) {
            // A server-side apply asks for other verbs than POST and PUT do.
            let mut verbs = vec!["create", "update", "patch", "delete"];
            if chance.random_bool(0.3) {
                verbs.remove(chance.random_range(0..verbs.len()));
            }
            held.push(json!({
                "verbs": verbs,
                "apiGroups": [RBAC_GROUP],
                "resources": ["roles", "rolebindings", "clusterroles", "clusterrolebindings"],
            }));
        }
        objects.push(Object::role("", &name, &held));
        let (namespace, role) = (
            one(chance, &["", "", NAMESPACES[0]]),
            role_ref("ClusterRole", &name),
        );
        objects.push(Object::binding(namespace, &name, &role, subject));
    }
    objects
}

fn write(chance: &mut StdRng, plane: &Plane, world: &[Object], number: usize) -> Write {
    let actor = chance.random_range(0..ACTORS);
    let namespace = one(
        chance,
        &["", "", NAMESPACES[0], NAMESPACES[0], NAMESPACES[1]],
    );
    if chance.random_bool(0.3) {
        return update(chance, plane, world, actor);
    }
    let name = format!("new-{number}");
    let object = match chance.random_bool(0.5) {
        true => {
            let rules = handed_out(chance, world, actor, !namespace.is_empty());
            let mut role = Object::role(namespace, &name, &rules);
            if namespace.is_empty() && chance.random_bool(0.2) {
                role.body["aggregationRule"] =
                    json!({"clusterRoleSelectors": [{"matchLabels": {"never": "there"}}]});
            }
            role
        }
        false => {
            let subjects = [subject(chance, !namespace.is_empty())];
            Object::binding(
                namespace,
                &name,
                &any_role(chance, world, namespace),
                &subjects,
            )
        }
    };
    Write {
        actor,
        old: None,
        object,
    }
}

fn update(chance: &mut StdRng, plane: &Plane, world: &[Object], actor: usize) -> Write {
    let mut object = world.choose(chance).unwrap().clone();
    let reply = plane.admin.send("GET", &path_of(&object), "", None);
    assert_eq!(reply.code, 200, "{reply:?}");
    object.body = reply.body;
    let old = object.body.clone();
    let namespaced = !object.namespace.is_empty();
    match chance.random_range(0..4) {
        0 => {}
        1 => object.body["metadata"]["finalizers"] = json!(["example.com/held"]),
        2 => object.body["metadata"]["labels"] = json!({"new": "label"}),
        _ if object.body.get("roleRef").is_some() => {
            object.body["subjects"] = json!([subject(chance, namespaced)]);
        }
        _ => object.body["rules"] = json!(handed_out(chance, world, actor, namespaced)),
    }
    Write {
        actor,
        old: Some(old),
        object,
    }
}

/// Rules that the actor holds, more or less.
pub(crate) fn handed_out(
    chance: &mut StdRng,
    world: &[Object],
    actor: usize,
    namespaced: bool,
) -> Vec<Value> {
    let name = format!("actor-{actor}");
    let own = world
        .iter()
        .find(|role| role.plural == "clusterroles" && role.name() == name);
    let held = own.unwrap().body["rules"].as_array().unwrap();
    let mut rules = Vec::new();
    for _ in 0..chance.random_range(0..3) {
        let mut rule = match chance.random_bool(0.85) {
            true => held.choose(chance).cloned(),
            false => None,
        }
        .unwrap_or_else(|| rule(chance, namespaced));
        if namespaced && rule.get("nonResourceURLs").is_some() {
            continue;
        }
        if chance.random_bool(0.4) && rule.get("nonResourceURLs").is_none() {
            match chance.random_range(0..5) {
                0 => rule["resourceNames"] = json!([one(chance, &["a", "*", ""])]),
                1 => rule["verbs"] = json!(["get", one(chance, &["list", "*", "get"])]),
                2 => rule["apiGroups"] = json!([one(chance, &["", "apps", "*"])]),
                3 => rule["resources"] = json!([one(chance, &["pods", "*/log", "pods/log", "*"])]),
                _ => {
                    let fields = rule.as_object_mut().unwrap();
                    fields.remove("resourceNames");
                }
            }
        }
        rules.push(rule);
    }
    rules
}

pub(crate) fn any_role(chance: &mut StdRng, world: &[Object], namespace: &str) -> Value {
    if chance.random_bool(0.15) {
        let name = one(chance, &["gone-1", "gone-2", "view", "system:discovery"]);
        return role_ref("ClusterRole", name);
    }
    let roles: Vec<&Object> = world
        .iter()
        .filter(|role| role.plural == "clusterroles" || role.plural == "roles")
        .filter(|role| role.namespace.is_empty() || role.namespace == namespace)
        .collect();
    let role = roles.choose(chance).unwrap();
    role_ref(role.body["kind"].as_str().unwrap(), role.name())
}

/// Groups as a login would give them, which name nobody in these worlds.
pub(crate) const GROUPS: [&str; 1] = ["actors"];

fn send(client: &Client, write: &Write, query: &str) -> Reply {
    let groups = GROUPS.map(str::to_owned);
    let actor = client.acting_as(&format!("actor-{}", write.actor), &groups);
    let object = &write.object;
    let (method, path) = match write.old {
        Some(_) => ("PUT", path_of(object)),
        None => ("POST", collection(object.plural, &object.namespace)),
    };
    let body = Some(&object.body);
    actor.send(method, &format!("{path}{query}"), "application/json", body)
}

/// The code of the answer; of a refusal with how its message ends.
fn foresee(facts: &Facts, write: &Write) -> Result<u16, (u16, String)> {
    let object = &write.object;
    let user = User {
        name: format!("actor-{}", write.actor),
        groups: vec![GROUPS[0].to_owned(), AUTHENTICATED.to_owned()],
    };
    let is_update = write.old.is_some();
    let request = ResourceRequest {
        verb: if is_update { "update" } else { "create" }.to_owned(),
        api_group: RBAC_GROUP.to_owned(),
        resource: object.plural.to_owned(),
        subresource: String::new(),
        namespace: object.namespace.clone(),
        name: if is_update { object.name() } else { "" }.to_owned(),
    };
    let decision = authorize(facts, &user, &Request::Resource(request.clone()));
    if !decision.is_allowed() {
        return Err((403, String::new()));
    }
    let done = if is_update { 200 } else { 201 };
    if write
        .old
        .as_ref()
        .is_some_and(|old| is_same(old, &object.body))
    {
        return Ok(done);
    }
    let refused = match object.body.get("roleRef") {
        None => {
            let aggregated = |body: &Value| body.get("aggregationRule").is_some();
            let aggregated = aggregated(&object.body) || write.old.as_ref().is_some_and(aggregated);
            let rules: Option<Vec<PolicyRule>> =
                serde_json::from_value(object.body["rules"].clone()).unwrap();
            confirm_role(
                facts,
                &user,
                &request,
                &rules.unwrap_or_default(),
                aggregated,
            )
        }
        Some(reference) => {
            let reference: RoleRef = serde_json::from_value(reference.clone()).unwrap();
            confirm_binding(facts, &user, &object.namespace, &reference)
        }
    };
    match refused {
        Ok(()) => Ok(done),
        Err(refusal @ Refusal::UnknownRole(_)) => Err((404, refusal.to_string())),
        Err(refusal) => Err((403, refusal.to_string())),
    }
}

fn is_same(old: &Value, new: &Value) -> bool {
    let stripped = |object: &Value| {
        let mut object = object.clone();
        let metadata = object["metadata"].as_object_mut().unwrap();
        for field in ["finalizers", "ownerReferences", "managedFields"] {
            metadata.remove(field);
        }
        object
    };
    stripped(old) == stripped(new)
}
