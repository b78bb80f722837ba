//! Additive grants: one member of one role under one condition.

use serde_json::json;

use crate::google::bindings;
use crate::stage::{PROJECT, Stage, actions};

const ROLE: &str = "roles/aiplatform.user";
const ANA: &str = "user:ana@example.com";

fn member(name: &str, role: &str, member: &str, more: &str) -> String {
    format!(
        "[gcp.iam_member.{name}]\nresource = \"{PROJECT}\"\nrole = \"{role}\"\n\
         member = \"{member}\"\n{more}\n"
    )
}

#[test]
fn the_life_of_a_grant() {
    let stage = Stage::new();
    stage.applied(&member("ana", ROLE, ANA, ""));
    assert_eq!(stage.google.members(PROJECT, ROLE), [ANA]);

    // Another role is another grant: both edits are one write.
    stage.stack(&member("ana", "roles/aiplatform.viewer", ANA, ""));
    let plan = stage.repo.plan();
    let changes = plan["changes"].as_array().unwrap().iter();
    let mut actions: Vec<_> = changes.map(|it| it["action"].as_str().unwrap()).collect();
    actions.sort_unstable();
    assert_eq!(actions, ["create", "delete"], "{plan:#}");
    let requests = stage.requests(|| {
        stage.repo.apply();
    });
    assert_eq!(requests["cloudresourcemanager.projects.setIamPolicy"], 1);
    assert_eq!(stage.google.members(PROJECT, ROLE), [""; 0]);
    assert_eq!(
        stage.google.members(PROJECT, "roles/aiplatform.viewer"),
        [ANA]
    );
    stage.repo.is_settled();

    stage.applied("");
    assert_eq!(
        stage.google.members(PROJECT, "roles/aiplatform.viewer"),
        [""; 0]
    );
}

#[test]
fn what_it_does_not_own_stays() {
    let stage = Stage::new();
    let other = "user:somebody@example.com";
    stage.google.grant(PROJECT, ROLE, other);
    let gone = stage.google.make_account("acme-ml", "gone-account");
    stage
        .google
        .grant(PROJECT, ROLE, &format!("serviceAccount:{gone}"));
    let path = format!("iam/v1/projects/acme-ml/serviceAccounts/{gone}");
    stage.google.done("DELETE", &path, None);
    let audit = json!([{"service": "allServices", "auditLogConfigs": [{"logType": "DATA_READ"}]}]);
    stage.google.change(PROJECT, |policy| {
        policy["auditConfigs"] = audit.clone();
        bindings(policy).push(json!({
            "role": "roles/viewer", "members": ["user:bo@example.com"],
        }));
    });
    let before = stage.google.members(PROJECT, ROLE);
    assert!(
        before.iter().any(|it| it.starts_with("deleted:")),
        "{before:?}"
    );

    stage.applied(&member("ana", ROLE, ANA, ""));
    stage.applied("");
    assert_eq!(stage.google.members(PROJECT, ROLE), before);
    let members = stage.google.members(PROJECT, "roles/viewer");
    assert_eq!(members, ["user:bo@example.com"]);
    assert_eq!(stage.google.policy(PROJECT)["auditConfigs"], audit);
}

#[test]
fn what_else_stands_on_the_policy_is_shown() {
    let stage = Stage::new();
    stage
        .google
        .grant(PROJECT, ROLE, "user:somebody@example.com");
    stage.stack(&member("ana", ROLE, ANA, ""));
    let plan = stage.repo.plan();
    let unmanaged = plan["unmanaged"].as_array().unwrap();
    assert_eq!(unmanaged.len(), 1, "{plan:#}");
    assert_eq!(unmanaged[0]["platform"], "gcp");
    assert_eq!(unmanaged[0]["kind"], "grant");
    assert_eq!(unmanaged[0]["subject"], "user:somebody@example.com");
    assert_eq!(unmanaged[0]["role"], ROLE);
    assert_eq!(unmanaged[0]["resource"], PROJECT);
    stage.repo.apply();
    let drift = ["drift", "stacks/main", "--json"];
    assert_eq!(
        stage.run(&drift).exits(0).json()["unmanaged"],
        plan["unmanaged"]
    );
    stage
        .run(&[&drift[..], &["--fail-on", "unmanaged"]].concat())
        .exits(2);
}

#[test]
fn standing_grant_is_adopted_and_then_ours() {
    let stage = Stage::new();
    stage.google.grant(PROJECT, ROLE, ANA);
    stage.stack(&member("ana", ROLE, ANA, ""));
    assert_eq!(stage.planned()["gcp.iam_member.ana"], "adopt");
    let requests = stage.requests(|| {
        stage.repo.apply();
    });
    assert_eq!(
        requests["cloudresourcemanager.projects.setIamPolicy"],
        json!(null)
    );
    stage.repo.is_settled();
    stage.applied("");
    assert_eq!(stage.google.members(PROJECT, ROLE), [""; 0]);
}

