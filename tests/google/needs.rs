//! `plan --needs` of a stack with assertions: with exactly that they are told, without any of it not.

use std::collections::BTreeMap;

use rbacform_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::stage::Stage;

const CI: &str = "user:ci@example.com";
const OTHER: &str = "projects/acme-other";

const ASSERTED: &str = r#"
[[assert]]
name = "eve reads nothing there"
subject = "user:eve@example.com"
cannot = ["storage.objects.get"]
resource = "projects/acme-other/buckets/models"

[[assert]]
name = "nor does the robot"
subject = "serviceAccount:robot-one@acme-other.iam.gserviceaccount.com"
cannot = ["storage.objects.get"]
resource = "projects/acme-other/buckets/models"
"#;

/// One permission on one resource.
type Atom = (String, String);

/// Grants somebody exactly these, by a role of the other project's for each.
fn grant(stage: &Stage, atoms: &[Atom]) {
    for (index, (resource, permission)) in atoms.iter().enumerate() {
        let role = format!("{OTHER}/roles/one{index}");
        let body = json!({"roleId": format!("one{index}"), "role": {
            "title": "one", "stage": "GA", "includedPermissions": [permission],
        }});
        let path = format!("iam/v1/{OTHER}/roles");
        stage.google.done("POST", &path, Some(&body));
        stage.google.grant(resource, &role, CI);
    }
}

fn statuses(stage: &Stage) -> Vec<Value> {
    let plan = stage
        .run(&["plan", "stacks/main", "--json"])
        .exits(0)
        .json();
    let assertions = plan["assertions"].as_array().unwrap().iter();
    assertions.map(|it| it["status"].clone()).collect()
}

#[test]
fn what_assertions_read_is_needed_all_of_it() {
    let stage = Stage::of(Sandbox::builder().google_identity("token-of-ci", CI, &[]));
    stage.google.make_account("acme-other", "robot-one");
    // What it holds only the role itself tells, and it holds nothing of buckets.
    let role = json!({"roleId": "mystery", "role": {
        "title": "?", "stage": "GA", "includedPermissions": ["pubsub.topics.get"],
    }});
    let roles = format!("iam/v1/{OTHER}/roles");
    stage.google.done("POST", &roles, Some(&role));
    let mystery = format!("{OTHER}/roles/mystery");
    stage.google.grant(OTHER, &mystery, "user:eve@example.com");
    stage.stack(ASSERTED);
    let needs = ["plan", "stacks/main", "--needs", "--json"];
    let needs = stage.run(&needs).exits(0).json();
    let needs: BTreeMap<String, Vec<String>> =
        serde_json::from_value(needs["gcp"].clone()).unwrap();
    let robot = format!("{OTHER}/serviceAccounts/robot-one@acme-other.iam.gserviceaccount.com");
    assert_eq!(
        json!(needs),
        json!({
            "buckets/models": ["storage.buckets.getIamPolicy"],
            (OTHER): [
                "iam.roles.get",
                "resourcemanager.projects.get",
                "resourcemanager.projects.getIamPolicy",
            ],
            (robot): ["iam.serviceAccounts.get"],
        })
    );
    let atoms: Vec<Atom> = needs
        .iter()
        .flat_map(|(resource, all)| all.iter().map(|one| (resource.clone(), one.clone())))
        .collect();
    grant(&stage, &atoms);
    stage.log_in("token-of-ci");
    assert_eq!(statuses(&stage), ["pass", "pass"]);
    for (index, (resource, permission)) in atoms.iter().enumerate() {
        let role = format!("{OTHER}/roles/one{index}");
        stage.google.revoke(resource, &role, CI);
        let told = statuses(&stage);
        assert!(
            told.contains(&json!("cannot_tell")),
            "{permission}: {told:?}"
        );
        stage.google.grant(resource, &role, CI);
    }
}
