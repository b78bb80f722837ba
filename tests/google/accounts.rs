//! Service accounts, from their creation to their end.

use serde_json::json;

use crate::stage::{Stage, actions};

const EMAIL: &str = "trainer@acme-ml.iam.gserviceaccount.com";

fn trainer(more: &str) -> String {
    format!("[gcp.service_account.trainer]\naccount_id = \"trainer\"\n{more}")
}

#[test]
fn the_life_of_a_service_account() {
    let stage = Stage::new();
    stage.applied(&trainer("display_name = \"Training jobs\""));
    let made = stage.google.account("acme-ml", EMAIL).unwrap();
    assert_eq!(made["displayName"], "Training jobs");

    stage.stack(&trainer(
        "display_name = \"Trains\"\ndescription = \"nightly\"",
    ));
    let only_update = [("gcp.service_account.trainer".into(), "update".into())];
    assert_eq!(stage.planned(), only_update.clone().into());
    stage.repo.apply();
    stage.repo.is_settled();
    let changed = stage.google.account("acme-ml", EMAIL).unwrap();
    assert_eq!(changed["displayName"], "Trains");
    assert_eq!(changed["description"], "nightly");
    assert_eq!(changed["uniqueId"], made["uniqueId"]);

    stage.stack(&trainer("disabled = true"));
    assert_eq!(stage.planned(), only_update.into());
    stage.repo.apply();
    stage.repo.is_settled();
    let disabled = stage.google.account("acme-ml", EMAIL).unwrap();
    assert_eq!(disabled["disabled"], true);
    stage.applied(&trainer("disabled = false"));
    let enabled = stage.google.account("acme-ml", EMAIL).unwrap();
    assert_ne!(enabled["disabled"], true);

    stage.applied("");
    assert_eq!(stage.google.account("acme-ml", EMAIL), None);
}

#[test]
fn service_account_of_another_id_is_another() {
    let stage = Stage::new();
    stage.applied(&trainer(""));
    stage.applied(&trainer("").replace("\"trainer\"", "\"teacher\""));
    assert_eq!(stage.google.account("acme-ml", EMAIL), None);
    let other = "teacher@acme-ml.iam.gserviceaccount.com";
    assert!(stage.google.account("acme-ml", other).is_some());
}

#[test]
fn what_it_exports_is_known_at_plan() {
    let stage = Stage::new();
    stage.stack(&format!(
        "{}
[outputs.email]
value = \"${{gcp.service_account.trainer.email}}\"
[outputs.member]
value = \"${{gcp.service_account.trainer.member}}\"
[outputs.name]
value = \"${{gcp.service_account.trainer.name}}\"
[outputs.unique_id]
value = \"${{gcp.service_account.trainer.unique_id}}\"
",
        trainer("")
    ));
    let outputs = &stage.repo.plan()["outputs"];
    assert_eq!(outputs["email"], EMAIL);
    assert_eq!(outputs["member"], format!("serviceAccount:{EMAIL}"));
    assert_eq!(
        outputs["name"],
        format!("projects/acme-ml/serviceAccounts/{EMAIL}")
    );
    assert_eq!(outputs["unique_id"], json!({"$unknown": true}));
    let applied = stage.repo.apply();
    let live = stage.google.account("acme-ml", EMAIL).unwrap();
    assert_eq!(applied["outputs"]["unique_id"], live["uniqueId"]);
}

#[test]
fn drift_of_a_service_account_is_told_and_undone() {
    let stage = Stage::new();
    stage.applied(&trainer("display_name = \"Training jobs\""));
    stage.repo.has_no_drift();
    let path = format!("iam/v1/projects/acme-ml/serviceAccounts/{EMAIL}");
    let patch = json!({"serviceAccount": {"displayName": "Mine"}, "updateMask": "displayName"});
    stage.google.done("PATCH", &path, Some(&patch));
    let drift = stage.repo.drifted();
    assert_eq!(drift[0]["address"], "gcp.service_account.trainer");
    assert_eq!(drift[0]["kind"], "modified");
    assert_eq!(drift[0]["differences"][0]["path"], "display_name");
    stage.repo.apply();
    stage.repo.has_no_drift();
}

