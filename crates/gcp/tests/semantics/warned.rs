//! What is taken, and worth a word.

use crate::source::{resolve, told};

fn warned(text: &str) -> Vec<String> {
    told(text, &resolve("iam_member", text).unwrap().warnings)
}

#[test]
fn a_model_s_policy_may_be_closed_and_other_ways_are_offered() {
    let text = r#"resource = "projects/acme-ml/locations/us-central1/models/7"
role = "roles/aiplatform.user"
member = "@gcp.service_account trainer""#;
    assert_eq!(
        warned(text),
        [
            r#"policy-unproven at "projects/acme-ml/locations/us-central1/models/7": the policy of a Vertex AI model may be closed to your project: no predefined role holds `aiplatform.models.setIamPolicy` (if the server refuses it, the endpoint that serves it has a policy of its own:
[gcp.iam_member.NAME]
resource = "projects/acme-ml/locations/us-central1/endpoints/ENDPOINT"
role = "roles/aiplatform.user"
member = "serviceAccount:trainer@acme-ml.iam.gserviceaccount.com"
or grant it for everything in the project:
[gcp.iam_member.NAME]
resource = "projects/acme-ml"
role = "roles/aiplatform.user"
member = "serviceAccount:trainer@acme-ml.iam.gserviceaccount.com")"#
        ]
    );
    for (resource, codes) in [
        ("projects/acme-ml/locations/us-central1/endpoints/7", 0),
        ("projects/acme-ml/locations/us-central1/featureGroups/g", 0),
        ("projects/acme-ml/locations/us-central1/datasets/7", 1),
    ] {
        let text = format!(
            "resource = \"{resource}\"\nrole = \"roles/aiplatform.user\"\nmember = \"user:a@b.co\""
        );
        assert_eq!(warned(&text).len(), codes, "{resource}");
    }
}

#[test]
fn a_legacy_role_on_a_project_is_told_of() {
    let text = r#"resource = "projects/acme-ml"
role = "roles/ml.developer"
member = "user:ana@example.com""#;
    assert_eq!(
        warned(text),
        [
            r#"legacy-role at "roles/ml.developer": `roles/ml.developer` is of the legacy AI Platform and grants nothing on Vertex AI (for Vertex AI write `role = "roles/aiplatform.user"`)"#
        ]
    );
}

#[test]
fn what_is_not_proven_is_said_not_to_be() {
    let text = r#"resource = "projects/acme-ml/topics/news"
role = "roles/pubsub.publisher"
member = "projectOwner:acme-ml"
until = 2027-07-01T00:00:00Z"#;
    let codes: Vec<String> = warned(text)
        .into_iter()
        .map(|told| told.split_once(' ').unwrap().0.to_owned())
        .collect();
    assert_eq!(codes, ["unusual-member", "condition-unproven"]);
}

#[test]
fn good_grants_are_silent() {
    for (resource, role, member) in [
        (
            "projects/acme-ml",
            "roles/owner",
            "group:admins@example.com",
        ),
        (
            "folders/12",
            "roles/resourcemanager.folderViewer",
            "domain:example.com",
        ),
        (
            "organizations/12",
            "organizations/12/roles/auditor",
            "user:ana@example.com",
        ),
        ("buckets/data", "roles/storage.objectViewer", "allUsers"),
        (
            "buckets/data",
            "roles/storage.legacyBucketReader",
            "projectViewer:acme-ml",
        ),
        (
            "projects/acme-ml/locations/europe-west4/repositories/images",
            "roles/artifactregistry.reader",
            "principalSet://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/github/attribute.repository/acme/app",
        ),
        (
            "projects/acme-ml/secrets/token",
            "roles/secretmanager.secretAccessor",
            "principal://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/acme-ml.svc.id.goog/subject/ns/training/sa/trainer",
        ),
        (
            "projects/acme-ml",
            "roles/viewer",
            "principalSet://iam.googleapis.com/locations/global/workforcePools/people/attribute.department/Data Science",
        ),
        (
            "projects/acme-ml",
            "roles/viewer",
            "principalSet://cloudresourcemanager.googleapis.com/projects/123456789012/type/ServiceAccount",
        ),
        (
            "projects/acme-ml",
            "roles/aiplatform.user",
            "principalSet://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/acme-ml.svc.id.goog/kubernetes.cluster/https://container.googleapis.com/v1/projects/acme-ml/locations/us/clusters/c",
        ),
    ] {
        let text = format!("resource = \"{resource}\"\nrole = \"{role}\"\nmember = \"{member}\"");
        assert_eq!(warned(&text), [] as [&str; 0], "{text}");
    }
}
