//! Custom roles and Google's own.

use std::time::Duration;

use serde_json::{Value, json};

use super::client::{PROJECT, ROLES, bound, owner, policy, sandbox, set};
use crate::client::{Answer, Client};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn create(client: &Client<'_>, id: &str, role: Value) -> Answer {
    client.post(ROLES, &json!({"roleId": id, "role": role}))
}

fn patch(client: &Client<'_>, path: &str, role: &Value) -> Answer {
    client.send("PATCH", path, "application/json", Some(role))
}

fn predictor() -> Value {
    json!({
        "title": "Predictor", "description": "d", "stage": "GA",
        "includedPermissions": ["aiplatform.endpoints.predict"],
    })
}

#[test]
fn a_custom_role_is_created_read_and_listed() {
    let sandbox = sandbox();
    let client = owner(&sandbox);
    let made = create(&client, "predictor", predictor()).reply();
    assert_eq!(made["name"], "projects/acme-ml/roles/predictor");
    assert_eq!(client.get(&format!("{ROLES}/predictor")).reply(), made);
    let basic = client.get(ROLES).reply();
    assert!(
        basic["roles"][0].get("includedPermissions").is_none(),
        "{basic}"
    );
    let full = client.get(&format!("{ROLES}?view=FULL")).reply();
    assert_eq!(full["roles"], json!([made]));
    create(&client, "predictor", predictor()).refused(409, "ALREADY_EXISTS", "predictor");
    let missing = client.get(&format!("{ROLES}/nothing"));
    missing.refused(
        404,
        "NOT_FOUND",
        "The role named projects/acme-ml/roles/nothing was not found.",
    );
}

#[test]
fn organizations_have_roles_too() {
    let sandbox = sandbox();
    let client = owner(&sandbox);
    let roles = "/google/iam/v1/organizations/123/roles";
    let made = client
        .post(roles, &json!({"roleId": "predictor", "role": predictor()}))
        .reply();
    assert_eq!(made["name"], "organizations/123/roles/predictor");
    assert_eq!(client.get(ROLES).reply(), json!({}), "and each its own");
}

#[test]
fn the_stage_alpha_is_left_out() {
    let sandbox = sandbox();
    let client = owner(&sandbox);
    for (id, role) in [("none", json!({})), ("alpha", json!({"stage": "ALPHA"}))] {
        assert!(
            create(&client, id, role).reply().get("stage").is_none(),
            "{id}"
        );
    }
    assert_eq!(
        create(&client, "beta", json!({"stage": "BETA"})).reply()["stage"],
        "BETA"
    );
    create(&client, "gamma", json!({"stage": "GAMMA"})).refused(400, "INVALID_ARGUMENT", "stage");
}

#[test]
fn a_patch_changes_what_the_mask_names() {
    let sandbox = sandbox();
    let client = owner(&sandbox);
    let made = create(&client, "predictor", predictor()).reply();
    let path = format!("{ROLES}/predictor");
    let change = json!({"title": "New", "description": "not in the mask", "etag": made["etag"]});
    let patched = patch(&client, &format!("{path}?updateMask=title"), &change).reply();
    assert_eq!(
        (&patched["title"], &patched["description"]),
        (&json!("New"), &json!("d"))
    );
    assert_ne!(patched["etag"], made["etag"]);
    let stale = patch(&client, &format!("{path}?updateMask=title"), &change);
    stale.refused(409, "ABORTED", "concurrent");
    let emptied = patch(
        &client,
        &format!("{path}?updateMask=includedPermissions"),
        &json!({}),
    );
    assert!(emptied.reply().get("includedPermissions").is_none());
    let wrong = patch(&client, &format!("{path}?updateMask=colour"), &json!({}));
    wrong.refused(400, "INVALID_ARGUMENT", "colour");
    let unknown = json!({"includedPermissions": ["aiplatform.models.fly"]});
    let refused = patch(
        &client,
        &format!("{path}?updateMask=included_permissions"),
        &unknown,
    );
    refused.refused(
        400,
        "INVALID_ARGUMENT",
        "Permission aiplatform.models.fly is not valid.",
    );
}

#[test]
fn ids_and_sizes_are_limited() {
    let sandbox = sandbox();
    let client = owner(&sandbox);
    for id in ["", "ab", "a-b-c", &"x".repeat(65)] {
        create(&client, id, json!({})).refused(400, "INVALID_ARGUMENT", "role_id");
    }
    for (field, length) in [("title", 101), ("description", 301)] {
        let role = json!({field: "x".repeat(length)});
        create(&client, "long", role).refused(400, "INVALID_ARGUMENT", field);
    }
}

#[test]
fn a_deleted_role_is_shown_on_request_and_comes_back_within_seven_days() {
    let sandbox = sandbox();
    let client = owner(&sandbox);
    create(&client, "predictor", predictor()).reply();
    let path = format!("{ROLES}/predictor");
    let name = "projects/acme-ml/roles/predictor";
    set(&client, PROJECT, &[bound(name, &["user:ana@example.com"])]).reply();
    assert_eq!(client.delete(&path).reply()["deleted"], true);
    assert_eq!(client.get(ROLES).reply(), json!({}));
    let shown = client.get(&format!("{ROLES}?showDeleted=true")).reply();
    assert_eq!(shown["roles"][0]["deleted"], true);
    assert_eq!(client.get(&path).reply()["deleted"], true);

    client
        .delete(&path)
        .refused(400, "FAILED_PRECONDITION", "already deleted");
    patch(&client, &path, &json!({"title": "x"})).refused(400, "FAILED_PRECONDITION", "deleted");
    let taken = create(&client, "predictor", predictor());
    taken.refused(400, "FAILED_PRECONDITION", "in a deleted state");
    let bindings = [bound(
        name,
        &["user:ana@example.com", "user:bo@example.com"],
    )];
    set(&client, PROJECT, &bindings).reply();
    set(&client, PROJECT, &[]).reply();
    set(&client, PROJECT, &bindings).refused(400, "INVALID_ARGUMENT", "does not exist");

    sandbox.advance_google_clock(DAY * 6);
    let back = client.post(&format!("{path}:undelete"), &json!({})).reply();
    assert!(back.get("deleted").is_none(), "{back}");
    client
        .post(&format!("{path}:undelete"), &json!({}))
        .refused(400, "FAILED_PRECONDITION", "not in a deleted state");
    set(&client, PROJECT, &bindings).reply();
}

