//! The preflight beside the real API server: random actors, and writes of roles and bindings as a
//! plan makes them, by server-side apply.

use std::collections::BTreeMap;

use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rbacform_access::preflight::{Answer, Doubt, Input, Inquiry, doubts};
use rbacform_access::subject::AUTHENTICATED;
use rbacform_access::{Facts, User};
use rbacform_core::plan::Verdict;
use rbacform_core::{
    Edit, EditKind, Mark, ObjectId, ObservedObject, ObservedSet, Precondition, Step, Value,
};
use serde_json::{Value as Json, json};

use crate::plane::{Plane, path_of};
use crate::random::{NAMESPACES, one, subject};
use crate::scale::Scale;
use crate::support::client::{Client, Reply};
use crate::worlds::{Object, world};
use crate::writes::{ACTORS, GROUPS, actors, any_role, handed_out};

/// How many writes are tried in a world.
const PER_WORLD: usize = 250;

const KINDS: [(&str, &str); 4] = [
    ("clusterroles", "ClusterRole"),
    ("clusterrolebindings", "ClusterRoleBinding"),
    ("roles", "Role"),
    ("rolebindings", "RoleBinding"),
];

/// A write by somebody.
struct Write {
    actor: usize,
    /// Whether the object goes.
    deletes: bool,
    /// What is applied, or what goes.
    object: Object,
}

#[test]
fn the_preflight_says_what_the_server_says() {
    let Some(mut plane) = Plane::begin() else {
        return;
    };
    let scale = Scale::of_environment();
    let (mut tried, mut round) = (0, 0);
    let mut seen = BTreeMap::<(u16, bool), usize>::new();
    while tried < scale.writes {
        let mut chance = scale.chance(4, round);
        round += 1;
        let mut objects = world(&mut chance, 1_000 + round);
        objects.extend(actors(&mut chance));
        let observed = observed(plane.become_world(&objects).objects());
        let mut facts = Facts::default();
        for object in observed.iter() {
            facts.put(&object.object, &object.attributes);
        }
        let count = PER_WORLD.min(scale.writes - tried);
        let writes: Vec<Write> = (0..count).map(|_| write(&mut chance, &objects)).collect();
        let replies = plane.clients.each(&writes, send);
        for (write, reply) in writes.iter().zip(&replies) {
            let found = foresee(&facts, &observed, write);
            let told = || {
                format!(
                    "{} world {round}: {}",
                    scale.told(),
                    said(write, &found, reply)
                )
            };
            let verdict = verdict(&found);
            let refused = matches!(reply.code, 403 | 404);
            assert!(refused || matches!(reply.code, 200 | 201), "{}", told());
            let expected = refused.then_some(Verdict::Refused);
            assert_eq!(verdict, expected, "{}", told());
            if let Some(doubt) = found.first() {
                let message = reply.body["message"].as_str().unwrap();
                assert_eq!(begin(&doubt.reason), begin(message), "{}", told());
            }
            *seen.entry((reply.code, write.deletes)).or_default() += 1;
        }
        tried += count;
    }
    eprintln!(
        "{tried} applies and deletes in {round} worlds judged alike, by code and deletion {seen:?}; {}",
        scale.told()
    );
    let every = [
        (200, false),
        (200, true),
        (201, false),
        (403, false),
        (403, true),
        (404, false),
    ];
    for code in every {
        assert!(seen.contains_key(&code), "none of {code:?}: {seen:?}");
    }
}

/// What the server goes on with after it, the roles that it could not find, stands in its cache in
/// another order.
fn begin(message: &str) -> &str {
    let end = message.find(": RBAC: [").unwrap_or(message.len());
    &message[..end]
}

fn said(write: &Write, found: &[Doubt], reply: &Reply) -> String {
    let (actor, object) = (write.actor, &write.object);
    format!("actor-{actor} {object:?}\n{found:#?}\n{reply:?}")
}

