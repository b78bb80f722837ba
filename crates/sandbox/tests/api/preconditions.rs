//! uid and resourceVersion in writes: what is a lock, what is not, and how it is refused.

use serde_json::{Value, json};

use crate::client::{Client, admin, meta, role, roles, sandbox, with_meta};

const STALE: &str = "Operation cannot be fulfilled on roles.rbac.authorization.k8s.io \"a\": the \
    object has been modified; please apply your changes to the latest version and try again";

fn existing(client: &Client<'_>) -> (String, Value) {
    let created = client.post(&roles("n"), &role("a", json!([]))).object();
    (format!("{}/a", roles("n")), created)
}

#[test]
fn a_resource_version_does_not_guard_against_deletion() {
    let sandbox = sandbox();
    let client = admin(&sandbox);
    for name in ["b", "c"] {
        let path = format!("{}/{name}", roles("n"));
        let locked = with_meta(role(name, json!([])), "resourceVersion", json!("7"));
        let written = match name {
            "b" => client.apply(&path, "m1", &locked),
            _ => client.put(&path, &locked),
        };
        assert_eq!(written.code, 201, "{name}");
    }
}

#[test]
fn a_uid_guards_against_deletion() {
    let sandbox = sandbox();
    let client = admin(&sandbox);
    let path = format!("{}/a", roles("n"));
    let locked = with_meta(role("a", json!([])), "uid", json!("X"));
    let head = "Operation cannot be fulfilled on roles.rbac.authorization.k8s.io \"a\"";
    assert_eq!(
        client.apply(&path, "m1", &locked).told(),
        (
            409,
            format!(
                "{head}: uid mismatch: the provided object specified uid X, and no existing \
                 object was found"
            )
        )
    );
    let (code, message) = client.put(&path, &locked).told();
    assert_eq!(code, 409);
    assert!(
        message.ends_with("Precondition failed: UID in precondition: X, UID in object meta: "),
        "{message}"
    );
    assert_eq!(client.merge(&path, &json!({})).code, 404);
}

#[test]
fn another_uid_is_refused() {
    let sandbox = sandbox();
    let client = admin(&sandbox);
    let (path, _) = existing(&client);
    let locked = with_meta(role("a", json!([])), "uid", json!("X"));
    let immutable = "Role.rbac.authorization.k8s.io \"a\" is invalid: metadata.uid: Invalid \
        value: \"X\": field is immutable";
    assert_eq!(
        client.apply(&path, "m1&force=true", &locked).told(),
        (422, immutable.to_owned())
    );
    let patch = json!({"metadata": {"uid": "X"}});
    assert_eq!(
        client.merge(&path, &patch).told(),
        (422, immutable.to_owned())
    );
    assert_eq!(client.put(&path, &locked).code, 409);
}

#[test]
fn a_stale_version_is_refused_even_for_equal_content() {
    let sandbox = sandbox();
    let client = admin(&sandbox);
    let (path, _) = existing(&client);
    let stale = with_meta(role("a", json!([])), "resourceVersion", json!("1"));
    let refusal = (409, STALE.to_owned());
    assert_eq!(client.apply(&path, "m1&force=true", &stale).told(), refusal);
    assert_eq!(
        client
            .apply(&path, "m1&dryRun=All&force=true", &stale)
            .told(),
        refusal
    );
    assert_eq!(client.put(&path, &stale).told(), refusal);
    let patch = json!({"metadata": {"resourceVersion": "1"}});
    assert_eq!(client.merge(&path, &patch).told(), refusal);
    for none in ["", "0"] {
        let free = with_meta(role("a", json!([])), "resourceVersion", json!(none));
        assert_eq!(client.put(&path, &free).code, 200, "{none:?}");
    }
}

#[test]
fn both_together_let_an_update_through() {
    let sandbox = sandbox();
    let client = admin(&sandbox);
    let (path, live) = existing(&client);
    let mut update = with_meta(role("a", json!([])), "labels", json!({"x": "1"}));
    for field in ["uid", "resourceVersion"] {
        update["metadata"][field] = live["metadata"][field].clone();
    }
    assert_eq!(client.apply(&path, "m1&force=true", &update).code, 200);
    assert_eq!(
        client.apply(&path, "m1&force=true", &update).told(),
        (409, STALE.to_owned())
    );
}

#[test]
fn deletes_hold_against_both() {
    let sandbox = sandbox();
    let client = admin(&sandbox);
    let (path, live) = existing(&client);
    let (uid, version) = (meta(&live, "uid"), meta(&live, "resourceVersion"));
    let head = "Operation cannot be fulfilled on Role.rbac.authorization.k8s.io \"a\"";
    assert_eq!(
        client.delete_if(&path, json!({"uid": "X"})).told(),
        (
            409,
            format!(
                "{head}: the UID in the precondition (X) does not match the UID in record ({uid}). \
                 The object might have been deleted and then recreated"
            )
        )
    );
    assert_eq!(
        client
            .delete_if(&path, json!({"uid": uid, "resourceVersion": "1"}))
            .told(),
        (
            409,
            format!(
                "{head}: the ResourceVersion in the precondition (1) does not match the \
                 ResourceVersion in record ({version}). The object might have been modified"
            )
        )
    );
    let gone = client
        .delete_if(&path, json!({"uid": uid, "resourceVersion": version}))
        .object();
    assert_eq!(gone["details"]["uid"], uid);
    assert_eq!(client.delete_if(&path, json!({"uid": uid})).code, 404);
}
