use std::collections::BTreeSet;

use rbacform_core::Edit;
use rbacform_provider::{ErrorKind, Provider as _, Query, WriteOutcome};
use serde_json::{Value as Json, json};

use super::google::{Effect, Google, error};
use super::steps::{create, delete, role, step, update};

const NAME: &str = "projects/acme-ml/roles/trainer";

fn attributes(permissions: &[&str]) -> Json {
    json!({"role_id": "trainer", "project": "acme-ml", "title": "Trainer", "stage": "GA",
           "permissions": permissions})
}

fn standing(google: &Google, deleted: bool) {
    let stored = json!({"name": NAME, "title": "Trainer", "stage": "GA", "etag": "BwXz",
        "includedPermissions": ["a.b.c"], "deleted": deleted});
    google.world().roles.insert(NAME.to_owned(), stored);
}

async fn write(google: &Google, edit: Edit) -> WriteOutcome {
    google.provider().write(&step(vec![edit])).await.remove(0)
}

#[tokio::test(start_paused = true)]
async fn a_role_is_made_in_one_request() {
    let google = Google::default();
    let made = write(&google, create(role("trainer"), attributes(&["a.b.c"])))
        .await
        .unwrap();
    assert_eq!(made.uid, "-");
    assert_eq!(google.take_requests(), ["POST /v1/projects/acme-ml/roles"]);
    assert_eq!(
        google.world().bodies[0],
        json!({"roleId": "trainer", "role": {"title": "Trainer", "description": "", "stage": "GA",
               "includedPermissions": ["a.b.c"]}})
    );
}

#[tokio::test(start_paused = true)]
async fn a_deleted_role_comes_back_and_becomes_what_is_wanted() {
    let google = Google::default();
    standing(&google, true);
    write(&google, create(role("trainer"), attributes(&["a.b.d"])))
        .await
        .unwrap();
    let requests = google.take_requests();
    let kinds: Vec<_> = requests
        .iter()
        .map(|line| line.split(' ').next().unwrap())
        .collect();
    assert_eq!(
        kinds,
        ["POST", "GET", "POST", "GET", "PATCH"],
        "{requests:?}"
    );
    let stored = google.world().roles[NAME].clone();
    assert_eq!(
        (&stored["deleted"], &stored["includedPermissions"]),
        (&json!(false), &json!(["a.b.d"]))
    );

    // One that reading has already found deleted is not made first.
    let google = Google::default();
    standing(&google, true);
    let provider = google.provider();
    let query = Query {
        objects: BTreeSet::from([role("trainer")]),
        ..Query::default()
    };
    assert!(provider.read(&query).await.unwrap().observed.is_empty());
    google.take_requests();
    let wanted = create(role("trainer"), attributes(&["a.b.d"]));
    provider.write(&step(vec![wanted])).await.remove(0).unwrap();
    assert_eq!(google.take_requests().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_role_that_cannot_come_back_says_for_how_long_its_id_is_taken() {
    let google = Google::default();
    standing(&google, true);
    let purged = error(400, "FAILED_PRECONDITION", "Role is being purged").1;
    google.fault(":undelete", Effect::Answer(400, purged));
    let refused = write(&google, create(role("trainer"), attributes(&[])))
        .await
        .unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Conflict);
    assert!(refused.help.unwrap().contains("37 days"));
}

#[tokio::test(start_paused = true)]
async fn a_patch_names_what_differs_and_carries_the_etag() {
    let google = Google::default();
    standing(&google, false);
    google.fault(
        "PATCH",
        Effect::Answer(409, error(409, "ABORTED", "concurrent").1),
    );
    let edit = update(
        role("trainer"),
        attributes(&["a.b.c"]),
        attributes(&["a.b.c", "a.b.d"]),
        "-",
    );
    write(&google, edit).await.unwrap();
    assert_eq!(google.take_requests().len(), 4, "get, patch, get, patch");
    let world = google.world();
    assert_eq!(
        world.bodies[1],
        json!({"includedPermissions": ["a.b.c", "a.b.d"], "etag": "BwXz"})
    );
}

#[tokio::test(start_paused = true)]
async fn a_role_that_changed_since_the_plan_is_left_alone() {
    let google = Google::default();
    standing(&google, false);
    for edit in [
        update(
            role("trainer"),
            attributes(&[]),
            attributes(&["x.y.z"]),
            "-",
        ),
        delete(role("trainer"), attributes(&[]), "-"),
    ] {
        assert_eq!(
            write(&google, edit).await.unwrap_err().kind,
            ErrorKind::Stale
        );
        assert_eq!(google.take_requests().len(), 1);
    }
    // What is already as wanted, or gone, is done.
    let edit = update(
        role("trainer"),
        attributes(&[]),
        attributes(&["a.b.c"]),
        "-",
    );
    write(&google, edit).await.unwrap();
    write(
        &google,
        delete(role("trainer"), attributes(&["a.b.c"]), "-"),
    )
    .await
    .unwrap();
    write(
        &google,
        delete(role("trainer"), attributes(&["a.b.c"]), "-"),
    )
    .await
    .unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_looked_after() {
    for done in [true, false] {
        let google = Google::default();
        google.fault("POST", Effect::Lost { done });
        write(&google, create(role("trainer"), attributes(&["a.b.c"])))
            .await
            .unwrap();
        let google = Google::default();
        standing(&google, false);
        google.fault("PATCH", Effect::Lost { done });
        let edit = update(
            role("trainer"),
            attributes(&["a.b.c"]),
            attributes(&["x.y.z"]),
            "-",
        );
        write(&google, edit).await.unwrap();
        assert_eq!(
            google.world().roles[NAME]["includedPermissions"],
            json!(["x.y.z"])
        );
        google.fault("DELETE", Effect::Lost { done });
        write(
            &google,
            delete(role("trainer"), attributes(&["x.y.z"]), "-"),
        )
        .await
        .unwrap();
        assert_eq!(google.world().roles[NAME]["deleted"], true);
    }
}
