//! Every sort of resource with a policy.

use rbacform_sandbox::{OnFirstUse, Sandbox};
use serde_json::{Value, json};

use super::client::{bound, conditional, owner, sandbox, strict, table};
use crate::client::{Answer, Client};

/// A resource, the path its policy is behind, the method that reads it, and a role for it.
const TARGETS: [(&str, &str, &str, &str); 10] = [
    (
        "folders/12",
        "cloudresourcemanager/v3/folders/12",
        "POST",
        "roles/viewer",
    ),
    (
        "organizations/34",
        "cloudresourcemanager/v3/organizations/34",
        "POST",
        "roles/viewer",
    ),
    (
        "projects/acme-ml/locations/us-central1/models/7",
        "aiplatform/v1/projects/acme-ml/locations/us-central1/models/7",
        "POST",
        "roles/aiplatform.user",
    ),
    (
        "projects/acme-ml/locations/us-central1/endpoints/42",
        "aiplatform/v1beta1/projects/acme-ml/locations/us-central1/endpoints/42",
        "POST",
        "roles/aiplatform.user",
    ),
    (
        "projects/acme-ml/locations/us-central1/featureGroups/fg",
        "aiplatform/v1/projects/acme-ml/locations/us-central1/featureGroups/fg",
        "POST",
        "roles/aiplatform.user",
    ),
    (
        "projects/acme-ml/locations/us-central1/reasoningEngines/9",
        "aiplatform/v1/projects/acme-ml/locations/us-central1/reasoningEngines/9",
        "POST",
        "roles/aiplatform.user",
    ),
    (
        "projects/acme-ml/locations/us/repositories/images",
        "artifactregistry/v1/projects/acme-ml/locations/us/repositories/images",
        "GET",
        "roles/artifactregistry.reader",
    ),
    (
        "projects/acme-ml/secrets/key",
        "secretmanager/v1/projects/acme-ml/secrets/key",
        "GET",
        "roles/secretmanager.secretAccessor",
    ),
    (
        "projects/acme-ml/topics/events",
        "pubsub/v1/projects/acme-ml/topics/events",
        "GET",
        "roles/pubsub.publisher",
    ),
    (
        "projects/acme-ml/serviceAccounts/trainer@acme-ml.iam.gserviceaccount.com",
        "iam/v1/projects/acme-ml/serviceAccounts/trainer@acme-ml.iam.gserviceaccount.com",
        "POST",
        "roles/iam.workloadIdentityUser",
    ),
];

const BUCKET: &str = "/google/storage/storage/v1/b/acme-data";

fn all() -> Sandbox {
    let names = TARGETS
        .iter()
        .map(|(name, ..)| *name)
        .chain(["buckets/acme-data"]);
    names
        .fold(strict(), |builder, name| builder.google_resource(name))
        .start()
        .unwrap()
}

fn read(client: &Client<'_>, path: &str, method: &str) -> Answer {
    let in_body = path.starts_with("cloudresourcemanager");
    let body = in_body.then(|| json!({"options": {"requestedPolicyVersion": 3}}));
    let query = if in_body {
        ""
    } else {
        "?options.requestedPolicyVersion=3"
    };
    let path = format!("/google/{path}:getIamPolicy{query}");
    client.send(method, &path, "application/json", body.as_ref())
}

fn write(client: &Client<'_>, path: &str, binding: &Value) -> Answer {
    let policy = json!({"version": 3, "bindings": [binding]});
    client.post(
        &format!("/google/{path}:setIamPolicy"),
        &json!({"policy": policy}),
    )
}

#[test]
fn each_has_a_policy_of_its_own() {
    let sandbox = all();
    let client = owner(&sandbox);
    for (_, path, method, role) in TARGETS {
        assert_eq!(
            read(&client, path, method).reply(),
            json!({"etag": "ACAB"}),
            "{path}"
        );
        let written = write(&client, path, &bound(role, &["user:ana@example.com"])).reply();
        assert_eq!(read(&client, path, method).reply(), written, "{path}");
        let test = format!("/google/{path}:testIamPermissions");
        let ask = |permission: &str| match path.starts_with("aiplatform") {
            true => client.post(&format!("{test}?permissions={permission}"), &json!({})),
            false => client.post(&test, &json!({"permissions": [permission]})),
        };
        // A role means something there by one of its permissions; the owner has it.
        let held = &table()[role];
        let mut tested = held.iter().map(|permission| (permission, ask(permission)));
        let (permission, tested) = tested.find(|(_, tested)| tested.code == 200).unwrap();
        assert_eq!(tested.json(), json!({"permissions": [permission]}));
        let other = if method == "GET" { "POST" } else { "GET" };
        assert_ne!(read(&client, path, other).code, 200, "{other} {path}");
    }
}

