use std::collections::{BTreeMap, BTreeSet};

use rbacform_core::{ObjectId, WorldPin};
use rbacform_provider::{ErrorKind, Provider as _, Query};
use serde_json::json;

use super::google::{Effect, Google, error};
use super::steps::{account, give, role};
use crate::ident;

const P: &str = "projects/acme-ml";

fn query(objects: impl IntoIterator<Item = ObjectId>) -> Query {
    Query {
        objects: objects.into_iter().collect(),
        world: true,
        ..Query::default()
    }
}

fn google() -> Google {
    let google = Google::default();
    google.world().policy(P, json!({"bindings": []}));
    google
        .world()
        .projects
        .insert("acme-ml".to_owned(), "123456".to_owned());
    google
}

#[tokio::test(start_paused = true)]
async fn a_plan_costs_one_read_a_policy_list_and_project() {
    let google = google();
    google.account("trainer@acme-ml.iam.gserviceaccount.com");
    google.grant(P, "roles/viewer", "user:unmanaged@example.com");
    let on_account = account("trainer").ident.to_string();
    let grants =
        (0..1000).map(|n| give(P, "roles/viewer", &format!("user:u{n}@example.com")).object);
    let objects = grants.chain([
        give(
            &on_account,
            "roles/iam.workloadIdentityUser",
            "user:a@example.com",
        )
        .object,
        account("trainer"),
        account("other"),
        role("a"),
        role("b"),
        ident::iam_binding("gcp", P, "roles/viewer", None),
    ]);
    let provider = google.provider();
    let read = provider.read(&query(objects)).await.unwrap();
    let mut requests = google.take_requests();
    requests.sort();
    assert_eq!(
        requests,
        [
            "GET /v1/projects/acme-ml/roles",
            "GET /v1/projects/acme-ml/serviceAccounts",
            "GET /v3/projects/acme-ml",
            &format!("POST /v1/{on_account}:getIamPolicy"),
            "POST /v3/projects/acme-ml:getIamPolicy",
        ]
    );
    let kinds: Vec<_> = read
        .observed
        .iter()
        .map(|found| found.object.kind.as_str())
        .collect();
    assert_eq!(
        kinds,
        ["IamBinding", "IamMember", "ServiceAccount"],
        "unmanaged grants are seen"
    );
    assert_eq!(read.worlds["gcp:projects/acme-ml"].uid, "123456");
    assert_eq!(
        read.worlds["gcp:projects/acme-ml"].server,
        "cloudresourcemanager.googleapis.com"
    );
}

