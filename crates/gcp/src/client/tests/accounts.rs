use rbacform_core::{Edit, EditKind};
use rbacform_provider::{ErrorKind, Provider as _};
use serde_json::{Value as Json, json};

use super::google::{Effect, Google, error};
use super::steps::{account, create, delete, known_as, step, update};

const EMAIL: &str = "trainer@acme-ml.iam.gserviceaccount.com";

fn attributes() -> Json {
    json!({"account_id": "trainer", "project": "acme-ml", "display_name": "Training"})
}

async fn write(google: &Google, edit: Edit) -> rbacform_provider::WriteOutcome {
    google.provider().write(&step(vec![edit])).await.remove(0)
}

#[tokio::test(start_paused = true)]
async fn an_account_is_made_and_seen_three_times_before_anything_needs_it() {
    let google = Google::default();
    google.fault("GET", Effect::Pass);
    google.fault(
        "GET",
        Effect::Answer(404, error(404, "NOT_FOUND", "Unknown service account").1),
    );
    let made = write(&google, create(account("trainer"), attributes()))
        .await
        .unwrap();
    assert_eq!(made.uid.len(), 21);
    let requests = google.take_requests();
    assert_eq!(requests[0], "POST /v1/projects/acme-ml/serviceAccounts");
    let look = format!("GET /v1/projects/acme-ml/serviceAccounts/{}", made.uid);
    assert_eq!(
        requests[1..],
        vec![look; 5],
        "found, lost, and three times in a row"
    );
    let body = json!({"accountId": "trainer", "serviceAccount": {"displayName": "Training"}});
    assert_eq!(google.world().bodies[0], body);
}