#[test]
fn a_purged_role_takes_its_bindings_and_frees_its_id_after_37_days() {
    let sandbox = sandbox();
    let client = owner(&sandbox);
    create(&client, "predictor", predictor()).reply();
    let path = format!("{ROLES}/predictor");
    let name = "projects/acme-ml/roles/predictor";
    let bindings = [
        bound(name, &["user:ana@example.com"]),
        bound("roles/viewer", &["user:ana@example.com"]),
    ];
    set(&client, PROJECT, &bindings).reply();
    client.delete(&path).reply();
    sandbox.advance_google_clock(DAY * 7);
    assert_eq!(policy(&client, PROJECT)["bindings"], json!([bindings[1]]));
    assert_eq!(client.get(&path).code, 404);
    assert_eq!(
        client.post(&format!("{path}:undelete"), &json!({})).code,
        404
    );
    create(&client, "predictor", predictor()).refused(400, "FAILED_PRECONDITION", "deleted state");
    sandbox.advance_google_clock(DAY * 30);
    create(&client, "predictor", predictor()).reply();
}

#[test]
fn three_hundred_roles_are_enough_and_deleted_ones_count() {
    let sandbox = sandbox();
    let client = owner(&sandbox);
    for number in 0..300 {
        create(&client, &format!("role{number}"), json!({})).reply();
    }
    client.delete(&format!("{ROLES}/role0")).reply();
    let full = create(&client, "more", json!({}));
    full.refused(
        429,
        "RESOURCE_EXHAUSTED",
        "Maximum number of roles reached. Maximum is: 300",
    );
    sandbox.advance_google_clock(DAY * 7);
    create(&client, "more", json!({})).reply();
}

#[test]
fn predefined_roles_are_read_by_view() {
    let sandbox = sandbox();
    let client = owner(&sandbox);
    let roles = "/google/iam/v1/roles";
    let one = client.get(&format!("{roles}/ml.developer")).reply();
    assert_eq!(one["includedPermissions"], json!(["ml.models.get"]));
    assert_eq!(one["etag"], "AA==");
    let page = client.get(&format!("{roles}?pageSize=3")).reply();
    assert_eq!(page["roles"].as_array().unwrap().len(), 3);
    assert!(page["roles"][0].get("includedPermissions").is_none());
    let next = page["nextPageToken"].as_str().unwrap();
    let rest = client
        .get(&format!("{roles}?view=FULL&pageToken={next}"))
        .reply();
    assert!(rest["roles"][0].get("includedPermissions").is_some());
    assert_eq!(client.get(&format!("{roles}/no.such")).code, 404);
}

#[test]
fn grantable_roles_and_testable_permissions_are_those_of_the_resource() {
    let sandbox = sandbox();
    let client = owner(&sandbox);
    let names = |resource: &str| -> Vec<String> {
        let body = json!({"fullResourceName": resource});
        let reply = client
            .post("/google/iam/v1/roles:queryGrantableRoles", &body)
            .reply();
        let roles = reply["roles"].as_array().unwrap().clone();
        roles
            .iter()
            .map(|role| role["name"].as_str().unwrap().to_owned())
            .collect()
    };
    let model = "//aiplatform.googleapis.com/projects/acme-ml/locations/us-central1/models/7";
    assert_eq!(names(model), ["roles/aiplatform.user"]);
    let project = names("//cloudresourcemanager.googleapis.com/projects/acme-ml");
    assert!(project.contains(&"roles/ml.developer".to_owned()));
    // gcloud makes the name of the endpoint that it was pointed at.
    assert_eq!(
        names("//127.0.0.1:8/google/cloudresourcemanager/projects/acme-ml"),
        project
    );
    let body = json!({"fullResourceName": model});
    let reply = client
        .post("/google/iam/v1/permissions:queryTestablePermissions", &body)
        .reply();
    assert_eq!(reply["permissions"][0]["name"], "aiplatform.models.get");
    let body = json!({"fullResourceName": "projects/acme-ml"});
    let wrong = client.post("/google/iam/v1/roles:queryGrantableRoles", &body);
    wrong.refused(400, "INVALID_ARGUMENT", "full resource name");
}

#[test]
fn without_a_table_predefined_roles_are_not_modelled_but_taken() {
    let sandbox = rbacform_sandbox::Sandbox::builder().start().unwrap();
    let client = owner(&sandbox);
    let answer = client.get("/google/iam/v1/roles/viewer");
    answer.refused(501, "UNIMPLEMENTED", "sandbox:");
    let bindings = [bound("roles/any.thing", &["user:ana@example.com"])];
    set(&client, PROJECT, &bindings).reply();
}
