//! Escalation prevention: which writes of roles and bindings the server refuses, as we foresee it.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use rbacform_access::escalation::{Refusal, confirm_binding, confirm_role};
use rbacform_access::subject::AUTHENTICATED;
use rbacform_access::{
    Facts, PolicyRule, RBAC_GROUP, Request, ResourceRequest, RoleRef, User, authorize,
};
use serde_json::{Value, json};

use crate::actors::{ACTORS, handed_out, new_object, peopled};
use crate::plane::{Plane, collection, path_of};
use crate::random::{chance, subject};
use crate::scale::Scale;
use crate::smallest::{Drawn, TRIES, shown, smallest};
use crate::support::client::{Client, Reply};
use crate::worlds::Object;

/// How many writes are tried in a world.
const PER_WORLD: usize = 250;
/// How many of them are also carried out: the server judges a dry run as it does the write.
const IN_EARNEST: usize = 25;

/// A write by somebody.
#[derive(Clone, Debug)]
struct Write {
    actor: usize,
    /// What is there before, of an update.
    old: Option<Value>,
    object: Object,
}

/// A write before it is known how the server has the object.
#[derive(Clone, Debug)]
struct Draft {
    actor: usize,
    object: Object,
    /// What becomes of an object that is there.
    update: Option<Update>,
}

#[derive(Clone, Debug)]
enum Update {
    Nothing,
    Metadata(&'static str, Value),
    Content(&'static str, Value),
}

#[test]
fn the_server_refuses_the_writes_that_we_foresee() {
    let Some(mut plane) = Plane::begin() else {
        return;
    };
    let scale = Scale::of_environment();
    let (mut tried, mut round) = (0, 0);
    let mut seen = BTreeMap::<u16, usize>::new();
    while tried < scale.writes {
        let mut runner = scale.runner(3, round);
        round += 1;
        let drawn = peopled().new_tree(&mut runner).unwrap();
        let objects = drawn.current();
        let facts = plane.become_world(&objects).facts();
        let count = PER_WORLD.min(scale.writes - tried);
        let write = draft(&objects);
        let mut cases: Vec<Drawn<Draft>> = (0..count)
            .map(|_| write.new_tree(&mut runner).unwrap())
            .collect();
        let writes: Vec<Write> = cases
            .iter()
            .map(|case| case.current().in_world(&plane).unwrap())
            .collect();
        let replies = plane.clients.each(&writes, dry_run);
        for (number, (write, reply)) in writes.iter().zip(&replies).enumerate() {
            if let Some(difference) = difference(&facts, write, reply) {
                let case = cases.swap_remove(number);
                let smallest = smallest(drawn, case, TRIES, |world, draft| {
                    let facts = plane.become_world(world).facts();
                    let write = draft.in_world(&plane)?;
                    difference_of(&plane, &facts, &write)
                });
                let shown = shown(smallest, &format!("{write:?}\n{difference}"), |draft| {
                    format!("{draft:?}")
                });
                panic!("{} world {round}: {shown}", scale.told());
            }
            *seen.entry(reply.code).or_default() += 1;
        }
        for (write, dry) in writes.iter().zip(&replies).take(IN_EARNEST) {
            carry_out(&plane, write, dry);
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

/// How the server's answer to a write differs from what we foresee.
fn difference(facts: &Facts, write: &Write, reply: &Reply) -> Option<String> {
    let foreseen = foresee(facts, write);
    let is_alike = match &foreseen {
        Ok(code) => *code == reply.code,
        Err((code, text)) => {
            let message = reply.body["message"].as_str().unwrap_or_default();
            *code == reply.code && (*code != 403 || message.ends_with(text))
        }
    };
    (!is_alike).then(|| format!("ours   {foreseen:?}\ntheirs {reply:?}"))
}

fn difference_of(plane: &Plane, facts: &Facts, write: &Write) -> Option<String> {
    difference(facts, write, &dry_run(&plane.admin, write))
}

/// Writes it by somebody who may, and takes it back: the server says what it said of the dry run.
fn carry_out(plane: &Plane, write: &Write, dry: &Reply) {
    // An aggregated role that is gone again may come back: see how worlds are removed.
    if write.old.is_some() || write.object.body.get("aggregationRule").is_some() {
        return;
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

fn draft(world: &[Object]) -> BoxedStrategy<Draft> {
    prop_oneof![7 => creation(world.to_vec()), 3 => update(world.to_vec())].boxed()
}

fn creation(world: Vec<Object>) -> impl Strategy<Value = Draft> {
    let drawn = (0..ACTORS, 0..PER_WORLD, new_object(chance(0.2)));
    drawn.prop_map(move |(actor, number, new)| Draft {
        actor,
        object: new.object(&world, actor, &format!("new-{number}")),
        update: None,
    })
}

fn update(world: Vec<Object>) -> impl Strategy<Value = Draft> {
    let drawn = (
        0..ACTORS,
        select(world.clone()),
        0..4_u8,
        subject(false),
        handed_out(),
    );
    drawn.prop_map(move |(actor, object, sort, subject, rules)| {
        let update = match sort {
            0 => Update::Nothing,
            1 => Update::Metadata("finalizers", json!(["example.com/held"])),
            2 => Update::Metadata("labels", json!({"new": "label"})),
            _ if object.body.get("roleRef").is_some() => {
                Update::Content("subjects", json!([subject]))
            }
            _ => {
                let namespaced = !object.namespace.is_empty();
                Update::Content("rules", json!(rules.of(&world, actor, namespaced)))
            }
        };
        Draft {
            actor,
            object,
            update: Some(update),
        }
    })
}

impl Draft {
    /// None where it changes what is not there.
    fn in_world(&self, plane: &Plane) -> Option<Write> {
        let mut object = plane.as_written(&self.object);
        let mut old = None;
        if let Some(update) = &self.update {
            let reply = plane.admin.send("GET", &path_of(&object), "", None);
            if reply.code == 404 {
                return None;
            }
            assert_eq!(reply.code, 200, "{reply:?}");
            object.body = reply.body;
            old = Some(object.body.clone());
            match update {
                Update::Nothing => {}
                Update::Metadata(key, value) => object.body["metadata"][key] = value.clone(),
                Update::Content(key, value) => object.body[key] = value.clone(),
            }
        }
        Some(Write {
            actor: self.actor,
            old,
            object,
        })
    }
}

fn dry_run(client: &Client, write: &Write) -> Reply {
    send(client, write, "?dryRun=All")
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