#[tokio::test(start_paused = true)]
async fn one_that_is_to_be_off_is_switched_off_after_it_is_made() {
    let google = Google::default();
    let mut wanted = attributes();
    wanted["disabled"] = true.into();
    let made = write(&google, create(account("trainer"), wanted.clone()))
        .await
        .unwrap();
    assert_eq!(google.world().accounts[made.uid.as_str()]["disabled"], true);

    // Made, but not switched off: the journal must stay open.
    let google = Google::default();
    google.fault(
        ":disable",
        Effect::Answer(403, error(403, "PERMISSION_DENIED", "no").1),
    );
    let left = write(&google, create(account("trainer"), wanted))
        .await
        .unwrap_err();
    assert_eq!(left.kind, ErrorKind::Unknown);
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_looked_after_before_it_is_made_again() {
    for done in [true, false] {
        let google = Google::default();
        google.fault("POST", Effect::Lost { done });
        write(&google, create(account("trainer"), attributes()))
            .await
            .unwrap();
        assert_eq!(google.world().accounts.len(), 1, "done: {done}");
        let sent = google.take_requests();
        let made = sent.iter().filter(|line| line.starts_with("POST")).count();
        assert_eq!(made, if done { 1 } else { 2 }, "{sent:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_and_a_read_that_lags_still_end_in_one_account() {
    let google = Google::default();
    google.fault("POST", Effect::Lost { done: true });
    google.fault(
        "GET",
        Effect::Answer(404, error(404, "NOT_FOUND", "not yet").1),
    );
    write(&google, create(account("trainer"), attributes()))
        .await
        .unwrap();
    assert_eq!(google.world().accounts.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn somebody_else_s_account_is_not_taken_for_ours() {
    let google = Google::default();
    google.account(EMAIL);
    let refused = write(&google, create(account("trainer"), attributes()))
        .await
        .unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Conflict, "{refused}");

    // Not even where our own answer was lost before.
    let google = Google::default();
    google.fault("POST", Effect::Lost { done: false });
    google.account(EMAIL);
    let refused = write(&google, create(account("trainer"), attributes()))
        .await
        .unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Conflict, "{refused}");
}

#[tokio::test(start_paused = true)]
async fn an_account_that_state_knew_comes_back_as_itself() {
    let google = Google::default();
    let uid = google.account(EMAIL);
    google.world().accounts.get_mut(&uid).unwrap()["deleted"] = true.into();
    let edit = known_as(create(account("trainer"), attributes()), &uid);
    let back = write(&google, edit.clone()).await.unwrap();
    assert_eq!(back.uid, uid);
    assert_eq!(google.world().accounts[&uid]["displayName"], "Training");

    // Purged: a new one, with another unique id.
    let google = Google::default();
    let made = write(&google, edit).await.unwrap();
    let requests = google.take_requests();
    assert!(requests[0].ends_with(":undelete"), "{requests:?}");
    assert!(google.world().accounts.contains_key(made.uid.as_str()));
}

#[tokio::test(start_paused = true)]
async fn only_what_differs_is_patched_and_by_unique_id() {
    let google = Google::default();
    let uid = google.account(EMAIL);
    google.world().accounts.get_mut(&uid).unwrap()["description"] = "old".into();
    let base = json!({"account_id": "trainer", "project": "acme-ml"});
    let mut compared = base.clone();
    compared["description"] = "old".into();
    compared["display_name"] = Json::Null;
    compared["disabled"] = false.into();
    let mut wanted = base;
    wanted["display_name"] = "Training".into();
    wanted["disabled"] = true.into();
    write(&google, update(account("trainer"), compared, wanted, &uid))
        .await
        .unwrap();
    let path = format!("/v1/projects/acme-ml/serviceAccounts/{uid}");
    assert_eq!(
        google.take_requests(),
        [
            format!("GET {path}"),
            format!("PATCH {path}"),
            format!("POST {path}:disable")
        ]
    );
    let world = google.world();
    assert_eq!(
        world.bodies[0],
        json!({"serviceAccount": {"displayName": "Training", "description": ""},
               "updateMask": "displayName,description"})
    );
}

#[tokio::test(start_paused = true)]
async fn another_account_of_the_same_address_is_never_touched() {
    let google = Google::default();
    let old = google.account(EMAIL);
    google.world().accounts.get_mut(&old).unwrap()["deleted"] = true.into();
    let new = google.account(EMAIL);
    let compared = json!({"account_id": "trainer"});
    let changed = update(account("trainer"), compared.clone(), attributes(), &old);
    assert_eq!(
        write(&google, changed).await.unwrap_err().kind,
        ErrorKind::Stale
    );
    // The one that was to go is gone.
    write(&google, delete(account("trainer"), compared, &old))
        .await
        .unwrap();
    assert!(google.world().accounts[&new]["deleted"].is_null());
}

#[tokio::test(start_paused = true)]
async fn one_that_changed_since_the_plan_is_neither_patched_nor_deleted() {
    let google = Google::default();
    let uid = google.account(EMAIL);
    google.world().accounts.get_mut(&uid).unwrap()["displayName"] = "Precious".into();
    let compared = json!({"display_name": "Training"});
    for edit in [
        delete(account("trainer"), compared.clone(), &uid),
        update(
            account("trainer"),
            compared,
            json!({"display_name": "Other"}),
            &uid,
        ),
    ] {
        let refused = write(&google, edit).await.unwrap_err();
        assert_eq!(refused.kind, ErrorKind::Stale);
        assert!(refused.message.contains("display_name"), "{refused}");
        assert_eq!(google.take_requests().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_delete_whose_answer_was_lost_is_done() {
    let google = Google::default();
    let uid = google.account(EMAIL);
    google.fault("DELETE", Effect::Lost { done: true });
    let edit = delete(account("trainer"), json!({}), &uid);
    assert_eq!(write(&google, edit).await.unwrap().uid, "");
    assert_eq!(google.world().accounts[&uid]["deleted"], true);
}

#[tokio::test(start_paused = true)]
async fn what_is_only_recorded_or_left_sends_nothing() {
    let google = Google::default();
    for kind in [
        EditKind::Record,
        EditKind::Abandon {
            attributes: rbacform_core::Value::Null,
        },
    ] {
        let edit = Edit {
            kind,
            ..delete(account("trainer"), json!({}), "7")
        };
        assert_eq!(write(&google, edit).await.unwrap().uid, "7");
    }
    assert!(google.take_requests().is_empty());
}
