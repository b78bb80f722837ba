//! Failures: independent branches go on, and the end says what was and what was not done.

use serde_json::json;

use crate::support::client::Place;
use crate::support::scene::Scene;

/// Two branches: one in the tag's namespace, one in a namespace that does not exist.
const BRANCHES: &str = r#"
[kubernetes.role.fine]
name = "fine"
namespace = "TAG"
rules = []

[kubernetes.role_binding.fine]
name = "fine"
namespace = "TAG"
role = "${kubernetes.role.fine}"
subjects = ["user:ana"]

[kubernetes.role.lost]
name = "lost"
namespace = "TAG-nowhere"
rules = []

[kubernetes.role_binding.lost]
name = "lost"
namespace = "TAG-nowhere"
role = "${kubernetes.role.lost}"
subjects = ["user:ana"]
"#;

pub(crate) fn independent_branches_go_on(scene: &Scene) {
    scene.namespace();
    scene.repo.stack(BRANCHES);
    let ended = scene
        .repo
        .run(&["apply", "stacks/main", "--yes", "--json"])
        .exits(3)
        .json();
    assert_eq!(ended["format"], "rbacform.apply/1");
    assert_eq!(
        ended["done"],
        json!(["kubernetes.role.fine", "kubernetes.role_binding.fine"])
    );
    assert_eq!(ended["failed"].as_array().unwrap().len(), 1);
    assert_eq!(ended["failed"][0]["address"], "kubernetes.role.lost");
    assert_eq!(ended["failed"][0]["code"], "not-found");
    let message = format!("namespaces \"{}-nowhere\" not found", scene.tag);
    assert_eq!(ended["failed"][0]["message"], message);
    assert_eq!(
        ended["not_started"],
        json!(["kubernetes.role_binding.lost"])
    );
    let state = scene.repo.state();
    assert_eq!(state["serial"], ended["serial"]);
    assert_eq!(state["resources"].as_array().unwrap().len(), 2);
    assert!(
        scene
            .other
            .get(Place("rolebindings", &scene.tag, "fine"))
            .is_some()
    );
}

pub(crate) fn fixing_the_cause_goes_on_from_there(scene: &Scene) {
    scene.namespace();
    scene.repo.stack(BRANCHES);
    let told = scene.repo.run(&["apply", "stacks/main", "--yes"]).exits(3);
    assert!(
        told.stdout.contains("rbacform apply stacks/main"),
        "the next command: {}",
        told.told()
    );
    // The second time nothing at all can be done.
    scene.repo.run(&["apply", "stacks/main", "--yes"]).exits(1);
    scene.namespace_named(&scene.name("nowhere"));
    let ended = scene.repo.apply();
    assert_eq!(
        ended["done"],
        json!(["kubernetes.role.lost", "kubernetes.role_binding.lost"])
    );
    scene.repo.is_settled();
}