#[test]
fn account_that_was_switched_off_stays_off_unless_the_stack_says_otherwise() {
    let stage = Stage::new();
    stage.applied(&trainer(""));
    let path = format!("iam/v1/projects/acme-ml/serviceAccounts/{EMAIL}:disable");
    stage.google.done("POST", &path, Some(&json!({})));
    stage.repo.has_no_drift();
    stage.repo.is_settled();
    stage.applied(&trainer("disabled = false"));
    stage.google.done("POST", &path, Some(&json!({})));
    let drift = stage.repo.drifted();
    assert_eq!(drift[0]["differences"][0]["path"], "disabled");
    stage.repo.apply();
    stage.repo.has_no_drift();
    let enabled = stage.google.account("acme-ml", EMAIL).unwrap();
    assert_ne!(enabled["disabled"], true);
}

#[test]
fn service_account_of_somebody_else_is_adopted_only_on_request() {
    let stage = Stage::new();
    stage.google.make_account("acme-ml", "trainer");
    let before = stage.google.account("acme-ml", EMAIL).unwrap();
    stage.stack(&trainer(""));
    let refused = stage.run(&["plan", "stacks/main", "--json"]).exits(1);
    assert!(refused.stdout.contains(EMAIL), "{}", refused.told());
    assert!(refused.stdout.contains("--adopt"), "{}", refused.told());
    let adopting = ["plan", "stacks/main", "--json", "--adopt"];
    let plan = stage.run(&adopting).exits(0).json();
    assert_eq!(actions(&plan)["gcp.service_account.trainer"], "adopt");
    let apply = ["apply", "stacks/main", "--json", "--adopt", "--yes"];
    stage.run(&apply).exits(0);
    stage.repo.is_settled();
    let after = stage.google.account("acme-ml", EMAIL).unwrap();
    assert_eq!(before["uniqueId"], after["uniqueId"]);
}

#[test]
fn deleted_service_account_comes_back_as_itself() {
    let stage = Stage::new();
    let stack = format!(
        "{}
[gcp.iam_member.it]
resource = \"projects/acme-ml\"
role = \"roles/aiplatform.user\"
member = \"${{gcp.service_account.trainer.member}}\"
",
        trainer("")
    );
    stage.applied(&stack);
    let before = stage.google.account("acme-ml", EMAIL).unwrap();
    let path = format!("iam/v1/projects/acme-ml/serviceAccounts/{EMAIL}");
    stage.google.done("DELETE", &path, None);
    let drift = stage.repo.drifted();
    let deleted = drift.as_array().unwrap().iter();
    let deleted: Vec<_> = deleted.map(|one| &one["address"]).collect();
    assert!(
        deleted.contains(&&json!("gcp.service_account.trainer")),
        "{drift}"
    );
    stage.repo.apply();
    stage.repo.is_settled();
    let after = stage.google.account("acme-ml", EMAIL).unwrap();
    assert_eq!(before["uniqueId"], after["uniqueId"], "undeleted");
    let members = stage
        .google
        .members("projects/acme-ml", "roles/aiplatform.user");
    assert_eq!(members, [format!("serviceAccount:{EMAIL}")]);
}

#[test]
fn recreated_service_account_is_not_mistaken_for_ours() {
    let stage = Stage::new();
    stage.applied(&trainer(""));
    let path = format!("iam/v1/projects/acme-ml/serviceAccounts/{EMAIL}");
    stage.google.done("DELETE", &path, None);
    stage.google.make_account("acme-ml", "trainer");
    let drift = stage.run(&["drift", "stacks/main", "--json"]).exits(2);
    assert!(drift.stdout.contains("gcp.service_account.trainer"));
    let plan = stage.run(&["plan", "stacks/main", "--json", "--detailed-exitcode"]);
    assert_ne!(plan.code, Some(0), "{}", plan.told());
}
