//! Identities that may not list a kind over the whole cluster.

use serde_json::{Value, json};

use crate::support::client::Place;
use crate::support::scene::{Scene, user_subject};
use crate::support::world::Login;

const NAMESPACED: &str = r#"
[kubernetes.service_account.worker]
name = "worker"
namespace = "TAG"

[kubernetes.role.reader]
name = "reader"
namespace = "TAG"
rules = [{ api_groups = [""], resources = ["pods"], verbs = ["get", "list"] }]

[kubernetes.role_binding.worker]
name = "worker"
namespace = "TAG"
role = "${kubernetes.role.reader}"
subjects = ["${kubernetes.service_account.worker}"]
"#;

/// Logs in as somebody with these rules in the tag's namespace, and none elsewhere.
fn as_insider(scene: &Scene, rules: &Value) -> Login {
    let namespace = scene.namespace();
    let insider = scene.world.new_user();
    let role = json!({"metadata": {"name": "insider"}, "rules": rules});
    scene.other.create("roles", namespace, &role);
    let binding = json!({
        "metadata": {"name": "insider"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "insider"},
        "subjects": [user_subject(&insider.user)],
    });
    scene.other.create("rolebindings", namespace, &binding);
    scene.repo.log_in(&scene.world.kubeconfig(&[&insider]));
    insider
}

fn rules(verbs: &[&str]) -> Value {
    json!([
        {"apiGroups": [""], "resources": ["serviceaccounts"], "verbs": verbs},
        {
            "apiGroups": ["rbac.authorization.k8s.io"], "resources": ["roles", "rolebindings"],
            "verbs": verbs,
        },
        {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]},
    ])
}

/// The whole life, as this identity.
fn lives(scene: &Scene, login: &Login, no_op: &Value) {
    scene.repo.stack(NAMESPACED);
    scene.repo.apply();
    scene.world.count_from_here();
    let ran = scene
        .repo
        .run(&["plan", "stacks/main", "--json", "--detailed-exitcode"])
        .exits(0);
    assert_eq!(&json!(scene.world.requests(login)), no_op);
    assert!(
        ran.stderr.contains("may not be listed"),
        "it says so: {}",
        ran.told()
    );
    scene.repo.has_no_drift();
    let place = Place("roles", &scene.tag, "reader");
    scene
        .other
        .edit(place, |object| object["rules"] = json!([]));
    assert_eq!(scene.repo.drifted()[0]["address"], "kubernetes.role.reader");
    scene.repo.apply();
    assert_eq!(
        scene.other.object(place)["rules"].as_array().unwrap().len(),
        1
    );
    scene.repo.is_settled();
    scene
        .repo
        .run(&["destroy", "stacks/main", "--yes"])
        .exits(0);
    assert!(scene.other.get(place).is_none());
    assert!(
        scene
            .other
            .get(Place("serviceaccounts", &scene.tag, "worker"))
            .is_none()
    );
}

pub(crate) fn namespaced_identity_falls_back_to_its_namespace(scene: &Scene) {
    let insider = as_insider(scene, &rules(&["get", "list", "create", "patch", "delete"]));
    let no_op = json!({
        "get namespaces": 1,
        "list serviceaccounts": 2, "list roles": 2, "list rolebindings": 2,
    });
    lives(scene, &insider, &no_op);
}

pub(crate) fn identity_without_lists_falls_back_to_gets(scene: &Scene) {
    let insider = as_insider(scene, &rules(&["get", "create", "patch", "delete"]));
    let no_op = json!({
        "get namespaces": 1,
        "list serviceaccounts": 2, "list roles": 2, "list rolebindings": 2,
        "get serviceaccounts": 1, "get roles": 1, "get rolebindings": 1,
    });
    lives(scene, &insider, &no_op);
}
