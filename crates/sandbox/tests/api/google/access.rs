//! Who may do what.

use std::time::Duration;

use serde_json::json;

use super::client::{
    ACCOUNTS, PROJECT, account, bearer, bound, conditional, email, owner, policy, set, strict,
};

const ANA: &str = "user:ana@example.com";

fn sandbox() -> rbacform_sandbox::SandboxBuilder {
    strict().google_identity("token-ana", ANA, &["group:ml@example.com"])
}

#[test]
fn whoever_has_a_name_needs_a_grant() {
    let sandbox = sandbox().start().unwrap();
    let ana = bearer(&sandbox, "token-ana");
    let refused = ana.get(PROJECT);
    refused.refused(
        403,
        "PERMISSION_DENIED",
        "'resourcemanager.projects.get' denied on resource",
    );
    let info = &refused.json()["error"]["details"][0];
    assert_eq!(info["reason"], "IAM_PERMISSION_DENIED");
    assert_eq!(
        info["metadata"]["permission"],
        "resourcemanager.projects.get"
    );
    let create = json!({"accountId": "trainer"});
    ana.post(ACCOUNTS, &create)
        .refused(403, "PERMISSION_DENIED", "iam.serviceAccounts.create");
    set(&ana, PROJECT, &[]).refused(403, "PERMISSION_DENIED", "projects.setIamPolicy");

    for member in [ANA, "group:ml@example.com", "domain:example.com"] {
        let bindings = [bound("roles/viewer", &[member])];
        set(&owner(&sandbox), PROJECT, &bindings).reply();
        assert_eq!(ana.get(PROJECT).code, 200, "{member}");
    }
    bearer(&sandbox, "unknown")
        .get(PROJECT)
        .refused(401, "UNAUTHENTICATED", "credentials");
}

#[test]
fn a_project_grants_what_is_in_it() {
    let sandbox = sandbox().start().unwrap();
    account(&sandbox, "trainer");
    let ana = bearer(&sandbox, "token-ana");
    let path = format!("{ACCOUNTS}/{}", email("trainer"));
    assert_eq!(ana.get(&path).code, 403);
    set(
        &owner(&sandbox),
        &path,
        &[bound("roles/iam.serviceAccountAdmin", &[ANA])],
    )
    .reply();
    assert_eq!(ana.get(&path).code, 200, "by its own policy");
    set(&owner(&sandbox), &path, &[]).reply();
    set(
        &owner(&sandbox),
        PROJECT,
        &[bound("roles/iam.serviceAccountAdmin", &[ANA])],
    )
    .reply();
    assert_eq!(ana.get(&path).code, 200, "by its project's");
    ana.post(ACCOUNTS, &json!({"accountId": "by-ana"})).reply();
}

#[test]
fn permissions_are_tested_for_the_caller() {
    let sandbox = sandbox().start().unwrap();
    set(&owner(&sandbox), PROJECT, &[bound("roles/viewer", &[ANA])]).reply();
    let ask = json!({"permissions": [
        "resourcemanager.projects.get", "resourcemanager.projects.setIamPolicy",
    ]});
    let test = format!("{PROJECT}:testIamPermissions");
    let held = bearer(&sandbox, "token-ana").post(&test, &ask).reply();
    assert_eq!(
        held,
        json!({"permissions": ["resourcemanager.projects.get"]})
    );
    assert_eq!(owner(&sandbox).post(&test, &ask).reply(), ask);
    account(&sandbox, "trainer");
    let on_account = format!("{ACCOUNTS}/{}:testIamPermissions", email("trainer"));
    for (test, permission) in [
        (&test, "storage.*"),
        (&test, "resourcemanager.projects.gett"),
        (&on_account, "resourcemanager.projects.get"),
    ] {
        let ask = json!({"permissions": [permission]});
        owner(&sandbox)
            .post(test, &ask)
            .refused(400, "INVALID_ARGUMENT", permission);
    }
}

#[test]
fn who_comes_without_a_token_can_be_somebody_with_a_name() {
    let sandbox = strict().google_caller(ANA, &[]).start().unwrap();
    let ana = owner(&sandbox);
    assert_eq!(ana.get(PROJECT).code, 403);
    let owner = bearer(&sandbox, sandbox.admin_token());
    set(&owner, PROJECT, &[bound("roles/viewer", &[ANA])]).reply();
    assert_eq!(ana.get(PROJECT).code, 200);
}

