//! Authority over a whole policy: `gcp.iam_policy`.

use serde_json::{Value, json};

use crate::stage::Stage;

const BUCKET: &str = "buckets/acme-models";
const ADMIN: &str = "roles/storage.admin";
const VIEWER: &str = "roles/storage.objectViewer";
const ANA: &str = "user:ana@example.com";
const BO: &str = "user:bo@example.com";
const MALLORY: &str = "user:mallory@example.com";

fn policy(resource: &str, bindings: &[(&str, &[&str])], more: &str) -> String {
    let bindings: Vec<String> = bindings
        .iter()
        .map(|(role, members)| format!("{{ role = \"{role}\", members = {members:?} }}"))
        .collect();
    format!(
        "[gcp.iam_policy.whole]\nresource = \"{resource}\"\nbindings = [{}]\n{more}\n",
        bindings.join(", ")
    )
}

fn losers(plan: &Value) -> Vec<&str> {
    let lost = plan["access"]["lost"].as_array().unwrap();
    lost.iter()
        .map(|it| it["subject"].as_str().unwrap())
        .collect()
}

#[test]
fn the_life_of_a_policy() {
    let stage = Stage::new();
    stage.google.grant(BUCKET, VIEWER, MALLORY);
    stage.stack(&policy(BUCKET, &[(ADMIN, &[ANA])], ""));
    assert_eq!(losers(&stage.repo.plan()), [MALLORY]);
    stage.repo.apply();
    stage.repo.is_settled();
    assert_eq!(stage.google.members(BUCKET, ADMIN), [ANA]);
    assert_eq!(stage.google.members(BUCKET, VIEWER), [""; 0]);

    stage.applied(&policy(BUCKET, &[(ADMIN, &[ANA]), (VIEWER, &[BO])], ""));
    assert_eq!(stage.google.members(BUCKET, VIEWER), [BO]);

    stage.google.grant(BUCKET, VIEWER, MALLORY);
    let drift = stage.repo.drifted();
    assert_eq!(drift[0]["address"], "gcp.iam_policy.whole");
    stage.repo.apply();
    assert_eq!(stage.google.members(BUCKET, VIEWER), [BO]);
    stage.repo.has_no_drift();
}

#[test]
fn policy_that_goes_is_left_as_it_is() {
    let stage = Stage::new();
    stage.applied(&policy(BUCKET, &[(ADMIN, &[ANA])], ""));
    stage.stack("");
    assert_eq!(stage.planned()["gcp.iam_policy.whole"], "forget");
    stage.repo.apply();
    assert_eq!(stage.google.members(BUCKET, ADMIN), [ANA]);
}

#[test]
fn audit_configs_are_only_touched_where_they_are_declared() {
    let stage = Stage::new();
    let project = "projects/acme-ml";
    let audit = json!([{"service": "allServices", "auditLogConfigs": [{"logType": "DATA_READ"}]}]);
    stage
        .google
        .change(project, |it| it["auditConfigs"] = audit.clone());
    stage.applied(&policy(project, &[("roles/aiplatform.user", &[ANA])], ""));
    assert_eq!(stage.google.policy(project)["auditConfigs"], audit);
    let declared = "audit_configs = [{ service = \"allServices\", audit_log_configs = \
                    [{ log_type = \"DATA_WRITE\" }] }]";
    stage.applied(&policy(
        project,
        &[("roles/aiplatform.user", &[ANA])],
        declared,
    ));
    assert_eq!(
        stage.google.policy(project)["auditConfigs"][0]["auditLogConfigs"],
        json!([{"logType": "DATA_WRITE"}])
    );
}

#[test]
fn service_agents_hold_a_policy_back() {
    let stage = Stage::new();
    let project = "projects/acme-ml";
    let agent = "serviceAccount:service-123456789012@gcp-sa-aiplatform.iam.gserviceaccount.com";
    stage
        .google
        .grant(project, "roles/aiplatform.serviceAgent", agent);
    stage.stack(&policy(project, &[("roles/aiplatform.user", &[ANA])], ""));
    let refused = stage
        .run(&["apply", "stacks/main", "--yes", "--json"])
        .exits(5);
    assert!(refused.stdout.contains(agent), "{}", refused.told());
    let members = stage
        .google
        .members(project, "roles/aiplatform.serviceAgent");
    assert_eq!(members, [agent]);
}
