use rbacform_core::Value;
use rbacform_provider::{ErrorKind, Provider as _};
use serde_json::json;

use super::google::{Effect, Google, error};
use super::steps::{create, delete, give, step, take, update};
use crate::ident;

const P: &str = "projects/acme-ml";
const VIEWER: &str = "roles/viewer";

fn google() -> Google {
    let google = Google::default();
    google.world().policy(
        P,
        json!({
            "version": 1,
            "bindings": [{"role": "roles/owner", "members": ["user:boss@example.com"]}],
            "auditConfigs": [{"service": "allServices"}],
            "fromTheFuture": {"kept": true},
        }),
    );
    google
}

#[tokio::test(start_paused = true)]
async fn many_grants_are_one_get_and_one_set_and_nothing_else_is_lost() {
    let google = google();
    let provider = google.provider();
    let edits = (0..100).map(|n| give(P, VIEWER, &format!("user:u{n}@example.com")));
    let outcomes = provider.write(&step(edits.collect())).await;
    assert!(
        outcomes
            .iter()
            .all(|outcome| outcome.as_ref().unwrap().uid == "-")
    );
    assert_eq!(
        google.take_requests(),
        [
            "POST /v3/projects/acme-ml:getIamPolicy",
            "POST /v3/projects/acme-ml:setIamPolicy"
        ]
    );
    assert_eq!(provider.requests(), 2);
    assert_eq!(google.members(P).len(), 101);
    let world = google.world();
    let sent = &world.bodies[1];
    assert_eq!(sent["updateMask"], "bindings,etag");
    assert_eq!(sent["policy"]["version"], 3);
    let now = &world.policies[P];
    assert_eq!(now["auditConfigs"], json!([{"service": "allServices"}]));
    assert_eq!(now["fromTheFuture"], json!({"kept": true}));
    assert_eq!(
        world.bodies[0],
        json!({"options": {"requestedPolicyVersion": 3}})
    );
}

#[tokio::test(start_paused = true)]
async fn what_stands_already_is_not_sent() {
    let google = google();
    google.grant(P, VIEWER, "user:Ana@Example.com");
    let edits = vec![
        give(P, VIEWER, "user:ana@example.com"),
        take(P, VIEWER, "user:gone@example.com"),
    ];
    let outcomes = google.provider().write(&step(edits)).await;
    assert!(outcomes.iter().all(Result::is_ok));
    assert_eq!(google.take_requests().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn somebody_else_s_write_in_between_is_merged_with() {
    let google = google();
    google.fault(
        ":setIamPolicy",
        Effect::Answer(409, error(409, "ABORTED", "concurrent").1),
    );
    let outcomes = google
        .provider()
        .write(&step(vec![give(P, VIEWER, "user:a@example.com")]))
        .await;
    assert!(outcomes[0].is_ok());
    assert_eq!(google.take_requests().len(), 4, "get, set, get, set");
}

#[tokio::test(start_paused = true)]
async fn a_whole_binding_is_not_written_over_what_nobody_saw() {
    let google = google();
    google.grant(P, VIEWER, "user:late@example.com");
    let object = ident::iam_binding("gcp", P, VIEWER, None);
    let members = |members: &[&str]| json!({"resource": P, "role": VIEWER, "members": members});
    let wanted = members(&["user:ana@example.com"]);
    let provider = google.provider();

    let made = create(object.clone(), wanted.clone());
    let refused = provider
        .write(&step(vec![made]))
        .await
        .remove(0)
        .unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Stale, "{refused}");
    let changed = update(object.clone(), members(&[]), wanted.clone(), "-");
    let refused = provider
        .write(&step(vec![changed]))
        .await
        .remove(0)
        .unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Stale, "{refused}");
    let gone = delete(object.clone(), members(&["user:ana@example.com"]), "-");
    let refused = provider
        .write(&step(vec![gone]))
        .await
        .remove(0)
        .unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Stale, "{refused}");
    assert!(
        google
            .take_requests()
            .iter()
            .all(|line| line.contains(":getIamPolicy"))
    );

    let seen = update(object, members(&["user:late@example.com"]), wanted, "-");
    assert!(provider.write(&step(vec![seen])).await[0].is_ok());
    assert_eq!(
        google.members(P),
        ["user:boss@example.com", "user:ana@example.com"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_stale_binding_does_not_hold_up_grants_on_the_same_policy() {
    let google = google();
    google.grant(P, VIEWER, "user:late@example.com");
    let object = ident::iam_binding("gcp", P, VIEWER, None);
    let wanted = json!({"resource": P, "role": VIEWER, "members": ["user:ana@example.com"]});
    let edits = vec![
        create(object, wanted),
        give(P, "roles/browser", "user:ana@example.com"),
    ];
    let outcomes = google.provider().write(&step(edits)).await;
    assert_eq!(outcomes[0].as_ref().unwrap_err().kind, ErrorKind::Stale);
    assert!(outcomes[1].is_ok());
    assert_eq!(google.take_requests().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_would_be_over_a_limit_is_not_sent() {
    let google = google();
    let edits = (0..1600).map(|n| give(P, VIEWER, &format!("user:u{n}@example.com")));
    let outcomes = google.provider().write(&step(edits.collect())).await;
    let refused = outcomes[0].as_ref().unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Invalid);
    assert!(refused.message.contains("1601"), "{refused}");
    assert_eq!(google.take_requests().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_policy_without_an_etag_is_never_set() {
    let google = google();
    google
        .world()
        .policies
        .get_mut(P)
        .unwrap()
        .as_object_mut()
        .unwrap()
        .remove("etag");
    let outcomes = google
        .provider()
        .write(&step(vec![give(P, VIEWER, "user:a@example.com")]))
        .await;
    assert_eq!(outcomes[0].as_ref().unwrap_err().kind, ErrorKind::Protocol);
    assert_eq!(google.take_requests().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_policy_that_lost_its_conditions_on_the_way_is_never_written_back() {
    let google = google();
    google.grant(P, "roles/viewer_withcond_4f", "user:a@example.com");
    let outcomes = google
        .provider()
        .write(&step(vec![give(P, VIEWER, "user:a@example.com")]))
        .await;
    assert_eq!(outcomes[0].as_ref().unwrap_err().kind, ErrorKind::Protocol);
    assert_eq!(google.take_requests().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn audit_configs_are_named_only_where_they_change() {
    let google = google();
    let object = ident::iam_policy("gcp", P);
    let compared = {
        let found = google.provider().read_one(&object).await.unwrap().unwrap();
        found.attributes.to_json()
    };
    let mut wanted = compared.clone();
    wanted["audit_configs"] = json!([{"service": "iam.googleapis.com",
        "audit_log_configs": [{"log_type": "ADMIN_READ"}]}]);
    let changed = update(object, compared, wanted, "-");
    assert!(google.provider().write(&step(vec![changed])).await[0].is_ok());
    let world = google.world();
    let sent = world.bodies.last().unwrap();
    assert_eq!(sent["updateMask"], "bindings,etag,auditConfigs");
    let configs = Value::from_json(&world.policies[P]["auditConfigs"]);
    assert_eq!(configs.as_list().map(<[_]>::len), Some(1));
}
