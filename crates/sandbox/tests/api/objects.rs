//! How objects look once stored.

use serde_json::{Value, json};

use crate::client::{admin, binding, meta, role, role_bindings, roles, sandbox, with_meta};

#[test]
fn defaults_are_filled_in() {
    let sandbox = sandbox();
    let client = admin(&sandbox);
    let subjects = json!([
        {"kind": "User", "name": "ana"},
        {"kind": "ServiceAccount", "name": "ci"},
    ]);
    let stored = client
        .post(&role_bindings("n"), &binding("b", "Role", "r", subjects))
        .object();
    assert_eq!(
        stored["subjects"],
        json!([
            {"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "ana"},
            {"kind": "ServiceAccount", "name": "ci"},
        ])
    );
    let empty = client
        .post(&role_bindings("n"), &binding("c", "Role", "r", json!([])))
        .object();
    assert_eq!(empty.get("subjects"), None);
    let bare = client.post(&roles("n"), &role("r", json!([]))).object();
    assert_eq!(bare["rules"], Value::Null);
    assert_eq!(meta(&bare, "namespace"), "n");
}

#[test]
fn names_can_be_generated_and_must_be_new() {
    let sandbox = sandbox();
    let client = admin(&sandbox);
    let generated = with_meta(role("", json!([])), "generateName", json!("gen-"));
    let name = meta(&client.post(&roles("n"), &generated).object(), "name").to_owned();
    assert!(name.starts_with("gen-") && name.len() == 9, "{name}");
    let again = client.post(&roles("n"), &role(&name, json!([])));
    let text = format!("roles.rbac.authorization.k8s.io \"{name}\" already exists");
    assert_eq!(again.told(), (409, text));
    let numbered = with_meta(role("x", json!([])), "resourceVersion", json!("3"));
    assert_eq!(
        client.post(&roles("n"), &numbered).told(),
        (
            500,
            "resourceVersion should not be set on objects to be created".to_owned()
        )
    );
    assert_eq!(
        client.post(&roles("gone"), &role("x", json!([]))).told(),
        (404, "namespaces \"gone\" not found".to_owned())
    );
}

#[test]
fn put_creates_only_rbac_kinds() {
    let sandbox = sandbox();
    let client = admin(&sandbox);
    assert_eq!(
        client
            .put(&format!("{}/r", roles("n")), &role("r", json!([])))
            .code,
        201
    );
    let account = json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "s"}});
    assert_eq!(
        client
            .put("/api/v1/namespaces/n/serviceaccounts/s", &account)
            .code,
        404
    );
    let namespace = crate::client::namespace("new");
    assert_eq!(client.put("/api/v1/namespaces/new", &namespace).code, 404);
}

#[test]
fn an_equal_put_writes_nothing_and_drops_what_it_leaves_out() {
    let sandbox = sandbox();
    let client = admin(&sandbox);
    let path = format!("{}/r", roles("n"));
    let labelled = with_meta(role("r", json!([])), "labels", json!({"x": "1"}));
    let created = client.post(&roles("n"), &labelled).object();
    let same = client.put(&path, &labelled).object();
    assert_eq!(
        meta(&same, "resourceVersion"),
        meta(&created, "resourceVersion")
    );
    let bare = client.put(&path, &role("r", json!([]))).object();
    assert_eq!(bare["metadata"].get("labels"), None);
    assert_eq!(meta(&bare, "uid"), meta(&created, "uid"));
}

#[test]
fn finalizers_hold_a_deleted_object() {
    let sandbox = sandbox();
    let client = admin(&sandbox);
    let path = format!("{}/r", roles("n"));
    let held = with_meta(role("r", json!([])), "finalizers", json!(["example.com/x"]));
    client.post(&roles("n"), &held).object();
    let marked = client.delete(&path).object();
    assert_eq!(marked["kind"], "Role");
    assert_ne!(meta(&marked, "deletionTimestamp"), "");
    assert_eq!(
        client.post(&roles("n"), &role("r", json!([]))).message(),
        "object is being deleted: roles.rbac.authorization.k8s.io \"r\" already exists"
    );
    let more = json!({"metadata": {"finalizers": ["example.com/x", "example.com/y"]}});
    let (code, message) = client.merge(&path, &more).told();
    assert_eq!(code, 422);
    assert!(
        message.contains("no new finalizers can be added"),
        "{message}"
    );
    client
        .merge(&path, &json!({"metadata": {"finalizers": []}}))
        .object();
    assert_eq!(client.get(&path).code, 404);
}