#[test]
fn what_is_granted_above_a_project_counts_in_it() {
    let sandbox = sandbox()
        .google_parent("projects/acme-ml", "folders/17")
        .google_parent("folders/17", "organizations/4")
        .start()
        .unwrap();
    let ana = bearer(&sandbox, "token-ana");
    assert_eq!(ana.get(PROJECT).code, 403);
    let organization = "/google/cloudresourcemanager/v3/organizations/4";
    set(
        &owner(&sandbox),
        organization,
        &[bound("roles/viewer", &[ANA])],
    )
    .reply();
    assert_eq!(ana.get(PROJECT).reply()["parent"], "folders/17");
    let v1 = "/google/cloudresourcemanager/v1/projects/acme-ml";
    let parent = &ana.get(v1).reply()["parent"];
    assert_eq!(*parent, json!({"type": "folder", "id": "17"}));
    let ancestry = ana.post(&format!("{v1}:getAncestry"), &json!({})).reply();
    let ids = ancestry["ancestor"].as_array().unwrap().iter();
    let ids: Vec<&str> = ids
        .map(|it| it["resourceId"]["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["acme-ml", "17", "4"]);
}

#[test]
fn conditions_and_custom_roles_decide() {
    let sandbox = sandbox().start().unwrap();
    let owner = owner(&sandbox);
    let roles = super::client::ROLES;
    let role = json!({"includedPermissions": ["resourcemanager.projects.get"]});
    owner
        .post(roles, &json!({"roleId": "reader", "role": role}))
        .reply();
    let name = "projects/acme-ml/roles/reader";
    let until = jiff_in(3600);
    let expression = format!("request.time < timestamp('{until}')");
    set(&owner, PROJECT, &[conditional(name, &[ANA], &expression)]).reply();
    let ana = bearer(&sandbox, "token-ana");
    assert_eq!(ana.get(PROJECT).code, 200);
    owner.delete(&format!("{roles}/reader")).reply();
    assert_eq!(ana.get(PROJECT).code, 403, "a deleted role has no effect");
    owner
        .post(&format!("{roles}/reader:undelete"), &json!({}))
        .reply();
    assert_eq!(ana.get(PROJECT).code, 200);
    sandbox.advance_google_clock(Duration::from_secs(3600));
    assert_eq!(ana.get(PROJECT).code, 403, "the condition has ended");
}

fn jiff_in(seconds: i64) -> String {
    (jiff::Timestamp::now() + jiff::SignedDuration::from_secs(seconds)).to_string()
}

#[test]
fn a_policy_is_read_at_once_and_takes_effect_after_the_window() {
    let window = Duration::from_secs(120);
    let sandbox = sandbox().google_propagation(window).start().unwrap();
    let owner = owner(&sandbox);
    let ana = bearer(&sandbox, "token-ana");
    set(&owner, PROJECT, &[bound("roles/viewer", &[ANA])]).reply();
    assert_eq!(
        policy(&owner, PROJECT)["bindings"][0]["members"],
        json!([ANA])
    );
    assert_eq!(ana.get(PROJECT).code, 403);
    sandbox.advance_google_clock(window);
    assert_eq!(ana.get(PROJECT).code, 200);
    set(&owner, PROJECT, &[]).reply();
    assert_eq!(ana.get(PROJECT).code, 200, "what was revoked lives on");
    sandbox.advance_google_clock(window);
    assert_eq!(ana.get(PROJECT).code, 403);
}

#[test]
fn lists_show_what_the_caller_may_see() {
    let sandbox = sandbox()
        .google_resource("projects/acme-web")
        .start()
        .unwrap();
    let ana = bearer(&sandbox, "token-ana");
    let projects = "/google/cloudresourcemanager/v3/projects:search";
    assert_eq!(ana.get(projects).reply(), json!({}));
    set(&owner(&sandbox), PROJECT, &[bound("roles/viewer", &[ANA])]).reply();
    let seen = ana.get(projects).reply();
    assert_eq!(seen["projects"].as_array().unwrap().len(), 1);
}