#[tokio::test(start_paused = true)]
async fn a_project_whose_number_is_pinned_is_not_asked_again() {
    let google = google();
    let pin = WorldPin {
        uid: "123456".to_owned(),
        ..WorldPin::default()
    };
    let query = Query {
        pinned: BTreeMap::from([("gcp:projects/acme-ml".to_owned(), pin)]),
        ..query([ident::iam_policy("gcp", P)])
    };
    google.provider().read(&query).await.unwrap();
    assert_eq!(
        google.take_requests(),
        ["POST /v3/projects/acme-ml:getIamPolicy"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_project_whose_number_may_not_be_read_is_told_and_no_obstacle() {
    let google = google();
    google.world().projects.clear();
    let read = google
        .provider()
        .read(&query([ident::iam_policy("gcp", P)]))
        .await
        .unwrap();
    assert_eq!(read.worlds["gcp:projects/acme-ml"].uid, "");
    assert!(
        read.notes[0].contains("known by its id only"),
        "{:?}",
        read.notes
    );
}

#[tokio::test(start_paused = true)]
async fn where_a_list_is_forbidden_the_stack_s_own_are_read() {
    let google = google();
    google.account("trainer@acme-ml.iam.gserviceaccount.com");
    let denied = error(
        403,
        "PERMISSION_DENIED",
        "Permission 'iam.serviceAccounts.list' denied",
    )
    .1;
    google.fault("acme-ml/serviceAccounts", Effect::Answer(403, denied));
    let objects = [account("trainer"), account("other")];
    let read = google.provider().read(&query(objects)).await.unwrap();
    assert_eq!(read.observed.len(), 1);
    assert!(
        read.notes[0].contains("may not be listed"),
        "{:?}",
        read.notes
    );
}

#[tokio::test(start_paused = true)]
async fn a_policy_that_may_not_be_read_stops_the_plan_with_the_permission() {
    let google = google();
    let words = "Permission 'resourcemanager.projects.getIamPolicy' denied on projects/acme-ml";
    google.fault(
        ":getIamPolicy",
        Effect::Answer(403, error(403, "PERMISSION_DENIED", words).1),
    );
    let refused = google
        .provider()
        .read(&query([ident::iam_policy("gcp", P)]))
        .await
        .unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Forbidden);
    assert!(refused.help.unwrap().contains("roles/iam.securityReviewer"));
}

#[tokio::test(start_paused = true)]
async fn a_resource_that_is_not_there_has_no_grants() {
    let google = Google::default();
    let bucket = give(
        "buckets/gone",
        "roles/storage.objectViewer",
        "user:a@example.com",
    )
    .object;
    let read = google.provider().read(&query([bucket])).await.unwrap();
    assert!(read.observed.is_empty());
    assert!(
        read.notes[0].contains("`buckets/gone` does not exist"),
        "{:?}",
        read.notes
    );
}

#[tokio::test(start_paused = true)]
async fn a_model_whose_policy_is_closed_is_told_plainly_with_the_way_that_works() {
    let model = "projects/acme-ml/locations/europe-west4/models/7";
    for (code, status) in [
        (403, "PERMISSION_DENIED"),
        (404, "NOT_FOUND"),
        (501, "UNIMPLEMENTED"),
    ] {
        let google = google();
        google.fault(
            ":getIamPolicy",
            Effect::Answer(code, error(code, status, "no").1),
        );
        let object = give(model, "roles/aiplatform.user", "user:a@example.com").object;
        let refused = google.provider().read(&query([object])).await.unwrap_err();
        assert!(refused.message.contains(model), "{refused}");
        let help = refused.help.unwrap();
        assert!(help.contains("resource = \"projects/acme-ml\""), "{help}");
        assert!(
            help.contains("locations/europe-west4/endpoints/ENDPOINT"),
            "{help}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn one_object_is_read_afresh_whatever_it_is() {
    let google = google();
    google.grant(P, "roles/viewer", "user:a@example.com");
    google.account("trainer@acme-ml.iam.gserviceaccount.com");
    let provider = google.provider();
    let grant = |member| give(P, "roles/viewer", member).object;
    for (object, there) in [
        (grant("user:a@example.com"), true),
        (grant("user:b@example.com"), false),
        (account("trainer"), true),
        (account("other"), false),
        (role("none"), false),
    ] {
        let found = provider.read_one(&object).await.unwrap();
        assert_eq!(found.is_some(), there, "{object}");
    }
    assert_eq!(provider.requests(), 5);
}

#[tokio::test(start_paused = true)]
async fn grants_are_known_whole_and_lists_are_followed_to_their_end() {
    let google = google();
    let page = json!({"accounts": [], "nextPageToken": "a/b+c"});
    google.fault("serviceAccounts", Effect::Answer(200, page));
    let objects = [account("trainer"), ident::iam_policy("gcp", P)];
    let read = google.provider().read(&query(objects)).await.unwrap();
    let lists = google.take_requests();
    assert_eq!(
        lists
            .iter()
            .filter(|line| line.contains("serviceAccounts"))
            .count(),
        2
    );
    let complete = BTreeSet::from([("gcp".into(), "IamPolicy".into())]);
    assert_eq!(read.observed.complete, complete);
}
