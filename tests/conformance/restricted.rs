//! Identities that may not list a kind over the whole cluster.

use serde_json::{Value, json};

use crate::support::client::Place;
use crate::support::scene::{Scene, user_subject};
use crate::support::world::{Login, World};

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
pub(crate) fn as_insider(scene: &Scene, rules: &Value) -> Login {
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

pub(crate) fn unreadable_kube_system_pins_by_address(scene: &Scene) {
    as_insider(scene, &rules(&["get", "list", "create", "patch", "delete"]));
    scene.repo.stack(NAMESPACED);
    let ran = scene.repo.run(&["apply", "stacks/main", "--yes"]).exits(0);
    assert!(
        ran.stderr.contains("kube-system"),
        "it says so: {}",
        ran.told()
    );
    let pin = || scene.repo.state()["worlds"]["kubernetes"].clone();
    assert_eq!(
        (&pin()["server"], &pin()["uid"]),
        (&json!(scene.world.url()), &Value::Null)
    );
    let elsewhere = World::sandbox();
    scene
        .repo
        .log_in(&elsewhere.kubeconfig(&[&elsewhere.admin_login()]));
    let refused = scene.repo.run(&["plan", "stacks/main", "--json"]).exits(1);
    assert_eq!(refused.codes(), ["another-world"]);
    // Whoever may read more pins it better.
    scene.repo.log_in(&scene.world.kubeconfig(&[&scene.login]));
    scene.repo.is_settled();
    scene.repo.apply();
    assert_eq!(pin()["uid"].as_str().unwrap().len(), 36, "{}", pin());
    scene.repo.is_settled();
}

pub(crate) fn namespace_that_may_only_be_got_is_managed(scene: &Scene) {
    let insider = as_insider(
        scene,
        &json!([{"apiGroups": [""], "resources": ["namespaces"], "verbs": ["get", "patch"]}]),
    );
    scene
        .repo
        .stack("[kubernetes.namespace.it]\nname = \"TAG\"\nlabels = { team = \"a\" }\n");
    scene
        .repo
        .run(&["apply", "stacks/main", "--yes", "--adopt"])
        .exits(0);
    let place = Place("namespaces", "", &scene.tag);
    assert_eq!(scene.other.object(place)["metadata"]["labels"]["team"], "a");
    scene.world.count_from_here();
    scene.repo.is_settled();
    let asked = scene.world.requests(&insider);
    assert_eq!(asked["list namespaces"], 1, "{asked:?}");
    assert_eq!(
        asked["get namespaces"], 2,
        "its own, and kube-system: {asked:?}"
    );
    scene
        .other
        .merge(place, &json!({"metadata": {"labels": {"team": "b"}}}));
    assert_eq!(scene.repo.drifted()[0]["by"]["manager"], "kubectl-patch");
    scene.repo.apply();
    scene.repo.has_no_drift();
}

pub(crate) fn role_that_may_not_be_read_spoils_no_plan(scene: &Scene) {
    let insider = as_insider(scene, &rules(&["get", "list"]));
    scene.repo.stack(
        "[kubernetes.role_binding.b]\nname = \"b\"\nnamespace = \"TAG\"\n\
         cluster_role = \"TAG-other\"\nsubjects = [\"user:bo\"]\n\
         [kubernetes.role_binding.c]\nname = \"c\"\nnamespace = \"TAG\"\n\
         role = \"missing\"\nsubjects = [\"user:bo\"]\n",
    );
    scene.world.count_from_here();
    let ran = scene.repo.run(&["plan", "stacks/main", "--json"]).exits(0);
    assert_eq!(ran.json()["summary"]["create"], 2);
    let told = format!(
        "cannot tell whether ClusterRole `{}` exists: this identity may not read it",
        scene.name("other")
    );
    assert!(ran.stderr.contains(&told), "{}", ran.told());
    let asked = scene.world.requests(&insider);
    assert_eq!(asked["list clusterroles"], 1, "{asked:?}");
}
