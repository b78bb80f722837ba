//! The preflight at Google: what somebody who may only read is told, and what is not sent.

use rbacform_sandbox::{Effect, Fault, RequestMatch, Sandbox, When};
use serde_json::{Value, json};

use crate::stage::{PROJECT, Stage};

const CI: &str = "user:ci@example.com";
const BUCKET: &str = "buckets/acme-models";
const APPLY: [&str; 3] = ["apply", "stacks/main", "--yes"];
const FORCED: [&str; 4] = ["apply", "stacks/main", "--yes", "--ignore-preflight"];

/// A stage on which rbacform is somebody who may read everything, and write what they are given.
fn as_reader() -> Stage {
    let stage = Stage::of(Sandbox::builder().google_identity("token-of-ci", CI, &[]));
    for role in ["roles/iam.securityReviewer", "roles/browser"] {
        stage.google.grant(PROJECT, role, CI);
    }
    stage.log_in("token-of-ci");
    stage
}

fn grant(name: &str, resource: &str, role: &str) -> String {
    format!(
        "[gcp.iam_member.{name}]\nresource = \"{resource}\"\nrole = \"{role}\"\n\
         member = \"user:ana@example.com\"\n"
    )
}

/// Each address with its verdict and what is missing.
fn told(plan: &Value) -> Value {
    let entries = plan["preflight"].as_array().unwrap().iter();
    entries
        .map(|it| json!([it["address"], it["verdict"], it["missing"]]))
        .collect()
}

#[test]
fn every_change_of_a_policy_that_may_not_be_set_is_told_and_nothing_is_sent() {
    let stage = as_reader();
    stage.google.grant(BUCKET, "roles/storage.admin", CI);
    let stack = grant("one", PROJECT, "roles/viewer")
        + &grant("two", PROJECT, "roles/aiplatform.user")
        + &grant("three", BUCKET, "roles/storage.objectViewer");
    stage.stack(&stack);
    let plan = stage.repo.plan();
    let missing = json!(["resourcemanager.projects.setIamPolicy"]);
    assert_eq!(
        told(&plan),
        json!([
            ["gcp.iam_member.one", "refused", missing],
            ["gcp.iam_member.two", "refused", missing],
        ])
    );
    assert_eq!(
        plan["preflight"][0]["grant"],
        json!([
            "[gcp.iam_member.NAME]",
            "resource = \"projects/acme-ml\"",
            "role = \"roles/resourcemanager.projectIamAdmin\"",
            "member = \"MEMBER\"",
        ])
    );
    let asked = stage.requests(|| {
        let refused = stage.run(&APPLY).exits(5);
        let words = "error[preflight-refused]: 2 changes would be refused, so nothing was begun";
        assert!(refused.stderr.contains(words), "{}", refused.told());
    });
    assert_eq!(
        asked,
        json!({
            "cloudresourcemanager.projects.get": 1,
            "cloudresourcemanager.projects.getIamPolicy": 1,
            "cloudresourcemanager.projects.testIamPermissions": 1,
            "storage.buckets.getIamPolicy": 1,
            "storage.buckets.testIamPermissions": 1,
        })
    );
    // Sent all the same, Google refuses what was foreseen, and takes the rest.
    let ran = stage.run(&[&FORCED[..], &["--json"]].concat()).exits(3);
    let ran = ran.json();
    assert_eq!(ran["done"], json!(["gcp.iam_member.three"]));
    let failed = ran["failed"].as_array().unwrap();
    let failed: Vec<&Value> = failed.iter().map(|it| &it["address"]).collect();
    assert_eq!(failed, ["gcp.iam_member.one", "gcp.iam_member.two"]);
    // What it says to grant is enough.
    let role = "roles/resourcemanager.projectIamAdmin";
    stage.google.grant(PROJECT, role, CI);
    assert_eq!(told(&stage.repo.plan()), json!([]));
    stage.repo.apply();
    stage.repo.is_settled();
}

#[test]
fn where_google_does_not_say_the_apply_goes_ahead() {
    let stage = as_reader();
    stage
        .google
        .grant(PROJECT, "roles/resourcemanager.projectIamAdmin", CI);
    stage.stack(&grant("one", PROJECT, "roles/viewer"));
    stage.sandbox.faults().add(Fault {
        on: RequestMatch::of("testIamPermissions", "cloudresourcemanager.projects"),
        when: When::Always,
        effect: Effect::Status {
            code: 403,
            retry_after: None,
        },
    });
    let plan = stage.repo.plan();
    let missing = json!(["resourcemanager.projects.setIamPolicy"]);
    assert_eq!(
        told(&plan),
        json!([["gcp.iam_member.one", "cannot_tell", missing]])
    );
    stage.run(&APPLY).exits(0);
}

const OWN: &str = r#"
[gcp.service_account.robot]
account_id = "robot-one"
display_name = "NAME"

[gcp.custom_role.reader]
role_id = "reader"
title = "NAME"
permissions = ["aiplatform.models.get"]
"#;

#[test]
fn accounts_and_roles_that_may_not_be_made_are_told() {
    let stage = as_reader();
    stage.stack(&(OWN.to_owned() + &grant("one", PROJECT, "roles/viewer")));
    let plan = stage.repo.plan();
    assert_eq!(
        told(&plan),
        json!([
            ["gcp.custom_role.reader", "refused", ["iam.roles.create"]],
            [
                "gcp.iam_member.one",
                "refused",
                ["resourcemanager.projects.setIamPolicy"]
            ],
            [
                "gcp.service_account.robot",
                "refused",
                ["iam.serviceAccounts.create"]
            ],
        ])
    );
    let asked = stage.requests(|| {
        stage.run(&APPLY).exits(5);
    });
    assert_eq!(
        asked,
        json!({
            "cloudresourcemanager.projects.get": 1,
            "cloudresourcemanager.projects.getIamPolicy": 1,
            // Once for all of it.
            "cloudresourcemanager.projects.testIamPermissions": 1,
            "iam.projects.roles.list": 1,
            "iam.projects.serviceAccounts.list": 1,
        })
    );
    let ran = stage.run(&[&FORCED[..], &["--json"]].concat()).exits(1);
    assert_eq!(ran.json()["failed"].as_array().unwrap().len(), 3);
}

