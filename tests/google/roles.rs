//! Custom roles, from their creation to their end.

use serde_json::json;

use crate::stage::{Stage, actions};

const NAME: &str = "projects/acme-ml/roles/modelReader";

fn reader(more: &str) -> String {
    format!("[gcp.custom_role.reader]\nrole_id = \"modelReader\"\n{more}\n")
}

const TWO: &str = "title = \"Model reader\"\npermissions = [\"aiplatform.models.list\", \"aiplatform.models.get\"]";

#[test]
fn the_life_of_a_custom_role() {
    let stage = Stage::new();
    stage.applied(&reader(TWO));
    let made = stage.google.role(NAME).unwrap();
    assert_eq!(made["title"], "Model reader");
    assert_eq!(
        made["includedPermissions"],
        json!(["aiplatform.models.get", "aiplatform.models.list"])
    );

    let more = "title = \"Reader\"\ndescription = \"of models\"\nstage = \"BETA\"\n\
                permissions = [\"aiplatform.models.get\"]";
    stage.stack(&reader(more));
    let update = [("gcp.custom_role.reader".into(), "update".into())];
    assert_eq!(stage.planned(), update.into());
    stage.repo.apply();
    stage.repo.is_settled();
    let changed = stage.google.role(NAME).unwrap();
    assert_eq!(changed["title"], "Reader");
    assert_eq!(changed["description"], "of models");
    assert_eq!(changed["stage"], "BETA");
    assert_eq!(
        changed["includedPermissions"],
        json!(["aiplatform.models.get"])
    );

    stage.applied("");
    assert_eq!(stage.google.role(NAME).unwrap()["deleted"], true);
}

#[test]
fn custom_role_of_an_organization() {
    let stage = Stage::new();
    stage.applied(&reader(&format!("organization = \"123456789012\"\n{TWO}")));
    let name = "organizations/123456789012/roles/modelReader";
    assert!(stage.google.role(name).is_some());
    stage.run(&["destroy", "stacks/main", "--yes"]).exits(0);
    assert_eq!(stage.google.role(name).unwrap()["deleted"], true);
}

#[test]
fn order_of_permissions_and_the_alpha_stage_are_no_change() {
    let stage = Stage::new();
    stage.applied(&reader(&format!("stage = \"ALPHA\"\n{TWO}")));
    let turned = "stage = \"ALPHA\"\ntitle = \"Model reader\"\n\
                  permissions = [\"aiplatform.models.get\", \"aiplatform.models.list\"]";
    stage.stack(&reader(turned));
    stage.repo.is_settled();
    stage.repo.has_no_drift();
}

#[test]
fn deleted_custom_role_is_undeleted() {
    let stage = Stage::new();
    stage.applied(&reader(TWO));
    stage.applied("");
    stage.applied(&reader(&TWO.replace("Model reader", "Again")));
    let role = stage.google.role(NAME).unwrap();
    assert_ne!(role["deleted"], true);
    assert_eq!(role["title"], "Again");
}

#[test]
fn drift_of_a_custom_role_is_told_and_undone() {
    let stage = Stage::new();
    stage.applied(&reader(TWO));
    let patch = json!({"includedPermissions": ["aiplatform.models.delete"]});
    let path = format!("iam/v1/{NAME}?updateMask=includedPermissions");
    stage.google.done("PATCH", &path, Some(&patch));
    let drift = stage.repo.drifted();
    assert_eq!(drift[0]["address"], "gcp.custom_role.reader");
    assert_eq!(drift[0]["differences"][0]["path"], "permissions");
    stage.repo.apply();
    stage.repo.has_no_drift();

    stage.google.done("DELETE", &format!("iam/v1/{NAME}"), None);
    assert_eq!(stage.repo.drifted()[0]["kind"], "deleted");
    stage.repo.apply();
    stage.repo.has_no_drift();
    assert_ne!(stage.google.role(NAME).unwrap()["deleted"], true);
}

#[test]
fn custom_role_of_somebody_else_is_adopted_only_on_request() {
    let stage = Stage::new();
    let body = json!({"roleId": "modelReader", "role": {"title": "Theirs"}});
    stage
        .google
        .done("POST", "iam/v1/projects/acme-ml/roles", Some(&body));
    stage.stack(&reader(TWO));
    let refused = stage.run(&["plan", "stacks/main", "--json"]).exits(1);
    assert!(refused.stdout.contains("--adopt"), "{}", refused.told());
    let adopting = ["plan", "stacks/main", "--json", "--adopt"];
    let plan = stage.run(&adopting).exits(0).json();
    assert_eq!(actions(&plan)["gcp.custom_role.reader"], "adopt");
}

#[test]
fn grant_of_a_custom_role_comes_after_it() {
    let stage = Stage::new();
    let stack = format!(
        "{}
[gcp.iam_member.it]
resource = \"projects/acme-ml\"
role = \"${{gcp.custom_role.reader.name}}\"
member = \"user:ana@example.com\"
",
        reader(TWO)
    );
    stage.applied(&stack);
    let members = stage.google.members("projects/acme-ml", NAME);
    assert_eq!(members, ["user:ana@example.com"]);
}