#[test]
fn abandoned_grant_stays() {
    let stage = Stage::new();
    let keep = "lifecycle = { on_destroy = \"abandon\" }";
    stage.applied(&member("ana", ROLE, ANA, keep));
    stage.applied("");
    assert_eq!(stage.google.members(PROJECT, ROLE), [ANA]);
}

#[test]
fn revoked_grant_is_drift_and_comes_back() {
    let stage = Stage::new();
    stage.applied(&member("ana", ROLE, ANA, ""));
    stage.repo.has_no_drift();
    stage.google.revoke(PROJECT, ROLE, ANA);
    let drift = stage.repo.drifted();
    assert_eq!(drift[0]["address"], "gcp.iam_member.ana");
    assert_eq!(drift[0]["kind"], "deleted");
    assert_eq!(actions(&stage.repo.plan())["gcp.iam_member.ana"], "create");
    stage.repo.apply();
    assert_eq!(stage.google.members(PROJECT, ROLE), [ANA]);
}

#[test]
fn spelling_of_a_member_is_no_change() {
    let stage = Stage::new();
    stage.google.grant(PROJECT, ROLE, "user:Ana@Example.com");
    stage.stack(&member("ana", ROLE, ANA, ""));
    assert_eq!(stage.planned()["gcp.iam_member.ana"], "adopt");
    stage.repo.apply();
    stage.repo.is_settled();
    assert_eq!(stage.google.members(PROJECT, ROLE).len(), 1);
}

const UNTIL: &str = "condition = { title = \"until-summer\", description = \"a trial\", \
                     expression = \"request.time < timestamp('2027-07-01T00:00:00Z')\" }";

#[test]
fn grants_with_and_without_condition_are_two() {
    let stage = Stage::new();
    let both = member("always", ROLE, ANA, "") + &member("trial", ROLE, ANA, UNTIL);
    stage.applied(&both);
    assert_eq!(stage.google.members(PROJECT, ROLE), [ANA, ANA]);
    let mut policy = stage.google.policy(PROJECT);
    assert_eq!(policy["version"], 3);
    let conditions = bindings(&mut policy)
        .iter()
        .filter(|it| it["condition"]["title"] == "until-summer")
        .count();
    assert_eq!(conditions, 1);
    stage.applied(&member("always", ROLE, ANA, ""));
    assert_eq!(stage.google.members(PROJECT, ROLE), [ANA]);
    assert!(bindings(&mut stage.google.policy(PROJECT))[0]["condition"].is_null());
}

#[test]
fn changed_condition_is_one_write_without_a_gap() {
    let stage = Stage::new();
    stage.applied(&member("trial", ROLE, ANA, UNTIL));
    stage.stack(&member("trial", ROLE, ANA, &UNTIL.replace("2027", "2028")));
    let requests = stage.requests(|| {
        stage.repo.apply();
    });
    assert_eq!(requests["cloudresourcemanager.projects.setIamPolicy"], 1);
    stage.repo.is_settled();
    assert_eq!(stage.google.members(PROJECT, ROLE), [ANA]);
}

#[test]
fn until_becomes_a_condition() {
    let stage = Stage::new();
    stage.applied(&member("trial", ROLE, ANA, "until = 2099-07-01T00:00:00Z"));
    let condition = bindings(&mut stage.google.policy(PROJECT))[0]["condition"].clone();
    assert_eq!(
        condition["expression"],
        "request.time < timestamp(\"2099-07-01T00:00:00Z\")"
    );
}

#[test]
fn refused_member_does_not_sink_the_others() {
    let stage = Stage::new();
    let nobody = "serviceAccount:nobody@acme-ml.iam.gserviceaccount.com";
    let stack = member("ana", ROLE, ANA, "")
        + &member("nobody", ROLE, nobody, "")
        + &member("bo", ROLE, "user:bo@example.com", "");
    stage.stack(&stack);
    let told = stage
        .run(&["apply", "stacks/main", "--yes"])
        .exits(3)
        .told();
    for word in ["gcp.iam_member.nobody", "nobody@acme-ml", "stack.toml:"] {
        assert!(told.contains(word), "{word} in {told}");
    }
    let again = ["apply", "stacks/main", "--yes", "--json"];
    let failed = stage.run(&again).exits(1).json()["failed"].clone();
    assert_eq!(failed.as_array().unwrap().len(), 1, "{failed:#}");
    assert_eq!(failed[0]["address"], "gcp.iam_member.nobody");
    let members = stage.google.members(PROJECT, ROLE);
    assert_eq!(members, [ANA, "user:bo@example.com"]);
}

#[test]
fn everything_goes_in_the_end() {
    let stage = Stage::new();
    stage
        .google
        .grant(PROJECT, "roles/viewer", "user:somebody@example.com");
    stage.applied(&(member("ana", ROLE, ANA, "") + &member("trial", ROLE, ANA, UNTIL)));
    stage.run(&["destroy", "stacks/main", "--yes"]).exits(0);
    assert_eq!(stage.google.members(PROJECT, ROLE), [""; 0]);
    let others = stage.google.members(PROJECT, "roles/viewer");
    assert_eq!(others, ["user:somebody@example.com"]);
}
