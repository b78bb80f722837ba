//! `plan --refresh-only`: what the state would learn is pending, and is told.

use rbacform_sandbox::Sandbox;
use serde_json::json;

use crate::support::client::{Client, Place};
use crate::support::repo::Repo;

const STACK: &str = "[kubernetes.cluster_role.viewer]\nname = \"viewer\"\nrules = [{ api_groups = [\"\"], resources = [\"pods\"], verbs = [\"get\"] }]\n";

const REFRESH: [&str; 4] = [
    "plan",
    "stacks/main",
    "--refresh-only",
    "--detailed-exitcode",
];

#[test]
fn what_the_state_would_learn_is_pending() {
    let sandbox = Sandbox::builder().start().unwrap();
    let repo = Repo::new(
        "main",
        &json!({
            "clusters": [{"name": "c", "cluster": {"server": sandbox.url()}}],
            "users": [{"name": "u", "user": {"token": sandbox.admin_token()}}],
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
            "current-context": "c",
        }),
    );
    repo.stack(STACK);
    repo.apply();
    let ran = repo.run(&REFRESH).exits(0);
    assert!(!ran.stdout.contains("learns"), "{}", ran.told());
    let somebody = Client::new(&sandbox.url(), None, sandbox.admin_token());
    somebody.edit(Place("clusterroles", "", "viewer"), |role| {
        role["rules"][0]["verbs"] = json!(["get", "list"]);
    });
    let ran = repo.run(&REFRESH).exits(2);
    let learns = "Nothing to change; 1 resource unchanged; state learns how 1 of them is.";
    assert!(ran.stdout.contains(learns), "{}", ran.told());
    let saved = repo.run(&[&REFRESH[..], &["--json", "--out", "a.plan"]].concat());
    assert_eq!(saved.exits(2).json()["summary"]["learn"], 1);
    let ran = repo.run(&["apply", "a.plan"]).exits(0);
    let told = "Refreshed: the state now has how 1 resource is; nothing was sent.";
    assert!(ran.stdout.contains(told), "{}", ran.told());
    repo.run(&REFRESH).exits(0);
    // The stack still says otherwise.
    repo.run(&["plan", "stacks/main", "--detailed-exitcode"])
        .exits(2);
}
