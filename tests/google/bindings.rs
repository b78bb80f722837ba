//! Authority over one role: `gcp.iam_binding`.

use serde_json::Value;

use crate::google::bindings;
use crate::stage::{PROJECT, Stage, actions};

const ROLE: &str = "roles/aiplatform.user";
const ANA: &str = "user:ana@example.com";
const BO: &str = "user:bo@example.com";
const MALLORY: &str = "user:mallory@example.com";
const AGENT: &str = "serviceAccount:service-123456789012@gcp-sa-aiplatform.iam.gserviceaccount.com";

fn binding(members: &[&str]) -> String {
    format!(
        "[gcp.iam_binding.users]\nresource = \"{PROJECT}\"\nrole = \"{ROLE}\"\n\
         members = {members:?}\n"
    )
}

/// Who loses something by a plan, as it says first.
fn losers(plan: &Value) -> Vec<&str> {
    let lost = plan["access"]["lost"].as_array().unwrap();
    lost.iter()
        .map(|it| it["subject"].as_str().unwrap())
        .collect()
}

#[test]
fn the_life_of_a_binding() {
    let stage = Stage::new();
    stage.applied(&binding(&[ANA, BO]));
    assert_eq!(stage.google.members(PROJECT, ROLE), [ANA, BO]);
    stage.stack(&binding(&[BO, ANA]));
    stage.repo.is_settled();
    stage.stack(&binding(&[BO]));
    assert_eq!(stage.planned()["gcp.iam_binding.users"], "update");
    stage.repo.apply();
    stage.repo.is_settled();
    assert_eq!(stage.google.members(PROJECT, ROLE), [BO]);
    stage.applied("");
    assert_eq!(stage.google.members(PROJECT, ROLE), [""; 0]);
}

#[test]
fn every_loser_is_named_before_it_acts() {
    let stage = Stage::new();
    stage.google.grant(PROJECT, ROLE, MALLORY);
    stage.google.grant(PROJECT, ROLE, ANA);
    stage.stack(&binding(&[ANA, BO]));
    let plan = stage.repo.plan();
    assert_eq!(losers(&plan), [MALLORY]);
    let findings = plan["findings"].to_string();
    assert!(findings.contains("access-removed"), "{findings}");
    assert!(findings.contains(MALLORY), "{findings}");
    let shown = stage.run(&["plan", "stacks/main"]).exits(0);
    assert!(shown.stdout.contains(MALLORY), "{}", shown.told());
    stage.repo.apply();
    assert_eq!(stage.google.members(PROJECT, ROLE), [ANA, BO]);
}

#[test]
fn it_leaves_other_roles_and_conditions_alone() {
    let stage = Stage::new();
    stage.google.grant(PROJECT, "roles/viewer", MALLORY);
    stage.google.change(PROJECT, |policy| {
        bindings(policy).push(serde_json::json!({
            "role": ROLE,
            "members": [MALLORY],
            "condition": {"title": "t", "expression": "request.time < timestamp('2099-01-01T00:00:00Z')"},
        }));
    });
    stage.applied(&binding(&[ANA]));
    assert_eq!(stage.google.members(PROJECT, "roles/viewer"), [MALLORY]);
    assert_eq!(stage.google.members(PROJECT, ROLE), [ANA, MALLORY]);
    stage.applied("");
    assert_eq!(stage.google.members(PROJECT, ROLE), [MALLORY]);
}

#[test]
fn intruder_in_a_role_is_drift_and_leaves_again() {
    let stage = Stage::new();
    stage.applied(&binding(&[ANA]));
    stage.google.grant(PROJECT, ROLE, MALLORY);
    let drift = stage.repo.drifted();
    assert_eq!(drift[0]["address"], "gcp.iam_binding.users");
    assert!(drift[0]["differences"].to_string().contains(MALLORY));
    assert_eq!(losers(&stage.repo.plan()), [MALLORY]);
    stage.repo.apply();
    assert_eq!(stage.google.members(PROJECT, ROLE), [ANA]);
    stage.repo.has_no_drift();
}

#[test]
fn service_agent_is_not_removed_without_an_exception() {
    let stage = Stage::new();
    stage.google.grant(PROJECT, ROLE, AGENT);
    stage.stack(&binding(&[ANA]));
    let refused = stage
        .run(&["apply", "stacks/main", "--yes", "--json"])
        .exits(5);
    assert!(
        refused.stdout.contains("service-agent-removed"),
        "{}",
        refused.told()
    );
    assert!(refused.stdout.contains(AGENT), "{}", refused.told());
    assert_eq!(stage.google.members(PROJECT, ROLE), [AGENT]);
    let exception = "[[policy.exception]]\ncode = \"service-agent-removed\"\n\
                     address = \"gcp.iam_binding.users\"\nreason = \"Vertex AI is switched off\"\n\
                     until = 2099-01-01T00:00:00Z\n";
    stage.applied_once(&(binding(&[ANA]) + exception));
    assert_eq!(stage.google.members(PROJECT, ROLE), [ANA]);
}

#[test]
fn member_that_becomes_a_binding_leaves_no_gap() {
    let stage = Stage::new();
    let member = format!(
        "[gcp.iam_member.ana]\nresource = \"{PROJECT}\"\nrole = \"{ROLE}\"\nmember = \"{ANA}\"\n"
    );
    stage.applied(&member);
    stage.stack(&binding(&[ANA, BO]));
    let plan = stage.repo.plan();
    assert_eq!(losers(&plan), [""; 0], "{plan:#}");
    let requests = stage.requests(|| {
        stage.repo.apply();
    });
    assert_eq!(requests["cloudresourcemanager.projects.setIamPolicy"], 1);
    assert_eq!(stage.google.members(PROJECT, ROLE), [ANA, BO]);
    // And back.
    stage.stack(&member);
    let actions = actions(&stage.repo.plan());
    assert!(actions.contains_key("gcp.iam_binding.users"), "{actions:?}");
    let requests = stage.requests(|| {
        stage.repo.apply();
    });
    assert_eq!(requests["cloudresourcemanager.projects.setIamPolicy"], 1);
    assert_eq!(stage.google.members(PROJECT, ROLE), [ANA]);
    stage.repo.is_settled();
}

#[test]
fn standing_binding_is_adopted() {
    let stage = Stage::new();
    stage.google.grant(PROJECT, ROLE, ANA);
    stage.stack(&binding(&[ANA]));
    assert_eq!(stage.planned()["gcp.iam_binding.users"], "adopt");
    stage.repo.apply();
    stage.repo.is_settled();
}

#[test]
fn refused_member_of_a_binding_changes_nothing() {
    let stage = Stage::new();
    stage.applied(&binding(&[ANA]));
    let nobody = "serviceAccount:nobody@acme-ml.iam.gserviceaccount.com";
    stage.stack(&binding(&[BO, nobody]));
    let ran = stage.run(&["apply", "stacks/main", "--yes", "--json"]);
    assert!(matches!(ran.code, Some(1 | 3)), "{}", ran.told());
    assert!(ran.stdout.contains("nobody@acme-ml"), "{}", ran.told());
    assert_eq!(stage.google.members(PROJECT, ROLE), [ANA]);
}
