//! Acting as somebody else, in both generations: real requests with `Impersonate-` headers, by users
//! of the server's own.

use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rbacform_access::impersonation::{Acting, Check, Target, ways};
use rbacform_access::{Evaluator, NonResourceRequest, Request, ResourceRequest, User, Version};
use serde_json::{Value, json};

use crate::plane::Plane;
use crate::random::{NAMESPACES, one};
use crate::scale::Scale;
use crate::support::client::{Client, Reply};
use crate::support::world::Login;
use crate::worlds::{Object, role_ref};

/// A round has a world of its own; what the server once let somebody do it remembers for ten seconds,
/// so each has actors of its own as well.
const PER_ROUND: usize = 250;
const ACTORS: usize = 8;

const NAMES: [&str; 7] = [
    "bo",
    "cy",
    "system:serviceaccount:access-a:x",
    "system:serviceaccount:Odd:x",
    "system:node:n1",
    "system:node:",
    "system:anonymous",
];
const GROUPS: [&str; 7] = [
    "dev",
    "ops",
    "one",
    "two",
    "system:authenticated",
    "system:unauthenticated",
    "system:masters",
];

/// A request as one of the actors, acting as somebody.
struct Try {
    actor: usize,
    target: Target,
    request: Request,
}

#[derive(Debug, PartialEq)]
enum Outcome {
    Done,
    /// Whoever is acted as may not do it.
    TargetRefused,
    /// The actor may not act as them.
    ActorRefused,
}

#[test]
fn the_server_lets_act_as_somebody_else_whom_we_let() {
    let Some(mut plane) = Plane::begin() else {
        return;
    };
    let scale = Scale::of_environment();
    let wanted = scale.questions / 20;
    let (mut tried, mut round) = (0, 0);
    let mut seen = [0_usize; 3];
    let mut unsure = 0;
    while tried < wanted {
        let mut chance = scale.chance(4, round);
        round += 1;
        let actors: Vec<Login> = (0..ACTORS).map(|_| plane.server.new_user()).collect();
        let clients: Vec<Client> = actors
            .iter()
            .map(|actor| plane.server.client(actor))
            .collect();
        let count = PER_ROUND.min(wanted - tried);
        let tries: Vec<Try> = (0..count).map(|_| random_try(&mut chance)).collect();
        let facts = plane
            .become_world(&world(&mut chance, &actors, &tries, round))
            .facts();
        let evaluator = Evaluator::new(&facts);
        for asked in &tries {
            let actor = &actors[asked.actor];
            let reply = send(&clients[asked.actor], asked);
            let theirs = outcome(&reply, &actor.user);
            let ours = foresee(&evaluator, &actor.user, asked);
            let Try {
                target, request, ..
            } = asked;
            let told = || {
                format!(
                    "{} round {round}: {target:?} {request:?}\n{reply:?}",
                    scale.told()
                )
            };
            assert!(ours.contains(&theirs), "{ours:?} {theirs:?} {}", told());
            unsure += usize::from(ours.len() > 1);
            seen[theirs as usize] += 1;
        }
        tried += count;
    }
    eprintln!(
        "{tried} requests as somebody else alike: {} done, {} refused to them, {} refused to who asks, \
         {unsure} may be either; {}",
        seen[0],
        seen[1],
        seen[2],
        scale.told()
    );
    assert!(
        seen.iter().all(|count| count * 20 > tried),
        "{seen:?} of {tried}"
    );
}

fn random_try(chance: &mut StdRng) -> Try {
    let count = *[0, 0, 0, 1, 1, 2, 4, 5].choose(chance).unwrap();
    let target = Target {
        name: one(chance, &NAMES).to_owned(),
        groups: GROUPS
            .choose_multiple(chance, count)
            .map(ToString::to_string)
            .collect(),
    };
    let resource = |verb: &str, name: &str| {
        Request::Resource(ResourceRequest {
            verb: verb.to_owned(),
            resource: "configmaps".to_owned(),
            namespace: NAMESPACES[0].to_owned(),
            name: name.to_owned(),
            ..ResourceRequest::default()
        })
    };
    let request = match chance.random_range(0..5) {
        0 => Request::NonResource(NonResourceRequest {
            verb: "get".to_owned(),
            path: "/metrics".to_owned(),
        }),
        1 | 2 => resource("get", "c"),
        _ => resource("list", ""),
    };
    Try {
        actor: chance.random_range(0..ACTORS),
        target,
        request,
    }
}

