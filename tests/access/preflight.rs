//! The preflight beside the real API server: random actors, and writes of roles and bindings as a
//! plan makes them, by server-side apply.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use rbacform_access::preflight::{Answer, Doubt, Input, Inquiry, doubts};
use rbacform_access::subject::AUTHENTICATED;
use rbacform_access::{Facts, User};
use rbacform_core::plan::Verdict;
use rbacform_core::{
    Edit, EditKind, Mark, ObjectId, ObservedObject, ObservedSet, Precondition, Step, Value,
};
use serde_json::{Value as Json, json};

use crate::actors::{ACTORS, handed_out, new_object, peopled};
use crate::plane::{Plane, path_of};
use crate::random::{chance, subject};
use crate::scale::Scale;
use crate::smallest::{Drawn, TRIES, shown, smallest};
use crate::support::client::{Client, Reply};
use crate::worlds::Object;
use crate::writes::GROUPS;

/// How many writes are tried in a world.
const PER_WORLD: usize = 250;

const KINDS: [(&str, &str); 4] = [
    ("clusterroles", "ClusterRole"),
    ("clusterrolebindings", "ClusterRoleBinding"),
    ("roles", "Role"),
    ("rolebindings", "RoleBinding"),
];

/// A write by somebody.
#[derive(Clone, Debug)]
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
        let mut runner = scale.runner(4, round);
        round += 1;
        let drawn = peopled().new_tree(&mut runner).unwrap();
        let objects = drawn.current();
        let known = Known::of(&mut plane, &objects);
        let count = PER_WORLD.min(scale.writes - tried);
        let write = write(&objects);
        let mut cases: Vec<Drawn<Write>> = (0..count)
            .map(|_| write.new_tree(&mut runner).unwrap())
            .collect();
        let writes: Vec<Write> = cases
            .iter()
            .map(|case| case.current().in_world(&plane))
            .collect();
        let replies = plane.clients.each(&writes, send);
        for (number, (write, reply)) in writes.iter().zip(&replies).enumerate() {
            if let Some(difference) = known.difference(write, reply) {
                let case = cases.swap_remove(number);
                let smallest = smallest(drawn, case, TRIES, |world, write| {
                    let known = Known::of(&mut plane, world);
                    let write = write.in_world(&plane);
                    known.difference(&write, &send(&plane.admin, &write))
                });
                let shown = shown(smallest, &format!("{write:?}\n{difference}"), |write| {
                    format!("{write:?}")
                });
                panic!("{} world {round}: {shown}", scale.told());
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

/// What a plan knows of the server.
struct Known {
    facts: Facts,
    observed: ObservedSet,
}

impl Known {
    /// Of a world that is written to it.
    fn of(plane: &mut Plane, world: &[Object]) -> Self {
        let observed = observed(plane.become_world(world).objects());
        let mut facts = Facts::default();
        for object in observed.iter() {
            facts.put(&object.object, &object.attributes);
        }
        Self { facts, observed }
    }

    /// How the server's answer to a write differs from what the preflight says.
    fn difference(&self, write: &Write, reply: &Reply) -> Option<String> {
        let found = foresee(&self.facts, &self.observed, write);
        let refused = match reply.code {
            200 | 201 => false,
            403 | 404 => true,
            _ => return Some(format!("{reply:?}")),
        };
        let is_refused = verdict(&found) == Some(Verdict::Refused);
        let is_alike = match found.first() {
            None => !refused,
            Some(doubt) => {
                let message = reply.body["message"].as_str().unwrap_or_default();
                refused && is_refused && begin(&doubt.reason) == begin(message)
            }
        };
        (!is_alike).then(|| format!("ours   {found:#?}\ntheirs {reply:?}"))
    }
}

/// What the server goes on with after it, the roles that it could not find, stands in its cache in
/// another order.
fn begin(message: &str) -> &str {
    let end = message.find(": RBAC: [").unwrap_or(message.len());
    &message[..end]
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

fn write(world: &[Object]) -> BoxedStrategy<Write> {
    let deletion = standing(world.to_vec()).prop_map(|(actor, object)| (actor, true, object));
    let change = standing(world.to_vec()).prop_map(|(actor, object)| (actor, false, object));
    let creation = new(world.to_vec()).prop_map(|(actor, object)| (actor, false, object));
    let write = prop_oneof![12 => deletion, 31 => change, 57 => creation];
    write
        .prop_map(|(actor, deletes, object)| Write {
            actor,
            deletes,
            object,
        })
        // What YAML does not allow, JSON need not escape: such a body is refused before all else.
        .prop_filter("YAML does not allow it", |write| {
            let is_yaml = |c: char| !('\u{7f}'..='\u{9f}').contains(&c);
            write.object.body.to_string().chars().all(is_yaml)
        })
        .boxed()
}

/// An object that is there, changed or not.
fn standing(world: Vec<Object>) -> impl Strategy<Value = (usize, Object)> {
    let drawn = (
        0..ACTORS,
        select(world.clone()),
        0..4_u8,
        subject(false),
        handed_out(),
    );
    drawn.prop_map(move |(actor, mut object, sort, subject, rules)| {
        let namespaced = !object.namespace.is_empty();
        match sort {
            // The rules that a role gathers are never sent.
            _ if object.body.get("aggregationRule").is_some() => {
                object.body.as_object_mut().unwrap().remove("rules");
                object.body["metadata"]["labels"] = json!({"new": "label"});
            }
            0 => {}
            1 => object.body["metadata"]["labels"] = json!({"new": "label"}),
            _ if object.body.get("roleRef").is_some() => {
                object.body["subjects"] = json!([subject]);
            }
            _ => object.body["rules"] = json!(rules.of(&world, actor, namespaced)),
        }
        (actor, object)
    })
}

/// Few names, so that rules name some of them.
fn new(world: Vec<Object>) -> impl Strategy<Value = (usize, Object)> {
    let drawn = (0..ACTORS, 0..4_u8, new_object(chance(0.2)));
    drawn.prop_map(move |(actor, number, new)| {
        let mut object = new.object(&world, actor, &format!("new-{number}"));
        if object.body.get("aggregationRule").is_some() {
            object.body.as_object_mut().unwrap().remove("rules");
        }
        (actor, object)
    })
}

impl Write {
    fn in_world(&self, plane: &Plane) -> Self {
        Self {
            object: plane.as_written(&self.object),
            ..self.clone()
        }
    }
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
