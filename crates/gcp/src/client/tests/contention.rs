use std::time::Duration;

use futures_util::future::join_all;
use rand::{Rng as _, SeedableRng as _};
use rbacform_provider::Provider as _;
use serde_json::json;
use tokio::time::Instant;

use super::google::{Effect, Google, error};
use super::steps::{give, step};

#[tokio::test(start_paused = true)]
async fn sixty_four_appliers_of_one_policy_lose_nothing() {
    let google = Google::default();
    google
        .world()
        .policy("projects/acme-ml", json!({"bindings": []}));
    google.world().latency = Duration::from_millis(50);
    let appliers = (0..64).map(|applier| {
        let provider = google.provider();
        async move {
            let member = |n| format!("user:a{applier}n{n}@example.com");
            let edits = (0..20).map(|n| give("projects/acme-ml", "roles/viewer", &member(n)));
            provider.write(&step(edits.collect())).await
        }
    });
    let outcomes = join_all(appliers).await;
    for outcome in outcomes.into_iter().flatten() {
        outcome.unwrap();
    }
    let mut members = google.members("projects/acme-ml");
    members.sort();
    members.dedup();
    assert_eq!(members.len(), 1280);
}

#[tokio::test(start_paused = true)]
async fn a_thousand_grants_on_twenty_policies_take_forty_requests_in_two_round_trips_each() {
    let google = Google::default();
    for n in 0..20 {
        google
            .world()
            .policy(&format!("projects/acme-ml-{n}"), json!({"bindings": []}));
    }
    google.world().latency = Duration::from_millis(50);
    let provider = google.provider();
    let steps: Vec<_> = (0..20).map(thousandth).collect();
    let begin = Instant::now();
    join_all(steps.iter().map(|step| provider.write(step))).await;
    assert_eq!(provider.requests(), 40);
    assert!(
        begin.elapsed() < Duration::from_millis(500),
        "{:?}",
        begin.elapsed()
    );
}

fn thousandth(n: usize) -> rbacform_core::Step {
    let resource = format!("projects/acme-ml-{n}");
    let edits = (0..50).map(|m| give(&resource, "roles/viewer", &format!("user:u{m}@example.com")));
    step(edits.collect())
}

#[tokio::test(start_paused = true)]
async fn under_a_third_of_faults_everything_converges_within_three_requests_for_each_needed() {
    for seed in 0..20 {
        let google = Google::default();
        let mut random = rand::rngs::StdRng::seed_from_u64(seed);
        for n in 0..20 {
            google
                .world()
                .policy(&format!("projects/acme-ml-{n}"), json!({"bindings": []}));
        }
        // Each request takes the next of these, whichever it is.
        for _ in 0..2000 {
            let effect = match random.random_range(0..10) {
                0 => Effect::Answer(503, json!({})),
                1 => Effect::Busy(429, 1),
                2 => Effect::Answer(409, error(409, "ABORTED", "concurrent").1),
                _ => Effect::Pass,
            };
            // A read meets no conflict.
            let on = if matches!(effect, Effect::Answer(409, _)) {
                ":setIamPolicy"
            } else {
                "POST"
            };
            google.fault(on, effect);
        }
        let provider = google.provider();
        let steps: Vec<_> = (0..20).map(thousandth).collect();
        for outcome in join_all(steps.iter().map(|step| provider.write(step))).await {
            assert!(
                outcome.iter().all(Result::is_ok),
                "seed {seed}: {:?}",
                outcome[0]
            );
        }
        for n in 0..20 {
            assert_eq!(google.members(&format!("projects/acme-ml-{n}")).len(), 50);
        }
        let sent = provider.requests();
        assert!(sent > 40, "no fault was met");
        assert!(sent <= 3 * 40, "seed {seed}: {sent} requests for 40");
    }
}
