//! A stack's own tests, against what others do in the cluster.

use serde_json::{Value, json};

use crate::older;
use crate::support::client::Place;
use crate::support::scene::Scene;
use crate::support::world::Server;

const STACK: &str = r#"
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

[[assert]]
name = "sees pods"
subject = "${kubernetes.service_account.worker}"
can = ["get", "list"]
resource = "pods"
namespace = "TAG"

[[assert]]
name = "sees no secrets"
subject = "${kubernetes.service_account.worker}"
cannot = ["get", "list", "watch"]
resource = "secrets"
"#;

pub(crate) fn what_others_grant_breaks_an_assertion(scene: &Scene) {
    let namespace = scene.namespace();
    scene.repo.stack(STACK);
    let applied = scene
        .repo
        .run(&["apply", "stacks/main", "--yes", "--verify"])
        .exits(0);
    assert!(
        applied.stderr.contains("the server agrees in 5 questions"),
        "{}",
        applied.told()
    );
    let by_hand = json!({
        "metadata": {"name": "by-hand"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "edit"},
        "subjects": [{"kind": "ServiceAccount", "name": "worker", "namespace": namespace}],
    });
    scene.other.create("rolebindings", namespace, &by_hand);
    let plan = scene
        .repo
        .run(&["plan", "stacks/main", "--json"])
        .exits(5)
        .json();
    let assertions = &plan["assertions"];
    assert_eq!(assertions[0]["status"], "pass");
    assert_eq!(assertions[1]["status"], "fail");
    let via = &assertions[1]["via"][0];
    assert_eq!(
        via["binding"],
        format!("kubernetes/RoleBinding/{namespace}/by-hand")
    );
    assert_eq!(via["role"], "kubernetes/ClusterRole/edit");
    // Nothing is written: a change that would be is refused too.
    let more = format!(
        "{STACK}\n[kubernetes.service_account.more]\nname = \"more\"\nnamespace = \"TAG\"\n"
    );
    scene.repo.stack(&more);
    scene.repo.run(&["apply", "stacks/main", "--yes"]).exits(5);
    let place = Place("serviceaccounts", namespace, "more");
    assert!(scene.other.get(place).is_none());
}

/// A real server has authorizers besides RBAC: nodes may read nodes, and no role says so.
pub(crate) fn the_servers_own_word_counts(scene: &Scene) {
    scene.namespace();
    let stack = r#"
[kubernetes.service_account.worker]
name = "worker"
namespace = "TAG"

[[assert]]
name = "nodes see no nodes"
subject = "user:system:node:n1"
cannot = ["get"]
resource = "nodes"
resource_names = ["n1"]
known = true
"#;
    scene.repo.stack(stack);
    scene.repo.run(&["plan", "stacks/main"]).exits(0);
    let verified = scene
        .repo
        .run(&["apply", "stacks/main", "--yes", "--verify"]);
    match scene.world.server {
        Server::Sandbox(_) => {
            verified.exits(0);
        }
        Server::ControlPlane(_) => {
            let told = verified.exits(5).stderr;
            assert!(told.contains("assertion-refuted"), "{told}");
            assert!(
                told.contains(
                    "the server allows `system:node:n1` to get nodes in the whole cluster"
                ),
                "{told}"
            );
        }
    }
}

fn about(resource: &str) -> String {
    format!(
        "[kubernetes.service_account.worker]\nname = \"worker\"\nnamespace = \"TAG\"\n\
         [[assert]]\nname = \"it stays away\"\nsubject = \"${{kubernetes.service_account.worker}}\"\n\
         cannot = [\"get\"]\nresource = \"{resource}\"\n"
    )
}

pub(crate) fn the_version_is_asked_where_an_assertion_depends_on_it(scene: &Scene) {
    scene.namespace();
    let plan = ["plan", "stacks/main", "--json"];
    for (resource, asked) in [("secrets", None), ("pods/resize", Some(1))] {
        scene.repo.stack(&about(resource));
        let requests = scene.requests(|| {
            let plan = scene.repo.run(&plan).exits(0).json();
            assert_eq!(plan["assertions"][0]["status"], "pass");
        });
        assert_eq!(
            requests.get("get /version").and_then(Value::as_u64),
            asked,
            "{requests}"
        );
    }
    if let Server::ControlPlane(_) = scene.world.server {
        return;
    }
    let mut kubeconfig = scene.world.kubeconfig(&[&scene.login]);
    let older = older::before(&scene.world.url(), "v1.32.13");
    kubeconfig["clusters"][0]["cluster"]["server"] = json!(older);
    scene.repo.log_in(&kubeconfig);
    let plan = scene.repo.run(&plan).exits(5);
    assert_eq!(plan.json()["assertions"][0]["status"], "fail");
    let told = "Kubernetes 1.33 is the first that has it, and this cluster is 1.32";
    assert!(plan.stderr.contains(told), "{}", plan.told());
}