/// Actors hold most of what some of the tries need; some targets may read configmaps.
fn world(chance: &mut StdRng, actors: &[Login], tries: &[Try], round: usize) -> Vec<Object> {
    let mut objects = Vec::new();
    for (number, actor) in actors.iter().enumerate() {
        let mut rules = Vec::new();
        let own = tries.iter().filter(|asked| asked.actor == number);
        for asked in own.take(6) {
            let ways = ways(&asked.target, &asked.request, Version::NEWEST);
            let way = ways.choose(chance).unwrap();
            let checks = way.checks.iter().filter(|_| chance.random_bool(0.93));
            let checks: Vec<&Check> = checks.collect();
            rules.extend(checks.into_iter().map(|check| rule(chance, check)));
        }
        let name = format!("actor-{round}-{number}");
        let namespace = one(chance, &["", "", "", NAMESPACES[0]]);
        bind(
            &mut objects,
            namespace,
            &name,
            &rules,
            &json!({"kind": "User", "name": actor.user}),
        );
    }
    let read = json!({"verbs": ["get", "list"], "apiGroups": [""], "resources": ["configmaps"]});
    let url = json!({"verbs": ["get"], "nonResourceURLs": ["/metrics"]});
    for (number, (kind, name)) in [
        ("User", "bo"),
        ("Group", "dev"),
        ("Group", "system:serviceaccounts:access-a"),
        ("Group", "system:nodes"),
        ("Group", "system:unauthenticated"),
    ]
    .into_iter()
    .enumerate()
    {
        let reader = format!("reader-{round}-{number}");
        let subject = json!({"kind": kind, "name": name});
        bind(
            &mut objects,
            "",
            &reader,
            &[read.clone(), url.clone()],
            &subject,
        );
    }
    objects
}

fn bind(objects: &mut Vec<Object>, namespace: &str, name: &str, rules: &[Value], who: &Value) {
    objects.push(Object::role("", name, rules));
    let role = role_ref("ClusterRole", name);
    objects.push(Object::binding(
        namespace,
        name,
        &role,
        std::slice::from_ref(who),
    ));
}

/// A rule that allows a check, more or less exactly.
fn rule(chance: &mut StdRng, check: &Check) -> Value {
    let request = match &check.or {
        Some(all) if chance.random_bool(0.5) => all,
        _ => &check.request,
    };
    let mut star = |exact: &str| match chance.random_bool(0.05) {
        true => "*".to_owned(),
        false => exact.to_owned(),
    };
    match request {
        Request::NonResource(asked) => {
            json!({"verbs": [star(&asked.verb)], "nonResourceURLs": [asked.path]})
        }
        Request::Resource(asked) => {
            let mut rule = json!({
                "verbs": [star(&asked.verb)],
                "apiGroups": [star(&asked.api_group)],
                "resources": [star(&asked.resource)],
            });
            if !asked.name.is_empty() {
                rule["resourceNames"] = json!([asked.name]);
            }
            rule
        }
    }
}

fn send(client: &Client, asked: &Try) -> Reply {
    let path = match &asked.request {
        Request::NonResource(asked) => asked.path.clone(),
        Request::Resource(asked) => {
            let name = match asked.name.as_str() {
                "" => String::new(),
                name => format!("/{name}"),
            };
            format!(
                "/api/v1/namespaces/{}/{}{name}",
                asked.namespace, asked.resource
            )
        }
    };
    let acting = client.acting_as(&asked.target.name, &asked.target.groups);
    acting.send("GET", &path, "", None)
}

fn outcome(reply: &Reply, actor: &str) -> Outcome {
    if reply.code != 403 {
        assert!(matches!(reply.code, 200 | 404), "{reply:?}");
        return Outcome::Done;
    }
    let message = reply.body["message"].as_str().unwrap();
    // A constrained way may be refused without a question: then nobody is named.
    let is_actors = message.contains(&format!("User \"{actor}\""));
    match is_actors || message.contains(": impersonating ") {
        true => Outcome::ActorRefused,
        false => Outcome::TargetRefused,
    }
}

/// What comes of it; several things where that depends on what the server remembers of the actor.
fn foresee(evaluator: &Evaluator<'_>, actor: &str, asked: &Try) -> Vec<Outcome> {
    let actor = User {
        name: actor.to_owned(),
        groups: vec!["testers".to_owned(), "system:authenticated".to_owned()],
    };
    let ways = match evaluator.acts_as(&actor, &asked.target, &asked.request, Version::NEWEST) {
        Acting::Refused(_) => return vec![Outcome::ActorRefused],
        Acting::Allowed(ways) => ways,
    };
    let outcome = |may: bool| {
        if may {
            Outcome::Done
        } else {
            Outcome::TargetRefused
        }
    };
    let ways = ways.iter();
    let mut outcomes: Vec<Outcome> = ways
        .map(|way| outcome(evaluator.allows(&way.user, &asked.request)))
        .collect();
    outcomes.dedup();
    outcomes
}
