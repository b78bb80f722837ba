//! The request contract, as exact numbers: ask Google as little as the question allows.

use std::fmt::Write as _;

use serde_json::json;

use crate::stage::Stage;

fn grants(resource: &str, name: &str, number: usize) -> String {
    let mut stack = String::new();
    for nth in 0..number {
        writeln!(
            stack,
            "[gcp.iam_member.{name}{nth}]\nresource = \"{resource}\"\n\
             role = \"roles/aiplatform.user\"\nmember = \"user:u{nth}@example.com\""
        )
        .unwrap();
    }
    stack
}

/// A pinned project is asked for its number no more.
fn pinned(stage: &Stage) {
    stage.applied("[gcp.iam_member.first]\nresource = \"projects/acme-ml\"\nrole = \"roles/viewer\"\nmember = \"user:first@example.com\"\n");
}

#[test]
fn a_thousand_members_of_one_policy_are_one_read() {
    let stage = Stage::new();
    pinned(&stage);
    stage.stack(&grants("projects/acme-ml", "m", 1_000));
    let planned = stage.requests(|| {
        stage.repo.plan();
    });
    assert_eq!(
        planned,
        json!({
            "cloudresourcemanager.projects.getIamPolicy": 1,
            // May we set it?
            "cloudresourcemanager.projects.testIamPermissions": 1,
        })
    );
    let applied = stage.requests(|| {
        stage.repo.apply();
    });
    assert_eq!(
        applied,
        json!({
            "cloudresourcemanager.projects.getIamPolicy": 2,
            "cloudresourcemanager.projects.setIamPolicy": 1,
            "cloudresourcemanager.projects.testIamPermissions": 1,
        })
    );
    let settled = stage.requests(|| stage.repo.is_settled());
    assert_eq!(
        settled,
        json!({"cloudresourcemanager.projects.getIamPolicy": 1})
    );
    let drifted = stage.requests(|| stage.repo.has_no_drift());
    assert_eq!(drifted, settled);
    assert_eq!(
        stage
            .google
            .members("projects/acme-ml", "roles/aiplatform.user")
            .len(),
        1_000
    );
}

#[test]
fn only_changed_policies_are_written() {
    let stage = Stage::new();
    let endpoint = |nth: usize| format!("projects/acme-ml/locations/us-central1/endpoints/e{nth}");
    let stack = |members: [usize; 4]| {
        let parts = members.into_iter().enumerate();
        parts
            .map(|(nth, number)| grants(&endpoint(nth), &format!("e{nth}_"), number))
            .collect::<String>()
    };
    stage.applied(&stack([5, 5, 5, 5]));
    stage.stack(&stack([5, 7, 5, 3]));
    let applied = stage.requests(|| {
        stage.repo.apply();
    });
    assert_eq!(
        applied,
        json!({
            "aiplatform.projects.locations.endpoints.getIamPolicy": 6,
            "aiplatform.projects.locations.endpoints.setIamPolicy": 2,
            "aiplatform.projects.locations.endpoints.testIamPermissions": 2,
        })
    );
}

#[test]
fn accounts_and_roles_are_read_by_one_list() {
    let stage = Stage::new();
    let mut stack = String::new();
    for nth in 0..5 {
        writeln!(
            stack,
            "[gcp.service_account.a{nth}]\naccount_id = \"account-{nth}\"\n\
             [gcp.custom_role.r{nth}]\nrole_id = \"role{nth}\"\ntitle = \"r\"\n\
             permissions = [\"aiplatform.models.get\"]"
        )
        .unwrap();
    }
    stage.stack(&stack);
    let lists = |more: serde_json::Value| {
        let mut all = json!({
            "iam.projects.serviceAccounts.list": 1,
            "iam.projects.roles.list": 1,
        });
        all.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        all
    };
    let planned = stage.requests(|| {
        stage.repo.plan();
    });
    assert_eq!(
        planned,
        lists(json!({
            "cloudresourcemanager.projects.get": 1,
            // May we make accounts and roles?
            "cloudresourcemanager.projects.testIamPermissions": 1,
        }))
    );
    let applied = stage.requests(|| {
        stage.repo.apply();
    });
    assert_eq!(
        applied,
        lists(json!({
            "cloudresourcemanager.projects.get": 1,
            "cloudresourcemanager.projects.testIamPermissions": 1,
            "iam.projects.serviceAccounts.create": 5,
            // Each is seen three times in a row before anybody relies on it.
            "iam.projects.serviceAccounts.get": 15,
            "iam.projects.roles.create": 5,
        }))
    );
    assert_eq!(stage.requests(|| stage.repo.is_settled()), lists(json!({})));
}

#[test]
fn saved_plan_reads_the_world_once() {
    let stage = Stage::new();
    pinned(&stage);
    stage.stack(&grants("projects/acme-ml", "m", 3));
    stage
        .run(&["plan", "stacks/main", "--out", "saved.plan"])
        .exits(0);
    let applied = stage.requests(|| {
        stage.run(&["apply", "saved.plan"]).exits(0);
    });
    assert_eq!(
        applied,
        json!({
            "cloudresourcemanager.projects.getIamPolicy": 2,
            "cloudresourcemanager.projects.setIamPolicy": 1,
            "cloudresourcemanager.projects.testIamPermissions": 1,
        })
    );
}

#[test]
fn saved_plan_stands_what_others_do_on_the_policy() {
    let stage = Stage::new();
    stage.stack(&grants("projects/acme-ml", "m", 3));
    stage
        .run(&["plan", "stacks/main", "--out", "saved.plan"])
        .exits(0);
    stage.google.grant(
        "projects/acme-ml",
        "roles/viewer",
        "user:somebody@example.com",
    );
    stage.run(&["apply", "saved.plan"]).exits(0);
    let others = stage.google.members("projects/acme-ml", "roles/viewer");
    assert_eq!(others, ["user:somebody@example.com"]);
}
