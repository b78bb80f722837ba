//! The request contract, as exact numbers: ask the server as little as the question allows.

use serde_json::{Value, json};

use crate::support::scene::Scene;

/// Seven resources of all six kinds.
pub(crate) const MIXED: &str = r#"
[kubernetes.namespace.it]
name = "TAG"

[kubernetes.service_account.worker]
name = "worker"
namespace = "${kubernetes.namespace.it.name}"

[kubernetes.role.reader]
name = "reader"
namespace = "${kubernetes.namespace.it.name}"
rules = [{ api_groups = [""], resources = ["pods"], verbs = ["get", "list"] }]

[kubernetes.role_binding.worker]
name = "worker"
namespace = "${kubernetes.namespace.it.name}"
role = "${kubernetes.role.reader}"
subjects = ["${kubernetes.service_account.worker}"]

[kubernetes.role_binding.view]
name = "view"
namespace = "${kubernetes.namespace.it.name}"
cluster_role = "view"
subjects = ["group:TAG"]

[kubernetes.cluster_role.nodes]
name = "TAG-nodes"
rules = [{ api_groups = [""], resources = ["nodes"], verbs = ["get"] }]

[kubernetes.cluster_role_binding.nodes]
name = "TAG-nodes"
cluster_role = "${kubernetes.cluster_role.nodes}"
subjects = ["group:TAG"]
"#;

/// One LIST for each of the six kinds, and what comes on top of it.
fn lists(more: Value) -> Value {
    let mut requests = json!({
        "list namespaces": 1, "list serviceaccounts": 1, "list roles": 1, "list rolebindings": 1,
        "list clusterroles": 1, "list clusterrolebindings": 1,
    });
    requests
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    requests
}

fn total(requests: &Value) -> u64 {
    requests
        .as_object()
        .unwrap()
        .values()
        .map(|number| number.as_u64().unwrap())
        .sum()
}

pub(crate) fn requests_of_a_mixed_stack_are_exact(scene: &Scene) {
    scene.repo.stack(MIXED);
    let asks = |args: &[&str], code: i32, expected: Value| {
        let mut told = Value::Null;
        let requests = scene.requests(|| told = scene.repo.run(args).exits(code).json());
        assert_eq!(requests, expected, "{args:?}");
        assert_eq!(
            told["requests"],
            json!({"kubernetes": total(&expected), "gcp": 0}),
            "{args:?}"
        );
    };
    let plan = ["plan", "stacks/main", "--json"];
    let apply = ["apply", "stacks/main", "--json", "--yes"];
    let identity = json!({"create selfsubjectreviews": 1});
    asks(&plan, 0, lists(identity));
    asks(
        &apply,
        0,
        lists(json!({
            "create selfsubjectreviews": 1,
            "patch namespaces": 1, "patch serviceaccounts": 1, "patch roles": 1, "patch rolebindings": 2,
            "patch clusterroles": 1, "patch clusterrolebindings": 1,
        })),
    );
    asks(&plan, 0, lists(json!({})));
    asks(&apply, 0, lists(json!({})));
    asks(&["drift", "stacks/main", "--json"], 0, lists(json!({})));
    scene
        .repo
        .stack(&MIXED.replace("\"get\", \"list\"", "\"get\""));
    asks(
        &apply,
        0,
        lists(json!({"create selfsubjectreviews": 1, "patch roles": 1})),
    );
    asks(
        &["destroy", "stacks/main", "--json", "--yes"],
        0,
        lists(json!({
            "create selfsubjectreviews": 1,
            "patch namespaces": 1, "delete serviceaccounts": 1, "delete roles": 1,
            "delete rolebindings": 2, "delete clusterroles": 1, "delete clusterrolebindings": 1,
        })),
    );
}

pub(crate) fn requests_of_a_replacement_are_exact(scene: &Scene) {
    scene.namespace();
    let binding = |role: &str| {
        format!(
            "[kubernetes.role_binding.it]\nname = \"it\"\nnamespace = \"TAG\"\n\
             cluster_role = \"{role}\"\nsubjects = [\"user:ana\"]\n"
        )
    };
    scene.repo.stack(&binding("view"));
    scene.repo.apply();
    scene.repo.stack(&binding("edit"));
    let requests = scene.requests(|| {
        scene.repo.apply();
    });
    assert_eq!(
        requests,
        json!({
            "get namespaces": 1, "list rolebindings": 1, "create selfsubjectreviews": 1,
            // What somebody gains or loses depends on what else there is.
            "list roles": 1, "list clusterroles": 1, "list clusterrolebindings": 1,
            "patch rolebindings": 2, "delete rolebindings": 2,
        })
    );
}

pub(crate) fn narrow_stacks_ask_narrowly(scene: &Scene) {
    scene.namespace();
    let asks = |stack: &str, expected: Value| {
        scene.repo.run(&["destroy", "stacks/main", "--yes"]);
        scene.repo.stack(stack);
        scene.repo.apply();
        let requests = scene.requests(|| scene.repo.is_settled());
        assert_eq!(requests, expected, "{stack}");
    };
    asks(
        "[kubernetes.service_account.it]\nname = \"it\"\nnamespace = \"TAG\"\n",
        json!({"get namespaces": 1, "list serviceaccounts": 1}),
    );
    asks(
        "[kubernetes.role.it]\nname = \"it\"\nnamespace = \"TAG\"\nrules = []\n",
        json!({"get namespaces": 1, "list roles": 1, "list rolebindings": 1}),
    );
    asks(
        "[kubernetes.cluster_role.it]\nname = \"TAG-it\"\nrules = []\n",
        json!({"get namespaces": 1, "list clusterroles": 1, "list clusterrolebindings": 1, "list rolebindings": 1}),
    );
    asks(
        "[kubernetes.namespace.it]\nname = \"TAG-own\"\n",
        json!({"list namespaces": 1, "list rolebindings": 1}),
    );
    // A stack of nothing asks nobody.
    scene
        .repo
        .run(&["destroy", "stacks/main", "--yes"])
        .exits(0);
    scene.repo.stack("");
    assert_eq!(scene.requests(|| scene.repo.is_settled()), json!({}));
}

pub(crate) fn requests_of_a_saved_plan_are_exact(scene: &Scene) {
    scene.repo.stack(MIXED);
    let planned = scene.requests(|| {
        scene
            .repo
            .run(&["plan", "stacks/main", "--out", "saved.plan"])
            .exits(0);
    });
    assert_eq!(planned, lists(json!({"create selfsubjectreviews": 1})));
    let applied = scene.requests(|| {
        scene.repo.run(&["apply", "saved.plan"]).exits(0);
    });
    assert_eq!(
        applied,
        lists(json!({
            "create selfsubjectreviews": 1,
            "patch namespaces": 1, "patch serviceaccounts": 1, "patch roles": 1, "patch rolebindings": 2,
            "patch clusterroles": 1, "patch clusterrolebindings": 1,
        })),
        "the world is read once"
    );
}

pub(crate) fn requests_of_a_verified_apply_are_exact(scene: &Scene) {
    scene.repo.stack(MIXED);
    let requests = scene.requests(|| {
        let ran = scene
            .repo
            .run(&["apply", "stacks/main", "--yes", "--verify"])
            .exits(0);
        assert!(ran.stderr.contains("Verified"), "{}", ran.told());
    });
    let number = |sort: &str| requests[sort].as_u64().unwrap_or_default();
    assert_eq!(
        number("list roles"),
        2,
        "before, and one fresh read after: {requests}"
    );
    assert_eq!(number("patch roles"), 1);
}
