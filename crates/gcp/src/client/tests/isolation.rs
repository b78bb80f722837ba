use rbacform_provider::{ErrorKind, Provider as _};
use serde_json::json;

use super::google::{Effect, Google, error};
use super::steps::{account, create, give, step, take};

const P: &str = "projects/acme-ml";

fn google(refused: &[&str]) -> Google {
    let google = Google::default();
    google.world().policy(P, json!({"bindings": []}));
    google.world().refused = refused.iter().map(|member| (*member).to_owned()).collect();
    google
}

fn members(google: &Google) -> usize {
    google.members(P).len()
}

#[tokio::test(start_paused = true)]
async fn a_member_that_is_refused_does_not_sink_the_others() {
    let ghost = "serviceAccount:ghost@acme-ml.iam.gserviceaccount.com";
    let google = google(&[ghost]);
    let mut edits: Vec<_> = (0..99)
        .map(|n| give(P, "roles/viewer", &format!("user:u{n}@example.com")))
        .collect();
    edits.insert(50, give(P, "roles/viewer", ghost));
    let outcomes = google.provider().write(&step(edits)).await;
    for (index, outcome) in outcomes.iter().enumerate() {
        assert_eq!(outcome.is_ok(), index != 50, "{index}: {outcome:?}");
    }
    let refused = outcomes[50].as_ref().unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Invalid);
    assert!(refused.message.contains("ghost@acme-ml"), "{refused}");
    assert_eq!(members(&google), 99);
    assert_eq!(
        google.take_requests().len(),
        4,
        "get, all, the others, the accused"
    );
}

#[tokio::test(start_paused = true)]
async fn where_the_words_accuse_nobody_halves_are_tried() {
    let google = google(&[]);
    // The server's words name no member.
    let nameless = || Effect::Answer(400, error(400, "INVALID_ARGUMENT", "Request is invalid").1);
    for _ in 0..4 {
        google.fault(":setIamPolicy", nameless());
    }
    let edits = (0..8).map(|n| give(P, "roles/viewer", &format!("user:u{n}@example.com")));
    let outcomes = google.provider().write(&step(edits.collect())).await;
    let refused: Vec<_> = outcomes.iter().map(Result::is_err).collect();
    // Eight, the first four, the first two, the first one are refused; one, two and four are not.
    assert_eq!(
        refused,
        [true, false, false, false, false, false, false, false]
    );
    assert_eq!(google.take_requests().len(), 1 + 4 + 3);
}

#[tokio::test(start_paused = true)]
async fn what_gives_and_takes_for_one_member_is_not_taken_apart() {
    let google = google(&["user:bad@example.com"]);
    google.grant(P, "roles/viewer", "user:keep@example.com");
    // Refused together with the new role, the old one must stay.
    google
        .world()
        .refused
        .push("user:keep@example.com\"],\"role\":\"roles/new".to_owned());
    let edits = vec![
        take(P, "roles/viewer", "user:keep@example.com"),
        give(P, "roles/new", "user:keep@example.com"),
        give(P, "roles/viewer", "user:fine@example.com"),
    ];
    let outcomes = google.provider().write(&step(edits)).await;
    let done: Vec<_> = outcomes.iter().map(Result::is_ok).collect();
    assert_eq!(done, [false, false, true], "{outcomes:?}");
    assert!(
        google
            .members(P)
            .contains(&"user:keep@example.com".to_owned())
    );
}

#[tokio::test(start_paused = true)]
async fn an_account_made_in_this_run_is_waited_for_until_policies_know_it() {
    let google = google(&[]);
    let provider = google.provider();
    let attributes = json!({"account_id": "trainer", "project": "acme-ml"});
    provider
        .write(&step(vec![create(account("trainer"), attributes)]))
        .await
        .remove(0)
        .unwrap();
    google.take_requests();
    let unknown = "Service account trainer@acme-ml.iam.gserviceaccount.com does not exist.";
    for _ in 0..3 {
        let refused = error(400, "INVALID_ARGUMENT", unknown).1;
        google.fault(":setIamPolicy", Effect::Answer(400, refused));
    }
    let member = "serviceAccount:trainer@acme-ml.iam.gserviceaccount.com";
    let outcomes = provider
        .write(&step(vec![give(P, "roles/viewer", member)]))
        .await;
    assert!(outcomes[0].is_ok(), "{:?}", outcomes[0]);
    assert_eq!(google.take_requests().len(), 8, "four times get and set");
}

#[tokio::test(start_paused = true)]
async fn the_wait_for_an_account_ends() {
    let member = "serviceAccount:trainer@acme-ml.iam.gserviceaccount.com";
    let google = google(&[member]);
    let provider = google.provider();
    let attributes = json!({"account_id": "trainer", "project": "acme-ml"});
    provider
        .write(&step(vec![create(account("trainer"), attributes)]))
        .await
        .remove(0)
        .unwrap();
    let edits = vec![
        give(P, "roles/viewer", member),
        give(P, "roles/viewer", "user:a@example.com"),
    ];
    let begin = tokio::time::Instant::now();
    let outcomes = provider.write(&step(edits)).await;
    assert!(begin.elapsed().as_secs() <= 61, "{:?}", begin.elapsed());
    assert!(outcomes[0].is_err());
    assert!(outcomes[1].is_ok(), "the others do not go down with it");
}

#[tokio::test(start_paused = true)]
async fn a_refusal_of_us_is_told_once_and_for_all_edits() {
    let google = google(&[]);
    let denied = error(
        403,
        "PERMISSION_DENIED",
        "Permission 'resourcemanager.projects.setIamPolicy' denied",
    )
    .1;
    google.fault(":setIamPolicy", Effect::Answer(403, denied));
    let edits = (0..5).map(|n| give(P, "roles/viewer", &format!("user:u{n}@example.com")));
    let outcomes = google.provider().write(&step(edits.collect())).await;
    for outcome in &outcomes {
        let refused = outcome.as_ref().unwrap_err();
        assert_eq!(refused.kind, ErrorKind::Forbidden);
        assert!(
            refused
                .help
                .as_ref()
                .unwrap()
                .contains("roles/resourcemanager.projectIamAdmin")
        );
    }
    assert_eq!(google.take_requests().len(), 2);
}
