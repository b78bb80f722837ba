//! Server-side apply: ownership, conflicts, and writes that are not made.

use serde_json::{Value, json};

use crate::client::{admin, get_rule, meta, role, roles, sandbox, with, with_meta};

fn owners(object: &Value) -> Vec<(String, String)> {
    let entries = object["metadata"]["managedFields"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let text = |entry: &Value, field: &str| entry[field].as_str().unwrap().to_owned();
    entries
        .iter()
        .map(|entry| (text(entry, "manager"), text(entry, "operation")))
        .collect()
}

#[test]
fn the_first_apply_creates_and_the_same_again_writes_nothing() {
    let sandbox = sandbox();
    let client = admin(&sandbox);
    let path = format!("{}/r", roles("n"));
    let config = role("r", json!([get_rule(&["pods"])]));
    let created = client.apply(&path, "m1", &config);
    assert_eq!(created.code, 201);
    let again = client.apply(&path, "m1", &config);
    assert_eq!(again.code, 200);
    assert_eq!(created.json(), again.json());
}

#[test]
fn equal_values_are_shared_and_other_values_conflict() {
    let sandbox = sandbox();
    let client = admin(&sandbox);
    let path = format!("{}/r", roles("n"));
    let config = role("r", json!([get_rule(&["pods"])]));
    let first = client.apply(&path, "m1", &config).object();
    let shared = client.apply(&path, "m2", &config).object();
    assert_ne!(
        meta(&first, "resourceVersion"),
        meta(&shared, "resourceVersion")
    );
    assert_eq!(owners(&shared).len(), 2);
    let other = role("r", json!([get_rule(&["nodes"])]));
    let conflict = client.apply(&path, "m2", &other);
    assert_eq!(
        conflict.told(),
        (
            409,
            "Apply failed with 1 conflict: conflict with \"m1\": .rules".to_owned()
        )
    );
    let cause = json!({
        "reason": "FieldManagerConflict", "message": "conflict with \"m1\"", "field": ".rules",
    });
    assert_eq!(conflict.json()["details"]["causes"], json!([cause]));
    let forced = client.apply(&path, "m2&force=true", &other).object();
    assert_eq!(owners(&forced), [("m2".to_owned(), "Apply".to_owned())]);
}

#[test]
fn several_conflicts_are_listed_by_manager() {
    let sandbox = sandbox();
    let client = admin(&sandbox);
    let path = format!("{}/r", roles("n"));
    let labelled = |value: &str, resource: &str| {
        with_meta(
            role("r", json!([get_rule(&[resource])])),
            "labels",
            json!({"x": value}),
        )
    };
    client.apply(&path, "m1", &labelled("1", "pods")).object();
    assert_eq!(
        client.apply(&path, "m2", &labelled("2", "nodes")).message(),
        "Apply failed with 2 conflicts: conflicts with \"m1\":\n- .rules\n- .metadata.labels.x"
    );
}

#[test]
fn ownership_is_per_manager_and_operation() {
    let sandbox = sandbox();
    let client = admin(&sandbox);
    let posted = role("r", json!([get_rule(&["pods"])]));
    client
        .post(&format!("{}?fieldManager=m1", roles("n")), &posted)
        .object();
    let path = format!("{}/r", roles("n"));
    let conflict = client.apply(&path, "m1", &role("r", json!([])));
    assert_eq!(
        conflict.message(),
        "Apply failed with 1 conflict: conflict with \"m1\" using rbac.authorization.k8s.io/v1: \
         .rules"
    );
}

#[test]
fn a_field_that_is_left_out_goes_with_its_last_owner() {
    let sandbox = sandbox();
    let client = admin(&sandbox);
    let path = format!("{}/r", roles("n"));
    let labelled = with_meta(
        role("r", json!([get_rule(&["pods"])])),
        "labels",
        json!({"x": "1"}),
    );
    let bare = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "r"},
    });
    client.apply(&path, "m1", &labelled).object();
    client
        .apply(
            &path,
            "m2",
            &with_meta(bare.clone(), "labels", json!({"x": "1"})),
        )
        .object();
    let left = client.apply(&path, "m1", &bare).object();
    assert_eq!(left["rules"], Value::Null);
    assert_eq!(
        left["metadata"]["labels"],
        json!({"x": "1"}),
        "the other owner keeps it"
    );
    let gone = client.apply(&path, "m2", &bare).object();
    assert_eq!(gone["metadata"].get("labels"), None);
    assert_eq!(gone["metadata"].get("managedFields"), None);
}

#[test]
fn an_edit_takes_what_it_changes_and_nothing_else() {
    let sandbox = sandbox();
    let client = admin(&sandbox);
    let path = format!("{}/r", roles("n"));
    let config = with_meta(
        role("r", json!([get_rule(&["pods"])])),
        "labels",
        json!({"x": "1", "y": "1"}),
    );
    client.apply(&path, "m1", &config).object();
    let edited = client
        .merge(&path, &json!({"metadata": {"labels": {"x": "2"}}}))
        .object();
    let mine = &edited["metadata"]["managedFields"][0];
    assert_eq!(
        mine["fieldsV1"],
        json!({"f:metadata": {"f:labels": {"f:y": {}}}, "f:rules": {}})
    );
    let theirs = &edited["metadata"]["managedFields"][1];
    assert_eq!(
        theirs["manager"], "tester",
        "the user agent up to its slash"
    );
    assert_eq!(
        theirs["fieldsV1"],
        json!({"f:metadata": {"f:labels": {"f:x": {}}}})
    );
    assert_eq!(
        client.apply(&path, "m1", &config).message(),
        "Apply failed with 1 conflict: conflict with \"tester\" using \
         rbac.authorization.k8s.io/v1: .metadata.labels.x"
    );
}

