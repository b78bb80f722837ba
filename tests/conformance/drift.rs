//! Drift: what changed behind the stack's back, and by whom. It has no write path.

use serde_json::{Value, json};

use crate::lifecycle::changes;
use crate::support::client::Place;
use crate::support::scene::{Scene, mark, user_subject};

const ROLE: &str = r#"
[kubernetes.role.reader]
name = "reader"
namespace = "TAG"
labels = { team = "a" }
rules = [{ api_groups = [""], resources = ["pods"], verbs = ["get"] }]
"#;

/// A scene with the role applied, and where it is.
fn applied(scene: &Scene) -> Place<'_> {
    scene.namespace();
    scene.repo.stack(ROLE);
    scene.repo.apply();
    Place("roles", &scene.tag, "reader")
}

pub(crate) fn drift_names_who_changed_it(scene: &Scene) {
    let place = applied(scene);
    let widen = |object: &mut Value| object["rules"][0]["verbs"] = json!(["get", "delete"]);
    scene.other.edit_as("argocd-controller", place, widen);
    let drift = scene.repo.drifted();
    assert_eq!(drift[0]["by"]["manager"], "argocd-controller");
    let at: &str = drift[0]["by"]["at"].as_str().unwrap();
    assert!(at.starts_with("20") && at.ends_with('Z'), "RFC 3339: {at}");
    let told = scene.repo.run(&["drift", "stacks/main"]).exits(2).stdout;
    assert!(
        told.contains("argocd-controller") && told.contains("delete"),
        "{told}"
    );

    let rules = json!([{"apiGroups": [""], "resources": ["pods"], "verbs": ["patch"]}]);
    scene.other.merge(place, &json!({"rules": rules}));
    let drift = scene.repo.drifted();
    assert_eq!(
        drift[0]["by"]["manager"], "kubectl-patch",
        "the last one: {drift}"
    );
}

pub(crate) fn drift_writes_nothing(scene: &Scene) {
    scene.namespace();
    scene.repo.stack(ROLE);
    scene.repo.run(&["drift", "stacks/main"]).exits(0);
    assert_eq!(
        scene.repo.state_bytes(),
        [],
        "not even a folder's first file"
    );
    scene.repo.apply();
    let place = Place("roles", &scene.tag, "reader");
    scene.other.edit(place, |object| {
        object["metadata"]["labels"]["team"] = json!("b")
    });
    let (world, state) = (scene.other.object(place), scene.repo.state_bytes());
    let requests = scene.requests(|| {
        scene.repo.drifted();
    });
    assert_eq!(
        requests,
        json!({"list roles": 1, "list rolebindings": 1, "get namespaces": 1}),
        "lists, and who the cluster is"
    );
    assert_eq!(
        (scene.other.object(place), scene.repo.state_bytes()),
        (world, state)
    );
}

pub(crate) fn foreign_labels_are_no_drift(scene: &Scene) {
    let place = applied(scene);
    scene.other.merge(
        place,
        &json!({"metadata": {"labels": {"theirs": "1"}, "annotations": {"theirs.example.com/a": "b"}}}),
    );
    scene.repo.has_no_drift();
    scene.repo.is_settled();
    scene.repo.stack(&ROLE.replace("\"a\"", "\"b\""));
    scene.repo.apply();
    let object = scene.other.object(place);
    assert_eq!(object["metadata"]["labels"]["theirs"], "1", "left alone");
    assert_eq!(object["metadata"]["labels"]["team"], "b");
}

pub(crate) fn lost_mark_is_drift_and_comes_back(scene: &Scene) {
    let place = applied(scene);
    let nothing = json!({"rbacform.io/stack": null, "rbacform.io/lineage": null});
    scene
        .other
        .merge(place, &json!({"metadata": {"annotations": nothing}}));
    let drift = scene.repo.drifted();
    assert_eq!(drift[0]["differences"][0]["path"], "mark");
    let update = ["kubernetes.role.reader", "update", "mark_missing"];
    assert_eq!(changes(&scene.repo.plan()), [update.map(str::to_owned)]);
    scene.repo.apply();
    assert_eq!(
        mark(&scene.other.object(place)).0.as_deref(),
        Some(scene.tag.as_str())
    );
    scene.repo.has_no_drift();
}

pub(crate) fn unmanaged_bindings_are_listed(scene: &Scene) {
    let place = applied(scene);
    let binding = json!({
        "metadata": {"name": "sneaked-in"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": place.2},
        "subjects": [user_subject("mallory")],
    });
    scene.other.create("rolebindings", place.1, &binding);
    let elsewhere = scene.name("elsewhere");
    scene.namespace_named(&elsewhere);
    scene.other.create("rolebindings", &elsewhere, &binding);
    let found = scene
        .repo
        .run(&["drift", "stacks/main", "--json"])
        .exits(0)
        .json();
    let expected = json!([{
        "platform": "kubernetes",
        "kind": "binding",
        "object": format!("kubernetes/RoleBinding/{}/sneaked-in", scene.tag),
        "subject": "user:mallory",
        "role": "Role reader",
        "scope": scene.tag,
    }]);
    assert_eq!(
        (&found["drifted"], &found["unmanaged"]),
        (&json!(false), &expected)
    );
    assert_eq!(scene.repo.plan()["unmanaged"], expected);
    scene
        .repo
        .run(&["drift", "stacks/main", "--fail-on", "unmanaged"])
        .exits(2);
}

pub(crate) fn ignored_changes_stay(scene: &Scene) {
    scene.namespace();
    scene.repo.stack(&format!(
        "{ROLE}lifecycle = {{ ignore_changes = [\"labels\"] }}\n"
    ));
    scene.repo.apply();
    let place = Place("roles", &scene.tag, "reader");
    scene.other.edit(place, |object| {
        object["metadata"]["labels"]["team"] = json!("theirs")
    });
    scene.repo.has_no_drift();
    scene.repo.is_settled();
    scene.repo.stack(&format!(
        "{}lifecycle = {{ ignore_changes = [\"labels\"] }}\n",
        ROLE.replace("\"get\"", "\"list\"")
    ));
    scene.repo.apply();
    let object = scene.other.object(place);
    assert_eq!(object["metadata"]["labels"]["team"], "theirs");
    assert_eq!(object["rules"][0]["verbs"], json!(["list"]));
}
