//! Aggregated cluster roles: their rules are the controller's.

use serde_json::{Value, json};

use crate::lifecycle::changes;
use crate::support::client::Place;
use crate::support::scene::Scene;

const AGGREGATED: &str = r#"
[kubernetes.cluster_role.whole]
name = "TAG-whole"
aggregate = [{ match_labels = { "TAG-to-whole" = "true" } }]
"#;

fn part(verb: &str) -> String {
    format!(
        r#"{AGGREGATED}
[kubernetes.cluster_role.part]
name = "TAG-part"
labels = {{ "TAG-to-whole" = "true" }}
rules = [{{ api_groups = [""], resources = ["pods"], verbs = ["{verb}"] }}]
"#
    )
}

fn rule(resource: &str, verb: &str) -> Value {
    json!({"apiGroups": [""], "resources": [resource], "verbs": [verb]})
}

fn fills(scene: &Scene, rules: &Value) {
    let name = scene.name("whole");
    let place = Place("clusterroles", "", &name);
    scene
        .other
        .wait(&format!("the controller fills in {rules}"), || {
            &scene.other.object(place)["rules"] == rules
        });
}

pub(crate) fn aggregated_rules_are_never_ours(scene: &Scene) {
    scene.repo.stack(&part("get"));
    scene.repo.apply();
    fills(scene, &json!([rule("pods", "get")]));
    scene.repo.is_settled();
    scene.repo.has_no_drift();
    let whole = scene
        .other
        .object(Place("clusterroles", "", &scene.name("whole")));
    let managers = whole["metadata"]["managedFields"].as_array().unwrap();
    let ours: Vec<_> = managers
        .iter()
        .filter(|one| one["manager"] == "rbacform")
        .collect();
    assert_eq!(ours.len(), 1, "{managers:?}");
    assert_eq!(ours[0]["fieldsV1"].get("f:rules"), None);

    scene.repo.stack(&part("list"));
    let update = [
        "kubernetes.cluster_role.part",
        "update",
        "arguments_changed",
    ];
    assert_eq!(changes(&scene.repo.plan()), [update.map(str::to_owned)]);
    scene.repo.apply();
    fills(scene, &json!([rule("pods", "list")]));
    scene.repo.is_settled();
    scene.repo.has_no_drift();
}

pub(crate) fn ripples_of_aggregation_are_no_drift(scene: &Scene) {
    scene.repo.stack(AGGREGATED);
    scene.repo.apply();
    let label = scene.name("to-whole");
    let foreign = json!({
        "metadata": {"name": scene.name("foreign"), "labels": {label: "true"}},
        "rules": [rule("configmaps", "watch")],
    });
    scene.other.create("clusterroles", "", &foreign);
    fills(scene, &json!([rule("configmaps", "watch")]));
    scene.repo.is_settled();
    scene.repo.has_no_drift();
}
