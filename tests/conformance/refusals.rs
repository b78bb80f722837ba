//! Refusals: the server's, in its own words, and ours.

use serde_json::{Value, json};

use crate::support::client::Place;
use crate::support::scene::Scene;

const SECRETS: &str = r#"
[kubernetes.role.powerful]
name = "powerful"
namespace = "TAG"
rules = [{ api_groups = [""], resources = ["secrets"], verbs = ["get"] }]
"#;

/// Logs in as somebody who may manage roles and bindings everywhere, but holds nothing else.
pub(crate) fn as_role_manager(scene: &Scene) -> String {
    let manager = scene.world.new_user();
    let rbac = [
        "roles",
        "rolebindings",
        "clusterroles",
        "clusterrolebindings",
    ];
    let verbs = ["get", "list", "create", "patch", "delete"];
    let rules = json!([
        {"apiGroups": ["rbac.authorization.k8s.io"], "resources": rbac, "verbs": verbs},
        {"apiGroups": [""], "resources": ["namespaces"], "verbs": ["get", "list"]},
    ]);
    scene.allow(&manager.user, "role-manager", &rules);
    scene.repo.log_in(&scene.world.kubeconfig(&[&manager]));
    manager.user
}

/// What the preflight says; `apply` does not begin.
fn foreseen(scene: &Scene) -> Value {
    let refused = scene
        .repo
        .run(&["apply", "stacks/main", "--yes", "--json"])
        .exits(5);
    assert!(
        refused.stderr.contains("error[preflight-refused]"),
        "{}",
        refused.told()
    );
    refused.json()["preflight"].clone()
}

/// What the server says to it.
fn send_all_the_same(scene: &Scene) -> Value {
    let apply = [
        "apply",
        "stacks/main",
        "--yes",
        "--json",
        "--ignore-preflight",
    ];
    scene.repo.run(&apply).exits(1).json()
}

pub(crate) fn escalation_is_refused_in_the_servers_words(scene: &Scene) {
    let namespace = scene.namespace().to_owned();
    let user = as_role_manager(scene);
    scene.repo.stack(SECRETS);
    let foreseen = foreseen(scene);
    let refused = send_all_the_same(scene);
    assert_eq!(refused["failed"][0]["code"], "forbidden");
    let message = refused["failed"][0]["message"].as_str().unwrap();
    assert_eq!(foreseen[0]["reason"], message, "foreseen in its words");
    let begins = format!(
        "roles.rbac.authorization.k8s.io \"powerful\" is forbidden: user \"{user}\" \
         (groups=[\"testers\" \"system:authenticated\"]) is attempting to grant RBAC permissions not currently \
         held:\n{{APIGroups:[\"\"], Resources:[\"secrets\"], Verbs:[\"get\"]}}"
    );
    assert_eq!(message, begins);
    assert!(
        scene
            .other
            .get(Place("roles", &namespace, "powerful"))
            .is_none()
    );

    // Nor may they bind a role that holds more than they do.
    scene.repo.stack(
        "[kubernetes.cluster_role_binding.up]\nname = \"TAG-up\"\ncluster_role = \"cluster-admin\"\n\
         subjects = [\"user:ana\"]\n",
    );
    let refused = send_all_the_same(scene);
    let message = refused["failed"][0]["message"].as_str().unwrap();
    assert!(
        message.contains("is attempting to grant RBAC permissions not currently held"),
        "{message}"
    );
    let help = scene
        .repo
        .run(&["apply", "stacks/main", "--yes", "--ignore-preflight"])
        .exits(1)
        .stdout;
    assert!(
        help.contains("hold these permissions yourself, or be allowed to `bind` the role"),
        "{help}"
    );
}

pub(crate) fn missing_namespace_is_told(scene: &Scene) {
    scene
        .repo
        .stack("[kubernetes.service_account.it]\nname = \"it\"\nnamespace = \"TAG-nowhere\"\n");
    let failed = scene
        .repo
        .run(&["apply", "stacks/main", "--yes", "--json"])
        .exits(1)
        .json();
    let nowhere = scene.name("nowhere");
    assert_eq!(failed["failed"][0]["code"], "not-found");
    assert_eq!(
        failed["failed"][0]["message"],
        format!("namespaces \"{nowhere}\" not found")
    );
    let told = scene
        .repo
        .run(&["apply", "stacks/main", "--yes"])
        .exits(1)
        .stdout;
    assert!(
        told.contains(&format!("declare the namespace `{nowhere}`")),
        "{told}"
    );
}

pub(crate) fn prevent_destroy_holds(scene: &Scene) {
    let binding = |role: &str, protect: bool| {
        format!(
            "[kubernetes.cluster_role_binding.it]\nname = \"TAG-it\"\ncluster_role = \"{role}\"\n\
             subjects = [\"user:ana\"]\nlifecycle = {{ prevent_destroy = {protect} }}\n"
        )
    };
    scene.repo.stack(&binding("view", true));
    scene.repo.apply();
    let refuses = |args: &[&str]| {
        let refused = scene.repo.run(args).exits(1);
        assert_eq!(refused.codes(), ["prevent-destroy"], "{}", refused.told());
    };
    refuses(&["destroy", "stacks/main", "--yes", "--json"]);
    scene.repo.stack(&binding("edit", true));
    refuses(&["apply", "stacks/main", "--yes", "--json"]);
    scene.repo.stack("");
    refuses(&["apply", "stacks/main", "--yes", "--json"]);
    let name = scene.name("it");
    let place = Place("clusterrolebindings", "", &name);
    assert_eq!(scene.other.object(place)["roleRef"]["name"], "view");
    scene.repo.stack(&binding("view", false));
    scene.repo.apply();
    scene
        .repo
        .run(&["destroy", "stacks/main", "--yes"])
        .exits(0);
    assert!(scene.other.get(place).is_none());
}

pub(crate) fn mass_revocation_needs_a_word(scene: &Scene) {
    let namespace = scene.namespace().to_owned();
    let binding = |many: usize| {
        let users: Vec<_> = (0..many)
            .map(|number| format!("\"user:u{number}\""))
            .collect();
        format!(
            "[kubernetes.role_binding.it]\nname = \"it\"\nnamespace = \"TAG\"\n\
             cluster_role = \"view\"\nsubjects = [{}]\n",
            users.join(", ")
        )
    };
    scene.repo.stack(&binding(30));
    scene.repo.apply();
    scene.repo.stack(&binding(4));
    let refused = scene.repo.run(&["apply", "stacks/main", "--yes"]).exits(5);
    assert!(
        refused.stderr.contains("--allow-revokes 26"),
        "{}",
        refused.told()
    );
    let place = Place("rolebindings", &namespace, "it");
    let subjects = || {
        scene.other.object(place)["subjects"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!(subjects(), 30);
    scene
        .repo
        .run(&["apply", "stacks/main", "--yes", "--allow-revokes", "25"])
        .exits(5);
    scene
        .repo
        .run(&["apply", "stacks/main", "--yes", "--allow-revokes", "26"])
        .exits(0);
    assert_eq!(subjects(), 4);
}

pub(crate) fn without_yes_nothing_is_applied(scene: &Scene) {
    scene
        .repo
        .stack("[kubernetes.cluster_role.it]\nname = \"TAG-it\"\nrules = []\n");
    for command in ["apply", "destroy"] {
        let refused = scene.repo.run(&[command, "stacks/main"]).exits(64);
        assert!(refused.stderr.contains("--yes"), "{}", refused.told());
    }
    assert!(
        scene
            .other
            .get(Place("clusterroles", "", &scene.name("it")))
            .is_none()
    );
}
