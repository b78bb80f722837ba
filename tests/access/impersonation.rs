//! Acting as somebody else, in both generations: real requests with `Impersonate-` headers, by users
//! of the server's own.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};
use proptest::strategy::ValueTree;
use rbacform_access::impersonation::{Acting, Check, Target, ways};
use rbacform_access::{Evaluator, NonResourceRequest, Request, ResourceRequest, User, Version};
use serde_json::{Value, json};

use crate::plane::Plane;
use crate::random::{NAMESPACES, chance, one};
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
#[derive(Clone, Debug)]
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
        let mut runner = scale.runner(5, round);
        round += 1;
        let actors: Vec<Login> = (0..ACTORS).map(|_| plane.server.new_user()).collect();
        let clients: Vec<Client> = actors
            .iter()
            .map(|actor| plane.server.client(actor))
            .collect();
        let count = PER_ROUND.min(wanted - tried);
        let tries = vec(random_try(), count).new_tree(&mut runner).unwrap();
        let tries = tries.current();
        let world = world(&actors, &tries, round).new_tree(&mut runner).unwrap();
        let facts = plane.become_world(&world.current()).facts();
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

fn random_try() -> impl Strategy<Value = Try> {
    let groups = select(&[0, 0, 0, 1, 1, 2, 4, 5][..])
        .prop_flat_map(|count| subsequence(GROUPS.to_vec(), count));
    let target = (one(&NAMES), groups).prop_map(|(name, groups)| Target {
        name: name.to_owned(),
        groups: groups.into_iter().map(str::to_owned).collect(),
    });
    let resource = |verb: &str, name: &str| {
        Request::Resource(ResourceRequest {
            verb: verb.to_owned(),
            resource: "configmaps".to_owned(),
            namespace: NAMESPACES[0].to_owned(),
            name: name.to_owned(),
            ..ResourceRequest::default()
        })
    };
    let url = Request::NonResource(NonResourceRequest {
        verb: "get".to_owned(),
        path: "/metrics".to_owned(),
    });
    let request = prop_oneof![
        1 => Just(url),
        2 => Just(resource("get", "c")),
        2 => Just(resource("list", "")),
    ];
    (0..ACTORS, target, request).prop_map(|(actor, target, request)| Try {
        actor,
        target,
        request,
    })
}

/// Actors hold most of what some of the tries need; some targets may read configmaps.
fn world(actors: &[Login], tries: &[Try], round: usize) -> impl Strategy<Value = Vec<Object>> {
    let actors: Vec<_> = actors
        .iter()
        .enumerate()
        .map(|(number, actor)| {
            let own = tries.iter().filter(|asked| asked.actor == number);
            let rules: Vec<_> = own.take(6).map(rules_for).collect();
            let (name, user) = (format!("actor-{round}-{number}"), actor.user.clone());
            let namespace = one(&["", "", "", NAMESPACES[0]]);
            (namespace, rules).prop_map(move |(namespace, rules)| {
                let who = json!({"kind": "User", "name": user});
                bound(namespace, &name, &rules.concat(), &who)
            })
        })
        .collect();
    actors.prop_map(move |actors| {
        let mut objects = actors.concat();
        objects.extend(readers(round));
        objects
    })
}

fn readers(round: usize) -> Vec<Object> {
    let read = json!({"verbs": ["get", "list"], "apiGroups": [""], "resources": ["configmaps"]});
    let url = json!({"verbs": ["get"], "nonResourceURLs": ["/metrics"]});
    let rules = [read, url];
    let subjects = [
        ("User", "bo"),
        ("Group", "dev"),
        ("Group", "system:serviceaccounts:access-a"),
        ("Group", "system:nodes"),
        ("Group", "system:unauthenticated"),
    ];
    let readers = subjects.into_iter().enumerate();
    let readers = readers.flat_map(|(number, (kind, name))| {
        let subject = json!({"kind": kind, "name": name});
        bound("", &format!("reader-{round}-{number}"), &rules, &subject)
    });
    readers.collect()
}

fn bound(namespace: &str, name: &str, rules: &[Value], who: &Value) -> Vec<Object> {
    let role = role_ref("ClusterRole", name);
    vec![
        Object::role("", name, rules),
        Object::binding(namespace, name, &role, std::slice::from_ref(who)),
    ]
}

/// Rules for most of the checks of one way to do what was asked.
fn rules_for(asked: &Try) -> BoxedStrategy<Vec<Value>> {
    let ways = ways(&asked.target, &asked.request, Version::NEWEST);
    let most = ways.iter().map(|way| way.checks.len()).max().unwrap();
    let drawn = vec((chance(0.93), any::<bool>(), vec(chance(0.05), 3)), most);
    (any::<Index>(), drawn)
        .prop_map(move |(way, drawn)| {
            let checks = way.get(&ways).checks.iter().zip(drawn);
            checks
                .filter(|(_, (is_held, _, _))| *is_held)
                .map(|(check, (_, wider, stars))| rule(check, wider, &stars))
                .collect()
        })
        .boxed()
}

/// A rule that allows a check, more or less exactly.
fn rule(check: &Check, wider: bool, stars: &[bool]) -> Value {
    let request = check.or.as_ref().filter(|_| wider);
    let star = |field: usize, exact: &str| match stars[field] {
        true => "*".to_owned(),
        false => exact.to_owned(),
    };
    match request.unwrap_or(&check.request) {
        Request::NonResource(asked) => {
            json!({"verbs": [star(0, &asked.verb)], "nonResourceURLs": [asked.path]})
        }
        Request::Resource(asked) => {
            let mut rule = json!({
                "verbs": [star(0, &asked.verb)],
                "apiGroups": [star(1, &asked.api_group)],
                "resources": [star(2, &asked.resource)],
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
