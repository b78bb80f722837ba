//! Access that nobody declares is listed, and changes the exit code only where that was asked for.

use serde_json::{Value, json};

use crate::support::client::{Client, Place};
use crate::support::repo::Repo;
use rbacform_sandbox::Sandbox;

const STACK: &str = "[kubernetes.namespace.team]\nname = \"team\"\n[kubernetes.role.viewer]\nname = \"viewer\"\nnamespace = \"team\"\nrules = [{ api_groups = [\"\"], resources = [\"pods\"], verbs = [\"get\"] }]\n";

#[test]
fn unmanaged_access_fails_only_when_asked() {
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
    let asked = ["drift", "stacks/main", "--fail-on", "unmanaged"];
    repo.run(&asked).exits(0);
    let somebody = Client::new(&sandbox.url(), None, sandbox.admin_token());
    somebody.create(
        "rolebindings",
        "team",
        &json!({
            "metadata": {"name": "backdoor"},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "viewer"},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "mal\u{1b}[2J"}],
        }),
    );
    repo.run(&["drift", "stacks/main"]).exits(0);
    let ran = repo.run(&asked).exits(2);
    assert!(
        ran.stdout.contains("RoleBinding team/backdoor"),
        "{}",
        ran.told()
    );
    assert!(!ran.stdout.contains('\u{1b}'), "{}", ran.told());
    let found = repo
        .run(&["drift", "stacks/main", "--json"])
        .exits(0)
        .json();
    assert_eq!(found["drifted"], false);
    assert_eq!(
        found["unmanaged"],
        json!([{
            "platform": "kubernetes",
            "kind": "binding",
            "object": "kubernetes/RoleBinding/team/backdoor",
            "subject": "user:mal\u{1b}[2J",
            "role": "Role viewer",
            "scope": "team",
        }])
    );
}

#[test]
fn drift_exits_two_and_names_who() {
    let sandbox = Sandbox::builder().start().unwrap();
    let repo = Repo::new("main", &Value::Null);
    repo.log_in(&json!({
        "clusters": [{"name": "c", "cluster": {"server": sandbox.url()}}],
        "users": [{"name": "u", "user": {"token": sandbox.admin_token()}}],
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        "current-context": "c",
    }));
    repo.stack(STACK);
    repo.apply();
    let somebody = Client::new(&sandbox.url(), None, sandbox.admin_token());
    somebody.edit(Place("roles", "team", "viewer"), |role| {
        role["rules"][0]["verbs"] = json!(["get", "delete"]);
    });
    let ran = repo.run(&["drift", "stacks/main"]).exits(2);
    for word in [
        "modified",
        "kubernetes.role.viewer",
        "last written by kubectl-edit",
        "delete, get pods",
    ] {
        assert!(ran.stdout.contains(word), "{word}: {}", ran.told());
    }
    let found = repo
        .run(&["drift", "stacks/main", "--json"])
        .exits(2)
        .json();
    assert_eq!(found["drift"][0]["by"]["manager"], "kubectl-edit");
    // A plan without more words exits 0, and says what it would undo.
    repo.run(&["plan", "stacks/main"]).exits(0);
    repo.run(&["plan", "stacks/main", "--detailed-exitcode"])
        .exits(2);
}
