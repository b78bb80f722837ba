//! Faults x phases, with exact counts of requests.

use std::time::Duration;

use rbacform_provider::{ErrorKind, Provider as _};
use serde_json::{Value as Json, json};
use tokio::time::Instant;

use super::google::{Effect, Google, error};
use super::steps::{give, step};
use crate::ident;

const P: &str = "projects/acme-ml";
const GET: &str = ":getIamPolicy";
const SET: &str = ":setIamPolicy";

fn google() -> Google {
    let google = Google::default();
    google.world().policy(P, json!({"bindings": []}));
    google
}

fn answer(code: u16, status: &str) -> Effect {
    Effect::Answer(code, error(code, status, "refused").1)
}

type Case = (
    &'static str,
    Effect,
    &'static str,
    u64,
    Result<(), ErrorKind>,
);

/// Fault, phase, requests, and whether it is done in the end.
fn table() -> Vec<Case> {
    let lost = |done| Effect::Lost { done };
    vec![
        ("429", Effect::Answer(429, json!({})), GET, 3, Ok(())),
        ("429", Effect::Answer(429, json!({})), SET, 3, Ok(())),
        ("429 with Retry-After", Effect::Busy(429, 7), GET, 3, Ok(())),
        ("429 with Retry-After", Effect::Busy(429, 7), SET, 3, Ok(())),
        ("503", answer(503, "UNAVAILABLE"), GET, 3, Ok(())),
        ("503", answer(503, "UNAVAILABLE"), SET, 3, Ok(())),
        ("500", answer(500, "INTERNAL"), GET, 3, Ok(())),
        (
            "500: read again before it is set again",
            answer(500, "INTERNAL"),
            SET,
            5,
            Ok(()),
        ),
        (
            "502 of a proxy",
            Effect::Answer(502, Json::Null),
            GET,
            3,
            Ok(()),
        ),
        (
            "502 of a proxy",
            Effect::Answer(502, Json::Null),
            SET,
            5,
            Ok(()),
        ),
        ("504", answer(504, "DEADLINE_EXCEEDED"), GET, 3, Ok(())),
        ("408", answer(408, ""), GET, 3, Ok(())),
        ("connection lost", lost(true), GET, 3, Ok(())),
        ("answer lost, done: read tells", lost(true), SET, 3, Ok(())),
        ("lost, not done", lost(false), SET, 5, Ok(())),
        (
            "no connection, once reached",
            Effect::Unreached,
            SET,
            3,
            Ok(()),
        ),
        (
            "no connection at first",
            Effect::Unreached,
            GET,
            1,
            Err(ErrorKind::Unavailable),
        ),
        (
            "401 of a fixed token",
            answer(401, ""),
            GET,
            1,
            Err(ErrorKind::Unauthenticated),
        ),
        ("403", answer(403, ""), GET, 1, Err(ErrorKind::Forbidden)),
        (
            "403 mid-run",
            answer(403, ""),
            SET,
            2,
            Err(ErrorKind::Forbidden),
        ),
        ("404", answer(404, ""), GET, 1, Err(ErrorKind::NotFound)),
        (
            "404 meanwhile",
            answer(404, ""),
            SET,
            2,
            Err(ErrorKind::NotFound),
        ),
        ("409", answer(409, "ABORTED"), SET, 4, Ok(())),
        ("412 of storage", answer(412, ""), SET, 4, Ok(())),
        (
            "400",
            answer(400, "INVALID_ARGUMENT"),
            SET,
            2,
            Err(ErrorKind::Invalid),
        ),
        (
            "501",
            answer(501, "UNIMPLEMENTED"),
            GET,
            1,
            Err(ErrorKind::Protocol),
        ),
        ("rate limit as a 403", rate_limited(), GET, 3, Ok(())),
        (
            "a page instead",
            Effect::Answer(200, json!("<html>")),
            GET,
            1,
            Err(ErrorKind::Protocol),
        ),
    ]
}

fn rate_limited() -> Effect {
    let error = json!({"error": {"code": 403, "errors": [{"reason": "rateLimitExceeded"}]}});
    Effect::Answer(403, error)
}

#[tokio::test(start_paused = true)]
async fn every_fault_in_every_phase_ends_done_or_told_in_so_many_requests() {
    for (what, effect, phase, requests, end) in table() {
        let google = google();
        google.fault(phase, effect);
        let provider = google.provider();
        let edit = give(P, "roles/viewer", "user:a@example.com");
        let outcome = provider.write(&step(vec![edit])).await.remove(0);
        let case = format!("{what} at {phase}");
        assert_eq!(
            outcome.as_ref().map(|_| ()).map_err(|error| error.kind),
            end,
            "{case}"
        );
        assert_eq!(provider.requests(), requests, "{case}");
        let granted = google.members(P).len();
        assert_eq!(granted, usize::from(end.is_ok()), "{case}");
    }
}

#[tokio::test(start_paused = true)]
async fn faults_that_last_end_within_the_bound() {
    for effect in [
        answer(503, ""),
        Effect::Busy(429, 9),
        Effect::Lost { done: false },
    ] {
        for phase in [GET, SET] {
            let google = google();
            for _ in 0..500 {
                google.fault(phase, effect.clone());
            }
            let begin = Instant::now();
            let edit = give(P, "roles/viewer", "user:a@example.com");
            let outcome = google.provider().write(&step(vec![edit])).await.remove(0);
            assert_eq!(outcome.unwrap_err().kind, ErrorKind::Unavailable, "{phase}");
            assert!(
                begin.elapsed() <= Duration::from_secs(61),
                "{:?}",
                begin.elapsed()
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_server_s_hint_is_waited_for() {
    let google = google();
    google.fault(GET, Effect::Busy(503, 12));
    let begin = Instant::now();
    google
        .provider()
        .read_one(&ident::iam_policy("gcp", P))
        .await
        .unwrap();
    let waited = begin.elapsed();
    assert!((12..=14).contains(&waited.as_secs()), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn where_nobody_can_tell_what_became_of_a_write_the_journal_stays_open() {
    let google = google();
    google.fault(GET, Effect::Pass);
    google.fault(SET, Effect::Lost { done: true });
    for _ in 0..500 {
        google.fault(GET, Effect::Lost { done: false });
    }
    let edits = vec![
        give(P, "roles/viewer", "user:a@example.com"),
        give(P, "roles/viewer", "user:b@example.com"),
    ];
    let outcomes = google.provider().write(&step(edits)).await;
    for outcome in outcomes {
        assert_eq!(outcome.unwrap_err().kind, ErrorKind::Unknown);
    }
}
