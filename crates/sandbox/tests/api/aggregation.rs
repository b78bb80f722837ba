//! Aggregated cluster roles and who owns their rules.

use serde_json::{Value, json};

use crate::client::{admin, cluster_role, cluster_role_path, get_rule, sandbox, with, with_meta};

fn aggregated(name: &str, label: &str) -> Value {
    let role = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
        "metadata": {"name": name},
    });
    let selectors = json!({"clusterRoleSelectors": [{"matchLabels": {label: "true"}}]});
    with(role, "aggregationRule", selectors)
}

#[test]
fn rules_are_the_controllers_and_follow_the_sources() {
    let sandbox = sandbox();
    let client = admin(&sandbox);
    let path = cluster_role_path("agg");
    client
        .apply(&path, "m1", &aggregated("agg", "to-agg"))
        .object();
    let source = with_meta(
        cluster_role("source", json!([get_rule(&["pods"])])),
        "labels",
        json!({"to-agg": "true"}),
    );
    client
        .apply(&cluster_role_path("source"), "m1", &source)
        .object();
    let filled = client.get(&path).object();
    assert_eq!(filled["rules"], json!([get_rule(&["pods"])]));
    let owners = filled["metadata"]["managedFields"].as_array().unwrap();
    let controller = "clusterrole-aggregation-controller";
    let owner = owners
        .iter()
        .find(|owner| owner["manager"] == controller)
        .unwrap();
    assert_eq!(owner["fieldsV1"], json!({"f:rules": {}}));

    let again = client
        .apply(&path, "m1", &aggregated("agg", "to-agg"))
        .object();
    assert_eq!(
        again["metadata"]["resourceVersion"],
        filled["metadata"]["resourceVersion"]
    );
    assert_eq!(
        client
            .apply(
                &path,
                "m1",
                &with(aggregated("agg", "to-agg"), "rules", json!([]))
            )
            .told(),
        (
            409,
            "Apply failed with 1 conflict: conflict with \"clusterrole-aggregation-controller\": \
             .rules"
                .to_owned()
        )
    );
    client.delete(&cluster_role_path("source")).object();
    assert_eq!(client.get(&path).object()["rules"], Value::Null);
}

#[test]
fn rules_that_somebody_else_owns_too_stay() {
    let sandbox = sandbox();
    let client = admin(&sandbox);
    let path = cluster_role_path("agg");
    let pods = json!([get_rule(&["pods"])]);
    let source = with_meta(
        cluster_role("source", pods.clone()),
        "labels",
        json!({"to-agg": "true"}),
    );
    client
        .apply(&cluster_role_path("source"), "m1", &source)
        .object();
    client
        .apply(&path, "m1", &aggregated("agg", "to-agg"))
        .object();
    client
        .apply(
            &path,
            "m2",
            &with(aggregated("agg", "to-agg"), "rules", pods.clone()),
        )
        .object();
    client.delete(&cluster_role_path("source")).object();
    assert_eq!(client.get(&path).object()["rules"], pods);
}

#[test]
fn the_default_roles_are_a_real_servers() {
    let sandbox = sandbox();
    let client = admin(&sandbox);
    let rules = |name: &str| {
        let role = client.get(&cluster_role_path(name)).object();
        role["rules"].as_array().unwrap().clone()
    };
    let covers = |held: &[Value], wanted: &[Value]| wanted.iter().all(|rule| held.contains(rule));
    assert!(covers(&rules("edit"), &rules("view")));
    assert!(covers(&rules("admin"), &rules("edit")));
    let before = rules("view");
    let source = with_meta(
        cluster_role("widgets", json!([get_rule(&["widgets"])])),
        "labels",
        json!({"rbac.authorization.k8s.io/aggregate-to-view": "true"}),
    );
    client
        .apply(&cluster_role_path("widgets"), "m1", &source)
        .object();
    assert_eq!(rules("view").len(), before.len() + 1);
    assert!(
        rules("admin").contains(&get_rule(&["widgets"])),
        "through view and edit"
    );
}