#[test]
fn each_takes_the_roles_that_mean_something_there() {
    let sandbox = all();
    let client = owner(&sandbox);
    for (_, path, _, _) in TARGETS
        .iter()
        .filter(|(_, path, ..)| !path.starts_with("cloud"))
    {
        for role in ["roles/ml.developer", "roles/container.clusterViewer"] {
            let answer = write(&client, path, &bound(role, &["user:ana@example.com"]));
            let text = format!("Role {role} is not supported for this resource.");
            answer.refused(400, "INVALID_ARGUMENT", &text);
        }
        let answer = write(
            &client,
            path,
            &bound("roles/no.such", &["user:ana@example.com"]),
        );
        answer.refused(
            400,
            "INVALID_ARGUMENT",
            "Role (roles/no.such) does not exist",
        );
    }
}

#[test]
fn conditions_stand_where_the_service_has_them() {
    let sandbox = all();
    let client = owner(&sandbox);
    for (_, path, _, role) in TARGETS
        .iter()
        .filter(|(_, path, ..)| !path.starts_with("cloud"))
    {
        let binding = conditional(
            role,
            &["user:ana@example.com"],
            "request.time < timestamp('x')",
        );
        let answer = write(&client, path, &binding);
        match path.contains("featureGroups") {
            true => answer.refused(400, "INVALID_ARGUMENT", "Conditions are not supported"),
            false => assert_eq!(answer.reply()["version"], 3),
        }
    }
}

#[test]
fn masks_and_audit_configs_are_for_those_who_have_them() {
    let sandbox = all();
    let client = owner(&sandbox);
    let audit = json!([{"service": "allServices", "auditLogConfigs": [{"logType": "DATA_READ"}]}]);
    for (_, path, _, _) in TARGETS {
        let has_them = !["aiplatform", "artifact", "pubsub"]
            .iter()
            .any(|p| path.starts_with(p));
        let send = |body: Value| client.post(&format!("/google/{path}:setIamPolicy"), &body);
        let masked = send(json!({"policy": {"auditConfigs": audit}, "updateMask": "auditConfigs"}));
        let unmasked = send(json!({"policy": {"auditConfigs": audit}}));
        if has_them {
            assert_eq!(masked.reply()["auditConfigs"], audit, "{path}");
            unmasked.reply();
        } else {
            masked.refused(400, "INVALID_ARGUMENT", "Unknown name \"updateMask\"");
            unmasked.refused(400, "INVALID_ARGUMENT", "Unknown name \"auditConfigs\"");
        }
    }
}

#[test]
fn what_does_not_exist_has_no_policy() {
    let sandbox = sandbox();
    let client = owner(&sandbox);
    for (name, path, method, role) in TARGETS {
        let code = if path.starts_with("cloud") { 403 } else { 404 };
        assert_eq!(read(&client, path, method).code, code, "{name}");
        let written = write(&client, path, &bound(role, &["user:ana@example.com"]));
        assert_eq!(written.code, code, "{name}");
    }
    assert_eq!(client.get(&format!("{BUCKET}/iam")).code, 404);
}

#[test]
fn endpoints_have_their_policy_in_v1beta1_alone() {
    let sandbox = all();
    let client = owner(&sandbox);
    let path = "aiplatform/v1/projects/acme-ml/locations/us-central1/endpoints/42";
    read(&client, path, "POST").refused(404, "NOT_FOUND", "Method not found");
    let shown = client.get(&format!("/google/{path}")).reply();
    assert!(
        shown["name"]
            .as_str()
            .unwrap()
            .ends_with("/locations/us-central1/endpoints/42")
    );
}