#[test]
fn an_accounts_own_policy_may_give_what_its_projects_does_not() {
    let stage = as_reader();
    let makers = ["roles/iam.serviceAccountAdmin", "roles/iam.roleAdmin"];
    for role in makers {
        stage.google.grant(PROJECT, role, CI);
    }
    stage.applied(OWN);
    for role in makers {
        stage.google.revoke(PROJECT, role, CI);
    }
    stage.stack(&OWN.replace("NAME", "NEW"));
    let robot = "projects/acme-ml/serviceAccounts/robot-one@acme-ml.iam.gserviceaccount.com";
    let role = json!(["gcp.custom_role.reader", "refused", ["iam.roles.update"]]);
    let account = |permission: &str| json!(["gcp.service_account.robot", "refused", [permission]]);
    let plan = stage.repo.plan();
    assert_eq!(
        told(&plan),
        json!([role, account("iam.serviceAccounts.update")])
    );
    // Least: on the account itself.
    let lines = &plan["preflight"][1]["grant"];
    assert_eq!(lines[1], format!("resource = \"{robot}\""));
    assert_eq!(lines[2], "role = \"roles/iam.serviceAccountAdmin\"");
    stage.stack("");
    let plan = stage.repo.plan();
    assert_eq!(plan["preflight"].as_array().unwrap().len(), 2);
    assert_eq!(
        plan["preflight"][1]["missing"],
        json!(["iam.serviceAccounts.delete"])
    );
    stage.google.grant(robot, makers[0], CI);
    stage.stack(&OWN.replace("NAME", "NEW"));
    let asked = stage.requests(|| {
        assert_eq!(told(&stage.repo.plan()), json!([role]));
    });
    assert_eq!(
        asked,
        json!({
            "cloudresourcemanager.projects.testIamPermissions": 1,
            "iam.projects.roles.list": 1,
            "iam.projects.serviceAccounts.list": 1,
            "iam.projects.serviceAccounts.testIamPermissions": 1,
        })
    );
}

const LENT: &str = r#"
[gcp.service_account.robot]
account_id = "robot-one"

[gcp.iam_member.users]
resource = "${gcp.service_account.robot}"
role = "roles/iam.serviceAccountUser"
member = "user:ana@example.com"
"#;

#[test]
fn who_makes_an_account_may_not_set_its_policy_by_that() {
    let stage = as_reader();
    stage
        .google
        .grant(PROJECT, "roles/iam.serviceAccountCreator", CI);
    stage.stack(LENT);
    let missing = json!(["iam.serviceAccounts.setIamPolicy"]);
    let asked = stage.requests(|| {
        let plan = stage.repo.plan();
        assert_eq!(
            told(&plan),
            json!([["gcp.iam_member.users", "refused", missing]])
        );
        // The account is not there yet: whoever is to apply is given it on the project.
        let lines = &plan["preflight"][0]["grant"];
        assert_eq!(lines[1], format!("resource = \"{PROJECT}\""));
    });
    assert_eq!(
        asked,
        json!({
            "cloudresourcemanager.projects.get": 1,
            "cloudresourcemanager.projects.testIamPermissions": 1,
            "iam.projects.serviceAccounts.getIamPolicy": 1,
            "iam.projects.serviceAccounts.list": 1,
        })
    );
    stage.run(&APPLY).exits(5);
    let ran = stage.run(&[&FORCED[..], &["--json"]].concat()).exits(3);
    assert_eq!(ran.json()["done"], json!(["gcp.service_account.robot"]));
    // What it says to grant is enough, also for an account that is still to be made.
    stage
        .google
        .grant(PROJECT, "roles/iam.serviceAccountAdmin", CI);
    stage.stack(&LENT.replace("robot-one", "robot-two"));
    assert_eq!(told(&stage.repo.plan()), json!([]));
    stage.repo.apply();
}

#[test]
fn the_policy_of_an_account_that_comes_back_cannot_be_asked() {
    let stage = as_reader();
    stage
        .google
        .grant(PROJECT, "roles/iam.serviceAccountAdmin", CI);
    let owner = "[gcp.iam_member.NAME]\nresource = \"${gcp.service_account.robot}\"\n\
                 role = \"roles/iam.serviceAccountAdmin\"\nmember = \"user:ci@example.com\"\n"
        .replace("NAME", "ci");
    stage.applied(&format!("{LENT}{owner}"));
    stage.google.done(
        "DELETE",
        "iam/v1/projects/acme-ml/serviceAccounts/robot-one@acme-ml.iam.gserviceaccount.com",
        None,
    );
    stage
        .google
        .revoke(PROJECT, "roles/iam.serviceAccountAdmin", CI);
    stage
        .google
        .grant(PROJECT, "roles/iam.serviceAccountCreator", CI);
    let missing = json!(["iam.serviceAccounts.setIamPolicy"]);
    assert_eq!(
        told(&stage.repo.plan()),
        json!([
            ["gcp.iam_member.ci", "cannot_tell", missing],
            ["gcp.iam_member.users", "cannot_tell", missing],
            [
                "gcp.service_account.robot",
                "refused",
                ["iam.serviceAccounts.undelete"]
            ],
        ])
    );
}
