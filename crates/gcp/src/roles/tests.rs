use super::*;

fn target(name: &str) -> &'static Target {
    targets().iter().find(|target| target.name == name).unwrap()
}

#[test]
fn the_table_says_what_google_published() {
    assert_eq!(date(), "2026-08-22");
    assert_eq!(all().count(), 2461);
    assert!(all().is_sorted());
    assert_eq!(
        permissions("roles/container.clusterViewer").unwrap(),
        [
            "container.clusters.connect",
            "container.clusters.get",
            "container.clusters.list",
            "resourcemanager.projects.get",
            "resourcemanager.projects.list"
        ]
    );
    assert_eq!(permissions("roles/owner").unwrap().len(), 13568);
    let pairs: usize = all().map(|role| permissions(&role).unwrap().len()).sum();
    assert_eq!(pairs, 165_179);
    assert_eq!(permissions("roles/no.such"), None);
    assert!(permission_exists("iam.serviceAccounts.actAs"));
    assert!(!permission_exists("iam.serviceaccounts.actAs"));
}

#[test]
fn each_role_holds_what_its_list_says() {
    let role = "roles/iam.workloadIdentityUser";
    for permission in permissions("roles/iam.serviceAccountTokenCreator").unwrap() {
        let listed = permissions(role).unwrap().contains(&permission);
        assert_eq!(holds(role, permission), Some(listed), "{permission}");
    }
    assert_eq!(
        holds(role, "iam.serviceAccounts.getAccessToken"),
        Some(true)
    );
    assert_eq!(holds(role, "no.such.permission"), Some(false));
    assert_eq!(holds("roles/no.such", "iam.serviceAccounts.get"), None);
    assert_eq!(
        holds("roles/meshconfig.viewer", "iam.serviceAccounts.get"),
        None
    );
}

#[test]
fn close_names_are_suggested() {
    assert_eq!(
        closest("roles/aiplatform.usr").as_deref(),
        Some("roles/aiplatform.user")
    );
    assert_eq!(
        closest("roles/aiplatfrom.user").as_deref(),
        Some("roles/aiplatform.user")
    );
    assert_eq!(
        closest("roles/storage.objectviewer").as_deref(),
        Some("roles/storage.objectViewer")
    );
    assert_eq!(closest("roles/qqqqqqqqqqqq"), None);
    assert_eq!(
        closest_permission("storage.object.get"),
        Some("storage.objects.get")
    );
}

#[test]
fn roles_mean_something_where_they_have_a_permission() {
    for (role, name, expected) in [
        (
            "roles/container.clusterViewer",
            "service account",
            Some(false),
        ),
        ("roles/storage.admin", "service account", Some(false)),
        (
            "roles/iam.workloadIdentityUser",
            "service account",
            Some(true),
        ),
        (
            "roles/iam.serviceAccountUser",
            "service account",
            Some(true),
        ),
        ("roles/editor", "service account", Some(true)),
        ("roles/ml.developer", "Vertex AI model", Some(false)),
        ("roles/ml.developer", "Vertex AI endpoint", Some(false)),
        ("roles/ml.developer", "project", Some(true)),
        ("roles/aiplatform.user", "Vertex AI endpoint", Some(true)),
        ("roles/storage.objectViewer", "storage bucket", Some(true)),
        ("roles/pubsub.publisher", "Pub/Sub topic", Some(true)),
        ("roles/secretmanager.secretAccessor", "secret", Some(true)),
        (
            "roles/secretmanager.secretAccessor",
            "Pub/Sub topic",
            Some(false),
        ),
        (
            "roles/artifactregistry.reader",
            "Artifact Registry repository",
            Some(true),
        ),
        ("projects/p/roles/x", "secret", None),
        ("roles/meshconfig.viewer", "secret", None),
    ] {
        assert_eq!(applies(role, target(name)), expected, "{role} on a {name}");
    }
    let on_accounts = applicable_roles(target("service account"));
    assert!(
        on_accounts
            .iter()
            .all(|role| applies(role, target("service account")) == Some(true))
    );
    assert!(on_accounts.contains(&"roles/iam.serviceAccountTokenCreator".to_owned()));
    let where_it_means = applicable_targets("roles/container.clusterViewer");
    let names: Vec<&str> = where_it_means.iter().map(|target| target.name).collect();
    assert_eq!(names, ["project", "folder", "organization"]);
}
