//! Members: who may stand on a policy.

use serde_json::json;

use super::client::{
    ACCOUNTS, PROJECT, account, bound, email, owner, policy, sandbox, set, strict,
};

#[test]
fn the_grammar_of_members() {
    let sandbox = strict()
        .google_resource("buckets/acme-data")
        .start()
        .unwrap();
    let client = owner(&sandbox);
    account(&sandbox, "trainer");
    let number = client.get(PROJECT).reply()["name"]
        .as_str()
        .unwrap()
        .to_owned();
    let pool = format!(
        "iam.googleapis.com/{number}/locations/global/workloadIdentityPools/acme-ml.svc.id.goog"
    );
    let own = format!("serviceAccount:{}", email("trainer"));
    for member in [
        "user:ana@example.com",
        "group:ml@example.com",
        "domain:example.com",
        own.as_str(),
        "serviceAccount:123-compute@developer.gserviceaccount.com",
        "serviceAccount:elsewhere@other-project.iam.gserviceaccount.com",
        "serviceAccount:acme-ml.svc.id.goog[ml/trainer]",
        &format!("principal://{pool}/subject/ns/ml/sa/trainer"),
        &format!("principalSet://{pool}/namespace/ml"),
        "principalSet://cloudresourcemanager.googleapis.com/projects/1/type/ServiceAccount",
    ] {
        let answer = set(&client, PROJECT, &[bound("roles/viewer", &[member])]);
        assert_eq!(answer.reply()["bindings"][0]["members"], json!([member]));
    }
    for (member, part) in [
        ("ana@example.com", "unknown type"),
        ("serviceaccount:a@b.iam.gserviceaccount.com", "unknown type"),
        ("User:ana@example.com", "unknown type"),
        ("user:ana", "Invalid principal"),
        ("user:@example.com", "Invalid principal"),
        ("domain:example", "Invalid principal"),
        ("deleted:user:ana@example.com", "Invalid principal"),
        ("deleted:user:ana@example.com?uid=1", "cannot be added"),
        ("principal://x", "Invalid principal"),
        (
            "principal://iam.googleapis.com/projects/acme-ml/locations/global/x/y",
            "Invalid principal",
        ),
        (
            &format!("user:{}", email("trainer")),
            "is of type \"serviceAccount\"",
        ),
        (
            &format!("serviceAccount:{}", email("nobody")),
            "Service account nobody@acme-ml.iam.gserviceaccount.com does not exist.",
        ),
        (
            "serviceAccount:other-ml.svc.id.goog[ml/trainer]",
            "Identity Pool does not exist (other-ml.svc.id.goog).",
        ),
        (
            "serviceAccount:acme-ml.svc.id.goog[ml]",
            "Invalid principal",
        ),
        ("allUsers", "invalid argument"),
        ("allAuthenticatedUsers", "invalid argument"),
        ("projectOwner:acme-ml", "invalid argument"),
    ] {
        let answer = set(&client, PROJECT, &[bound("roles/viewer", &[member])]);
        answer.refused(400, "INVALID_ARGUMENT", part);
    }
    let bucket = "/google/storage/storage/v1/b/acme-data/iam";
    let members = ["allUsers", "projectOwner:acme-ml"];
    let body = json!({"bindings": [bound("roles/storage.objectViewer", &members)]});
    client.put(bucket, &body).reply();
}

#[test]
fn deleted_members_are_kept_and_can_be_removed_but_not_added() {
    let sandbox = sandbox();
    let client = owner(&sandbox);
    account(&sandbox, "trainer");
    let member = format!("serviceAccount:{}", email("trainer"));
    set(&client, PROJECT, &[bound("roles/viewer", &[&member])]).reply();
    client
        .delete(&format!("{ACCOUNTS}/{}", email("trainer")))
        .reply();
    let standing = policy(&client, PROJECT);
    let deleted = standing["bindings"][0]["members"][0]
        .as_str()
        .unwrap()
        .to_owned();
    let kept = [bound("roles/viewer", &[&deleted, "user:ana@example.com"])];
    set(&client, PROJECT, &kept).reply();
    set(
        &client,
        PROJECT,
        &[bound("roles/viewer", &["user:ana@example.com"])],
    )
    .reply();
    set(&client, PROJECT, &kept).refused(400, "INVALID_ARGUMENT", "cannot be added");
}

#[test]
fn conditions_are_refused_where_google_refuses_them() {
    let sandbox = strict()
        .google_resource("buckets/acme-data")
        .start()
        .unwrap();
    let client = owner(&sandbox);
    let condition = json!({"title": "t", "expression": "true"});
    let with = |role: &str, condition: serde_json::Value| json!({"role": role, "members": ["user:ana@example.com"], "condition": condition});
    for role in ["roles/viewer", "roles/owner"] {
        let answer = set(&client, PROJECT, &[with(role, condition.clone())]);
        answer.refused(400, "INVALID_ARGUMENT", "primitive roles");
    }
    for (condition, part) in [
        (json!({"expression": "true"}), "title"),
        (json!({"title": "t"}), "must not be empty"),
        (
            json!({"title": "t", "expression": "request.time <"}),
            "cannot be parsed",
        ),
        (
            json!({"title": "x".repeat(101), "expression": "true"}),
            "title",
        ),
    ] {
        let answer = set(
            &client,
            PROJECT,
            &[with("roles/aiplatform.user", condition)],
        );
        answer.refused(400, "INVALID_ARGUMENT", part);
    }
    let public = json!({
        "version": 3,
        "bindings": [{
            "role": "roles/storage.objectViewer", "members": ["allUsers"], "condition": condition,
        }],
    });
    let answer = client.put("/google/storage/storage/v1/b/acme-data/iam", &public);
    assert_eq!(answer.code, 400);
    assert!(
        answer.json()["error"]["message"]
            .as_str()
            .unwrap()
            .contains("allUsers")
    );
}

#[test]
fn linting_a_condition_always_answers() {
    let sandbox = sandbox();
    let client = owner(&sandbox);
    let lint = |condition: serde_json::Value| {
        let body = json!({"condition": condition});
        client
            .post("/google/iam/v1/iamPolicies:lintPolicy", &body)
            .reply()
    };
    assert_eq!(
        lint(json!({"title": "t", "expression": "request.time < timestamp('x')"})),
        json!({})
    );
    let found = lint(json!({"title": "t", "expression": "request.time <"}));
    assert_eq!(found["lintResults"][0]["severity"], "ERROR");
    assert_eq!(found["lintResults"][0]["fieldName"], "condition.expression");
}
