//! Counting, faults and holds.

use std::time::Duration;

use rbacform_sandbox::{Effect, Fault, HoldPoint, RequestMatch, When};
use serde_json::json;

use crate::client::{admin, role, roles, sandbox};

const LONG: Duration = Duration::from_secs(30);

fn fault(when: When, effect: Effect) -> Fault {
    Fault {
        on: RequestMatch::of("create", "roles"),
        when,
        effect,
    }
}

#[test]
fn requests_are_counted_by_verb_resource_and_agent() {
    let sandbox = sandbox();
    sandbox.reset_requests();
    let client = admin(&sandbox);
    client.get(&roles("n")).object();
    client.get("/version").object();
    let path = format!("{}/r", roles("n"));
    client.apply(&path, "m1", &role("r", json!([]))).object();
    let counts = sandbox.requests();
    assert_eq!(counts.total(), 3);
    assert_eq!(counts.of("list", "roles"), 1);
    assert_eq!(counts.of("get", "/version"), 1);
    assert_eq!(counts.of_verb("patch"), 1);
    assert_eq!(counts.by_agent("tester/").total(), 3);
    assert_eq!(counts.by_agent("rbacform/").total(), 0);
}

#[test]
fn a_status_is_answered_instead_and_nothing_is_done() {
    let sandbox = sandbox();
    let client = admin(&sandbox);
    let effect = Effect::Status {
        code: 503,
        retry_after: Some(2),
    };
    sandbox.faults().add(fault(When::First(1), effect));
    let refused = client.post(&roles("n"), &role("r", json!([])));
    assert_eq!(refused.code, 503);
    assert!(refused.head.contains("retry-after: 2"), "{}", refused.head);
    assert_eq!(client.get(&format!("{}/r", roles("n"))).code, 404);
    assert_eq!(client.post(&roles("n"), &role("r", json!([]))).code, 201);
}

#[test]
fn a_reply_can_be_lost_before_or_after_the_write() {
    let sandbox = sandbox();
    let client = admin(&sandbox);
    for (effect, name, found) in [
        (Effect::DropBeforeCommit, "before", 404),
        (Effect::DropAfterCommit, "after", 200),
    ] {
        sandbox.faults().add(fault(When::First(1), effect));
        let body = role(name, json!([])).to_string();
        let answer = client.exchange(
            "POST",
            &roles("n"),
            "Content-Type: application/json\r\n",
            &body,
        );
        assert!(answer.is_none(), "{answer:?}");
        assert_eq!(
            client.get(&format!("{}/{name}", roles("n"))).code,
            found,
            "{name}"
        );
        sandbox.faults().clear();
    }
}

#[test]
fn a_request_can_be_held_on_either_side_of_its_write() {
    let sandbox = sandbox();
    let path = |name: &str| format!("{}/{name}", roles("n"));
    for (point, name, found) in [
        (HoldPoint::BeforeCommit, "x", 404),
        (HoldPoint::AfterCommit, "y", 200),
    ] {
        let hold = sandbox.hold(RequestMatch::of("create", "roles"), 2, point);
        std::thread::scope(|scope| {
            let writer = scope.spawn(|| {
                let client = admin(&sandbox);
                client
                    .post(&roles("n"), &role(&format!("{name}-first"), json!([])))
                    .object();
                client.post(&roles("n"), &role(name, json!([]))).code
            });
            assert!(hold.wait(LONG));
            assert_eq!(admin(&sandbox).get(&path(name)).code, found, "{name}");
            hold.release();
            assert_eq!(writer.join().unwrap(), 201);
        });
    }
}