#[test]
fn a_bucket_has_its_own_spelling_and_its_own_conflict() {
    let sandbox = all();
    let client = owner(&sandbox);
    let iam = format!("{BUCKET}/iam?optionsRequestedPolicyVersion=3");
    let fresh = client.get(&iam).reply();
    assert_eq!(fresh["kind"], "storage#policy");
    assert_eq!(fresh["resourceId"], "projects/_/buckets/acme-data");
    let mut policy = fresh.clone();
    policy["version"] = json!(3);
    policy["bindings"] = json!([conditional(
        "roles/storage.objectViewer",
        &["allAuthenticatedUsers2"],
        "true"
    )]);
    policy["bindings"][0]["members"] = json!(["user:ana@example.com"]);
    let path = format!("{BUCKET}/iam");
    let written = client.put(&path, &policy).reply();
    assert_eq!(client.get(&iam).reply(), written);
    let stale = client.put(&path, &policy);
    assert_eq!(stale.code, 412);
    assert_eq!(
        stale.json()["error"]["errors"][0]["reason"],
        "conditionNotMet"
    );
    assert_eq!(client.get(&path).code, 400, "conditions need version 3");
    let tested = client.get(&format!(
        "{BUCKET}/iam/testPermissions?permissions=storage.objects.list&permissions=storage.objects.get"
    ));
    let held = json!(["storage.objects.list", "storage.objects.get"]);
    assert_eq!(tested.reply()["permissions"], held);
    assert_eq!(client.get(BUCKET).reply()["name"], "acme-data");
    // Below an override the path may begin after the version, or hold it twice.
    for base in [
        "/google/storage/b/acme-data",
        "/google/storage/v1/b/acme-data",
    ] {
        assert_eq!(client.get(base).code, 200, "{base}");
    }
}

#[test]
fn first_use_creates_what_it_is_told_to() {
    let bucket = "/google/storage/storage/v1/b/acme-data/iam";
    let project = "/google/cloudresourcemanager/v3/projects/brand-new";
    for (what, project_code, bucket_code) in [
        (OnFirstUse::Refuse, 403, 404),
        (OnFirstUse::CreateProjects, 200, 404),
        (OnFirstUse::CreateAll, 200, 200),
    ] {
        let sandbox = Sandbox::builder()
            .google_on_first_use(what)
            .start()
            .unwrap();
        let client = owner(&sandbox);
        assert_eq!(client.get(project).code, project_code, "{what:?}");
        assert_eq!(client.get(bucket).code, bucket_code, "{what:?}");
        let nobody =
            "/google/iam/v1/projects/brand-new/serviceAccounts/x@y.iam.gserviceaccount.com";
        assert_eq!(client.get(nobody).code, 404, "{what:?}");
    }
}

#[test]
fn resources_are_named_while_it_runs_and_by_the_calls_that_create_them() {
    let sandbox = sandbox();
    let client = owner(&sandbox);
    for (name, path, method, _) in TARGETS {
        sandbox.google_resource(name).unwrap();
        sandbox.google_resource(name).unwrap();
        assert_eq!(read(&client, path, method).code, 200, "{name}");
    }
    for wrong in [
        "",
        "acme-ml",
        "projects/UPPER",
        "projects/acme-ml/models/7",
        "roles/viewer",
    ] {
        let error = sandbox.google_resource(wrong).unwrap_err();
        assert!(error.to_string().contains(&format!("`{wrong}`")), "{error}");
    }
    let buckets = "/google/storage/storage/v1/b?project=acme-ml";
    client.post(buckets, &json!({"name": "made"})).reply();
    assert_eq!(client.get("/google/storage/storage/v1/b/made").code, 200);
    let secrets = "/google/secretmanager/v1/projects/acme-ml/secrets";
    client
        .post(&format!("{secrets}?secretId=made"), &json!({}))
        .reply();
    assert_eq!(client.get(&format!("{secrets}/made")).code, 200);
    let topic = "/google/pubsub/v1/projects/acme-ml/topics/made";
    client.put(topic, &json!({})).reply();
    client
        .put(topic, &json!({}))
        .refused(409, "ALREADY_EXISTS", "exists");
}

#[test]
fn what_is_not_modelled_says_so() {
    let sandbox = sandbox();
    let client = owner(&sandbox);
    for path in [
        "/google/iam/v2/policies/x",
        "/google/nothing/v1/x",
        "/google/compute/v1/projects",
    ] {
        let answer = client.get(path);
        answer.refused(501, "UNIMPLEMENTED", "sandbox:");
    }
}