/// What a plan would tell; no other authorizer is at work.
fn verdict(found: &[Doubt]) -> Option<Verdict> {
    let mut inquiry = Inquiry::new(found.to_vec());
    loop {
        let asked = inquiry.next();
        if asked.is_empty() {
            return inquiry.verdicts().first().map(|entry| entry.verdict);
        }
        for question in asked {
            inquiry.learn(question, Answer::No);
        }
    }
}

fn foresee(facts: &Facts, observed: &ObservedSet, write: &Write) -> Vec<Doubt> {
    let object = id(&write.object);
    let attributes = canonical(&write.object.body);
    let kind = match (write.deletes, observed.get(&object)) {
        (true, _) => EditKind::Delete,
        (false, Some(_)) => EditKind::Update {
            attributes,
            mark: mark(),
        },
        (false, None) => EditKind::Create {
            attributes,
            mark: mark(),
            built_in: false,
        },
    };
    let edit = Edit {
        address: "kubernetes.role.it".parse().unwrap(),
        object,
        kind,
        precondition: Precondition::default(),
        records: None,
        transient: false,
    };
    let step = Step {
        id: 0,
        instance: "kubernetes".into(),
        edits: vec![edit],
        group: None,
        depends_on: Vec::new(),
        settle: false,
    };
    doubts(&Input {
        user: &User {
            name: format!("actor-{}", write.actor),
            groups: vec![GROUPS[0].to_owned(), AUTHENTICATED.to_owned()],
        },
        facts,
        steps: &[step],
        observed,
    })
}

fn write(chance: &mut StdRng, world: &[Object]) -> Write {
    let actor = chance.random_range(0..ACTORS);
    let deletes = chance.random_bool(0.12);
    let object = loop {
        let object = match deletes || chance.random_bool(0.35) {
            true => standing(chance, world, actor),
            false => new(chance, world, actor),
        };
        // What YAML does not allow, JSON need not escape: such a body is refused before all else.
        let is_yaml = |c: char| !('\u{7f}'..='\u{9f}').contains(&c);
        if object.body.to_string().chars().all(is_yaml) {
            break object;
        }
    };
    Write {
        actor,
        deletes,
        object,
    }
}

/// An object that is there, changed or not.
fn standing(chance: &mut StdRng, world: &[Object], actor: usize) -> Object {
    let mut object = world.choose(chance).unwrap().clone();
    let namespaced = !object.namespace.is_empty();
    let gathers = object.body.get("aggregationRule").is_some();
    match chance.random_range(0..4) {
        0 if !gathers => {}
        1 => object.body["metadata"]["labels"] = json!({"new": "label"}),
        _ if object.body.get("roleRef").is_some() => {
            object.body["subjects"] = json!([subject(chance, namespaced)]);
        }
        _ => object.body["rules"] = json!(handed_out(chance, world, actor, namespaced)),
    }
    // The rules that a role gathers are never sent.
    if gathers {
        object.body.as_object_mut().unwrap().remove("rules");
        object.body["metadata"]["labels"] = json!({"new": "label"});
    }
    object
}

fn new(chance: &mut StdRng, world: &[Object], actor: usize) -> Object {
    let namespace = one(
        chance,
        &["", "", NAMESPACES[0], NAMESPACES[0], NAMESPACES[1]],
    );
    // Few names, so that rules name some of them.
    let name = format!("new-{}", chance.random_range(0..4));
    if chance.random_bool(0.5) {
        let role = any_role(chance, world, namespace);
        let subjects = [subject(chance, !namespace.is_empty())];
        return Object::binding(namespace, &name, &role, &subjects);
    }
    let rules = handed_out(chance, world, actor, !namespace.is_empty());
    let mut role = Object::role(namespace, &name, &rules);
    if namespace.is_empty() && chance.random_bool(0.2) {
        role.body.as_object_mut().unwrap().remove("rules");
        role.body["aggregationRule"] =
            json!({"clusterRoleSelectors": [{"matchLabels": {"never": "there"}}]});
    }
    role
}