#[test]
fn only_some_lists_are_merged() {
    let sandbox = sandbox();
    let client = admin(&sandbox);
    let path = "/api/v1/namespaces/n/serviceaccounts/s";
    let account = |secret: &str, pull: Value| {
        json!({
            "apiVersion": "v1", "kind": "ServiceAccount",
            "metadata": {"name": "s", "finalizers": [format!("example.com/{secret}")]},
            "secrets": [{"name": secret}], "imagePullSecrets": pull,
        })
    };
    client
        .apply(path, "m1", &account("a", json!([{"name": "p"}])))
        .object();
    assert_eq!(
        client
            .apply(path, "m2", &account("b", json!([{"name": "q"}])))
            .message(),
        "Apply failed with 1 conflict: conflict with \"m1\": .imagePullSecrets"
    );
    let merged = client
        .apply(path, "m2", &account("b", json!([{"name": "p"}])))
        .object();
    assert_eq!(merged["secrets"], json!([{"name": "a"}, {"name": "b"}]));
    assert_eq!(
        merged["metadata"]["finalizers"],
        json!(["example.com/a", "example.com/b"])
    );
}

#[test]
fn what_the_schema_does_not_know_is_a_server_error_without_a_reason() {
    let sandbox = sandbox();
    let client = admin(&sandbox);
    let path = format!("{}/r", roles("n"));
    let head = "failed to create typed patch object (/r; rbac.authorization.k8s.io/v1, Kind=Role)";
    for (config, problem) in [
        (
            role("r", json!([{"verbs": ["get"], "x": 1}])),
            ".rules[0].x: field not declared in schema",
        ),
        (role("r", json!("x")), ".rules: expected list, got &{x}"),
        (
            role("r", json!([{"verbs": [1]}])),
            ".rules[0].verbs[0]: expected string, got &value.valueUnstructured{Value:1}",
        ),
    ] {
        let refused = client.apply(&path, "m1", &config);
        assert_eq!(refused.told(), (500, format!("{head}: {problem}")));
        assert_eq!(refused.json().get("reason"), None);
    }
}

#[test]
fn parameters_of_apply_are_checked() {
    let sandbox = sandbox();
    let client = admin(&sandbox);
    let path = format!("{}/r", roles("n"));
    let config = role("r", json!([]));
    let options = |problem: &str| {
        (
            422,
            format!("PatchOptions.meta.k8s.io \"\" is invalid: {problem}"),
        )
    };
    assert_eq!(
        client.apply(&path, "", &config).told(),
        options("fieldManager: Required value: is required for apply patch")
    );
    assert_eq!(
        client.apply(&path, &"m".repeat(129), &config).told(),
        options("fieldManager: Too long: may not be more than 128 bytes")
    );
    assert_eq!(
        client
            .merge(&format!("{path}?force=true"), &json!({}))
            .told(),
        options("force: Forbidden: may not be specified for non-apply patch")
    );
    assert_eq!(
        client
            .send("PATCH", &path, "application/json", Some(&config))
            .code,
        415
    );
    assert_eq!(
        client
            .apply(&path, "m1", &with(config, "kind", json!("ClusterRole")))
            .told(),
        (
            400,
            "invalid object type: rbac.authorization.k8s.io/v1, Kind=ClusterRole".to_owned()
        )
    );
}

#[test]
fn yaml_is_read_too() {
    let sandbox = sandbox();
    let yaml = "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: r}\n\
                rules:\n- apiGroups: ['']\n  resources: [pods]\n  verbs: [get]\n";
    let path = format!("{}/r?fieldManager=m1", roles("n"));
    let headers = "Content-Type: application/apply-patch+yaml\r\n";
    let created = admin(&sandbox)
        .exchange("PATCH", &path, headers, yaml)
        .unwrap();
    assert_eq!(created.object()["rules"], json!([get_rule(&["pods"])]));
}

#[test]
fn a_dry_run_shows_and_stores_nothing() {
    let sandbox = sandbox();
    let client = admin(&sandbox);
    let path = format!("{}/r", roles("n"));
    let config = role("r", json!([]));
    let shown = client.apply(&path, "m1&dryRun=All", &config);
    assert_eq!(shown.code, 201);
    let shown = shown.json();
    assert_ne!(meta(&shown, "uid"), "");
    assert_eq!(meta(&shown, "resourceVersion"), "");
    assert_eq!(client.get(&path).code, 404);
}

#[test]
fn the_first_apply_to_an_unowned_object_shares_with_what_was_there() {
    let sandbox = sandbox();
    let path = "/api/v1/namespaces/n/serviceaccounts/default";
    let account = json!({
        "apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default"},
        "automountServiceAccountToken": false,
    });
    let applied = admin(&sandbox).apply(path, "m1", &account);
    assert_eq!(applied.code, 200);
    assert_eq!(
        owners(&applied.json()),
        [("m1".to_owned(), "Apply".to_owned())]
    );
}
