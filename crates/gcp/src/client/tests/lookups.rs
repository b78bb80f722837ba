use rbacform_provider::ErrorKind;
use serde_json::json;

use super::google::{Effect, Google, error};
use crate::target::ResourceName;

#[tokio::test(start_paused = true)]
async fn a_cluster_tells_how_to_reach_it() {
    let google = Google::default();
    google.fault(
        "clusters/train",
        Effect::Answer(
            200,
            json!({
                "endpoint": "203.0.113.7", "id": "c0ffee", "currentMasterVersion": "1.34.1-gke.1",
                "masterAuth": {"clusterCaCertificate": "LS0t"},
                "workloadIdentityConfig": {"workloadPool": "acme-ml.svc.id.goog"},
                "controlPlaneEndpointsConfig": {"dnsEndpointConfig": {
                    "endpoint": "gke-1.europe-west4.gke.goog", "allowExternalTraffic": true}},
                "somethingNew": {},
            }),
        ),
    );
    let provider = google.provider();
    let cluster = provider
        .cluster("acme-ml", "europe-west4", "train")
        .await
        .unwrap();
    assert_eq!(cluster.endpoint, "203.0.113.7");
    assert_eq!(
        cluster.dns_endpoint.as_deref(),
        Some("gke-1.europe-west4.gke.goog")
    );
    assert_eq!(
        cluster.workload_pool.as_deref(),
        Some("acme-ml.svc.id.goog")
    );
    assert_eq!(
        google.take_requests(),
        ["GET /v1/projects/acme-ml/locations/europe-west4/clusters/train"]
    );
    let denied = error(
        403,
        "PERMISSION_DENIED",
        "Required \"container.clusters.get\" permission",
    )
    .1;
    google.fault("clusters/train", Effect::Answer(403, denied));
    let refused = provider
        .cluster("acme-ml", "europe-west4", "train")
        .await
        .unwrap_err();
    assert!(
        refused
            .help
            .unwrap()
            .contains("roles/container.clusterViewer")
    );
}

#[tokio::test(start_paused = true)]
async fn a_cluster_whose_dns_name_is_closed_to_us_is_not_reached_by_it() {
    let google = Google::default();
    google.fault("clusters/train", Effect::Answer(200, json!({
        "endpoint": "203.0.113.7",
        "controlPlaneEndpointsConfig": {"dnsEndpointConfig": {"endpoint": "gke-1.gke.goog"}},
    })));
    let cluster = google
        .provider()
        .cluster("acme-ml", "europe-west4", "train")
        .await
        .unwrap();
    assert_eq!(cluster.dns_endpoint, None);
}

#[tokio::test(start_paused = true)]
async fn projects_and_folders_tell_what_they_are_in() {
    let google = Google::default();
    let provider = google.provider();
    let project = json!({"name": "projects/1", "projectId": "acme", "parent": "folders/2"});
    google.fault("projects/acme", Effect::Answer(200, project));
    let found = provider.project("acme").await.unwrap();
    assert_eq!(found.parent.as_deref(), Some("folders/2"));
    let alone = json!({"name": "projects/1", "projectId": "acme"});
    google.fault("projects/acme", Effect::Answer(200, alone));
    assert_eq!(provider.project("acme").await.unwrap().parent, None);
    let folder = json!({"name": "folders/2", "parent": "organizations/3"});
    google.fault("folders/2", Effect::Answer(200, folder));
    let parent = provider.folder_parent("folders/2").await.unwrap();
    assert_eq!(parent, "organizations/3");
    // Every folder is in something.
    google.fault("folders/2", Effect::Answer(200, json!({})));
    let odd = provider.folder_parent("folders/2").await.unwrap_err();
    assert_eq!(odd.kind, ErrorKind::Protocol);
    assert_eq!(google.take_requests().last().unwrap(), "GET /v3/folders/2");
}

#[tokio::test(start_paused = true)]
async fn permissions_are_asked_in_one_request_wherever_they_go() {
    let google = Google::default();
    let provider = google.provider();
    let held = json!({"permissions": ["a.b.get"]});
    for (name, line) in [
        (
            "projects/acme-ml",
            "POST /v3/projects/acme-ml:testIamPermissions",
        ),
        ("buckets/acme", "GET /storage/v1/b/acme/iam/testPermissions"),
    ] {
        google.fault("est", Effect::Answer(200, held.clone()));
        let name = ResourceName::parse(name).unwrap();
        let found = provider
            .test_permissions(&name, &["a.b.set", "a.b.get"])
            .await
            .unwrap();
        assert_eq!(found, ["a.b.get"]);
        assert_eq!(google.take_requests(), [line]);
    }
}

#[tokio::test(start_paused = true)]
async fn grantable_roles_are_read_to_the_last_page() {
    let google = Google::default();
    let page = |role: &str, next: &str| {
        Effect::Answer(
            200,
            json!({"roles": [{"name": role}], "nextPageToken": next}),
        )
    };
    google.fault("queryGrantableRoles", page("roles/b", "more"));
    google.fault("queryGrantableRoles", page("roles/a", ""));
    let name = ResourceName::parse("projects/acme-ml").unwrap();
    let roles = google.provider().grantable_roles(&name).await.unwrap();
    assert_eq!(roles, ["roles/a", "roles/b"]);
    assert_eq!(google.world().bodies[1]["pageToken"], "more");
}

#[tokio::test(start_paused = true)]
async fn a_project_is_found_by_id_or_number() {
    let google = Google::default();
    google
        .world()
        .projects
        .insert("acme-ml".to_owned(), "42".to_owned());
    let project = google.provider().project("acme-ml").await.unwrap();
    assert_eq!(
        (project.id.as_str(), project.number.as_str()),
        ("acme-ml", "42")
    );
    let refused = google.provider().project("other").await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Forbidden);
}