fn send(client: &Client, write: &Write) -> Reply {
    let groups = GROUPS.map(str::to_owned);
    let actor = client.acting_as(&format!("actor-{}", write.actor), &groups);
    let path = path_of(&write.object);
    if write.deletes {
        return actor.send("DELETE", &format!("{path}?dryRun=All"), "", None);
    }
    let path = format!("{path}?dryRun=All&fieldManager=rbacform&force=true");
    let apply = "application/apply-patch+yaml";
    actor.send("PATCH", &path, apply, Some(&write.object.body))
}

fn mark() -> Mark {
    Mark {
        stack: "it".into(),
        lineage: "l".into(),
    }
}

fn id(object: &Object) -> ObjectId {
    let (_, kind) = KINDS
        .into_iter()
        .find(|(plural, _)| *plural == object.plural)
        .unwrap();
    match object.namespace.as_str() {
        "" => ObjectId::cluster("kubernetes", kind, object.name()),
        namespace => ObjectId::namespaced("kubernetes", kind, namespace, object.name()),
    }
}

/// What the server lists, as a plan reads it. What a write leaves as it is changes nothing.
fn observed(objects: Vec<Object>) -> ObservedSet {
    let found = objects.iter().map(|object| ObservedObject {
        object: id(object),
        uid: "u".into(),
        version: "1".into(),
        attributes: canonical(&object.body),
        mark: Some(mark()),
        managed_by: Some("rbacform".into()),
        last_writer: None,
        terminating: false,
        bootstrap: false,
    });
    let mut observed: ObservedSet = found.collect();
    for (_, kind) in KINDS {
        observed.complete.insert(("kubernetes".into(), kind.into()));
    }
    observed
}

/// An object of the API in canonical attributes.
fn canonical(body: &Json) -> Value {
    let mut attributes = json!({});
    if let Some(labels) = body["metadata"].get("labels") {
        attributes["labels"] = labels.clone();
    }
    if let Some(rules) = body.get("rules") {
        let rules = rules.as_array().cloned().unwrap_or_default();
        attributes["rules"] = rules.iter().map(renamed).collect();
    }
    if let Some(selectors) = body.pointer("/aggregationRule/clusterRoleSelectors") {
        let selectors = selectors.as_array().cloned().unwrap_or_default();
        attributes["aggregate"] = selectors.iter().map(renamed).collect();
    }
    if let Some(role) = body.get("roleRef") {
        attributes["role_ref"] = json!({"kind": role["kind"], "name": role["name"]});
        let subjects = body["subjects"].as_array().cloned().unwrap_or_default();
        attributes["subjects"] = subjects
            .iter()
            .map(|it| plain(it, &body["metadata"]))
            .collect();
    }
    Value::from_json(&attributes)
}

/// A subject without its group; a service account's namespace is the binding's where it has none.
fn plain(subject: &Json, metadata: &Json) -> Json {
    let mut plain = json!({"kind": subject["kind"], "name": subject["name"]});
    if subject["kind"] == "ServiceAccount" {
        let namespace = [&subject["namespace"], &metadata["namespace"]];
        let namespace = namespace.into_iter().find(|name| name.is_string());
        plain["namespace"] = namespace.cloned().unwrap_or_default();
    }
    plain
}

fn renamed(object: &Json) -> Json {
    let fields = [
        ("apiGroups", "api_groups"),
        ("resourceNames", "resource_names"),
        ("nonResourceURLs", "non_resource_urls"),
        ("matchLabels", "match_labels"),
        ("matchExpressions", "match_expressions"),
    ];
    let entries = object.as_object().unwrap().iter();
    entries
        .filter(|(_, value)| !value.is_null())
        .map(|(key, value)| {
            let known = fields.iter().find(|(name, _)| name == key);
            (
                known.map_or(key.as_str(), |(_, ours)| ours).to_owned(),
                value.clone(),
            )
        })
        .collect()
}
