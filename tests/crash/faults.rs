//! A server that loses answers, is busy, or gives up.

use rbacform_sandbox::{Effect, Fault, RequestMatch, When};
use serde_json::json;

use crate::stage::{APPLY, Face, agrees, converges, first_face, journals, managed};
use crate::support::scene::Scene;

fn ours() -> RequestMatch {
    RequestMatch {
        user_agent: Some("rbacform/".to_owned()),
        ..RequestMatch::any()
    }
}

fn of(verb: &str, resource: &str) -> RequestMatch {
    RequestMatch {
        user_agent: ours().user_agent,
        ..RequestMatch::of(verb, resource)
    }
}

/// Every write in turn loses its connection; one apply gets through all the same.
fn every_write_loses(test: &str, effect: &Effect) {
    let scene = first_face(test);
    let sandbox = scene.world.as_sandbox();
    let mut face = Face::One;
    for verb in ["patch", "delete"] {
        for nth in 1.. {
            face = face.other();
            scene.repo.stack(&face.stack());
            let on = RequestMatch {
                verb: Some(verb.to_owned()),
                ..ours()
            };
            sandbox.faults().add(Fault {
                on,
                when: When::Nth(nth),
                effect: effect.clone(),
            });
            sandbox.reset_requests();
            converges(&scene, face);
            sandbox.faults().clear();
            // Past the last write of this verb.
            if sandbox.requests().by_agent("rbacform/").of_verb(verb) < nth {
                assert!(nth > 4, "only {nth} writes");
                break;
            }
        }
    }
}

#[test]
fn lost_answers_are_found_out() {
    every_write_loses("lost_answers", &Effect::DropAfterCommit);
}

#[test]
fn writes_that_never_arrived_are_sent_again() {
    every_write_loses("lost_writes", &Effect::DropBeforeCommit);
}

#[test]
fn server_errors_are_found_out() {
    every_write_loses(
        "server_errors",
        &Effect::Status {
            code: 500,
            retry_after: None,
        },
    );
}

#[test]
fn answer_that_nobody_can_find_out_stays_open() {
    let scene = first_face("open_intent");
    let faults = scene.world.as_sandbox().faults();
    scene.repo.stack(&Face::Two.stack());
    faults.add(Fault {
        on: of("patch", "roles"),
        when: When::Always,
        effect: Effect::DropAfterCommit,
    });
    let refused = Effect::Status {
        code: 403,
        retry_after: None,
    };
    faults.add(Fault {
        on: of("get", "roles"),
        when: When::Always,
        effect: refused,
    });
    let ended = scene.repo.run(&APPLY).exits(3);
    let codes: Vec<_> = ended.json()["failed"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["code"].clone())
        .collect();
    assert!(
        codes.contains(&json!("unknown-outcome")),
        "{}",
        ended.told()
    );
    assert_eq!(journals(&scene.repo), 1, "kept for the next run");
    // Looking settles nothing for good, and writes nothing.
    faults.clear();
    let before = scene.repo.state_bytes();
    scene.repo.plan();
    assert_eq!(scene.repo.state_bytes(), before);
    converges(&scene, Face::Two);
    scene.repo.is_settled();
}

fn busy(scene: &Scene, seed: u64) {
    for (code, retry_after) in [(503, None), (429, Some(0))] {
        let when = When::Chance {
            probability: 0.15,
            seed: seed + u64::from(code),
        };
        let effect = Effect::Status { code, retry_after };
        scene.world.as_sandbox().faults().add(Fault {
            on: ours(),
            when,
            effect,
        });
    }
}

#[test]
fn busy_server_is_waited_for() {
    let scene = first_face("busy_server");
    let mut face = Face::One;
    for seed in 0..6 {
        face = face.other();
        scene.repo.stack(&face.stack());
        busy(&scene, seed);
        converges(&scene, face);
        scene.world.as_sandbox().faults().clear();
    }
}

#[test]
fn failed_writes_leave_the_rest_done() {
    let scene = first_face("failed_writes");
    let faults = scene.world.as_sandbox().faults();
    scene.repo.stack(&Face::Two.stack());
    let refused = Effect::Status {
        code: 422,
        retry_after: None,
    };
    faults.add(Fault {
        on: of("patch", "clusterroles"),
        when: When::Always,
        effect: refused,
    });
    let ended = scene.repo.run(&APPLY).exits(3);
    agrees(&scene, &ended.told());
    let failed = ended.json();
    assert_eq!(
        failed["failed"][0]["address"],
        "kubernetes.cluster_role.two"
    );
    assert!(!managed(&scene).contains("kubernetes/ClusterRole/failed-writes-two"));
    faults.clear();
    converges(&scene, Face::Two);
}
