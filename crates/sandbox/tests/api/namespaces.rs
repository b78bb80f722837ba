//! Namespaces from their first label to their end.

use std::time::Duration;

use rbacform_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::client::{admin, meta, namespace, role, roles, sandbox, with_meta};

#[test]
fn a_namespace_comes_with_its_label_and_account() {
    let sandbox = sandbox();
    let client = admin(&sandbox);
    let created = client
        .apply("/api/v1/namespaces/m", "m1", &namespace("m"))
        .object();
    assert_eq!(
        created["metadata"]["labels"],
        json!({"kubernetes.io/metadata.name": "m"})
    );
    assert_eq!(created["spec"], json!({"finalizers": ["kubernetes"]}));
    assert_eq!(created["status"], json!({"phase": "Active"}));
    assert_eq!(
        client
            .get("/api/v1/namespaces/m/serviceaccounts/default")
            .code,
        200
    );
    let path = "/api/v1/namespaces/m";
    let unlabelled = client
        .merge(path, &json!({"metadata": {"labels": null}}))
        .object();
    assert_eq!(
        unlabelled["metadata"]["labels"],
        created["metadata"]["labels"]
    );
    client
        .delete("/api/v1/namespaces/m/serviceaccounts/default")
        .object();
    assert_eq!(
        client
            .get("/api/v1/namespaces/m/serviceaccounts/default")
            .code,
        200
    );
}

#[test]
fn nothing_is_created_in_a_namespace_that_ends() {
    let sandbox = Sandbox::builder()
        .namespace_delay(Duration::from_secs(3600))
        .start()
        .unwrap();
    let client = admin(&sandbox);
    client.post("/api/v1/namespaces", &namespace("m")).object();
    client.post(&roles("m"), &role("old", json!([]))).object();
    let ending = client.delete("/api/v1/namespaces/m").object();
    assert_eq!(ending["status"], json!({"phase": "Terminating"}));
    let refused = client.post(&roles("m"), &role("x", json!([])));
    assert_eq!(
        refused.told(),
        (
            403,
            "roles.rbac.authorization.k8s.io \"x\" is forbidden: unable to create new content in \
             namespace m because it is being terminated"
                .to_owned()
        )
    );
    assert_eq!(
        refused.json()["details"]["causes"][0]["reason"],
        "NamespaceTerminating"
    );
    assert_eq!(
        client.post("/api/v1/namespaces", &namespace("m")).told(),
        (
            409,
            "object is being deleted: namespaces \"m\" already exists".to_owned()
        )
    );
    let patch = json!({"metadata": {"labels": {"a": "b"}}});
    assert_eq!(
        client.merge(&format!("{}/old", roles("m")), &patch).code,
        200
    );
    assert_eq!(
        client.get(&format!("{}/old", roles("m"))).code,
        200,
        "content goes later"
    );
}

#[test]
fn its_content_goes_first() {
    let sandbox = sandbox();
    let client = admin(&sandbox);
    client.post(&roles("n"), &role("r", json!([]))).object();
    client.delete("/api/v1/namespaces/n").object();
    assert_eq!(client.get("/api/v1/namespaces/n").code, 404);
    let listed = client.get(&roles("n")).object();
    assert_eq!(listed["items"], json!([]));
    let created = client.post("/api/v1/namespaces", &namespace("n"));
    assert_eq!(created.code, 201);
}

#[test]
fn finalizers_hold_it_and_its_conditions_say_so() {
    let sandbox = sandbox();
    let client = admin(&sandbox);
    let held = with_meta(
        role("held", json!([])),
        "finalizers",
        json!(["example.com/x"]),
    );
    client.post(&roles("n"), &held).object();
    client.delete("/api/v1/namespaces/n").object();
    let waiting = client.get("/api/v1/namespaces/n").object();
    let condition = |kind: &str| {
        let conditions = waiting["status"]["conditions"].as_array().unwrap();
        let found = conditions
            .iter()
            .find(|condition| condition["type"] == kind)
            .unwrap();
        found["message"].as_str().unwrap().to_owned()
    };
    assert_eq!(
        condition("NamespaceContentRemaining"),
        "Some resources are remaining: roles.rbac.authorization.k8s.io has 1 resource instances"
    );
    assert_eq!(
        condition("NamespaceFinalizersRemaining"),
        "Some content in the namespace has finalizers remaining: example.com/x in 1 resource \
         instances"
    );
    let path = format!("{}/held", roles("n"));
    assert_ne!(meta(&client.get(&path).object(), "deletionTimestamp"), "");
    client
        .merge(&path, &json!({"metadata": {"finalizers": null}}))
        .object();
    assert_eq!(client.get("/api/v1/namespaces/n").code, 404);
}

#[test]
fn some_may_not_be_deleted() {
    let sandbox = sandbox();
    for name in ["default", "kube-system", "kube-public"] {
        assert_eq!(
            admin(&sandbox)
                .delete(&format!("/api/v1/namespaces/{name}"))
                .told(),
            (
                403,
                format!("namespaces \"{name}\" is forbidden: this namespace may not be deleted")
            )
        );
    }
}

#[test]
fn pod_security_labels_are_checked_as_the_admission_plugin_does() {
    let sandbox = sandbox();
    let client = admin(&sandbox);
    let labelled = |labels: Value| with_meta(namespace("p"), "labels", labels);
    let enforce = "pod-security.kubernetes.io/enforce";
    let version = "pod-security.kubernetes.io/enforce-version";
    assert_eq!(
        client
            .post("/api/v1/namespaces", &labelled(json!({enforce: "foo"})))
            .message(),
        "Namespace \"p\" is invalid: metadata.labels[pod-security.kubernetes.io/enforce]: Invalid \
         value: \"foo\": must be one of privileged, baseline, restricted"
    );
    assert_eq!(
        client
            .post("/api/v1/namespaces", &labelled(json!({version: "1.30"})))
            .message(),
        "Namespace \"p\" is invalid: metadata.labels[pod-security.kubernetes.io/enforce-version]: \
         Invalid value: \"1.30\": must be \"latest\" or \"v1.x\""
    );
    let good = labelled(json!({enforce: "restricted", version: "v1.999"}));
    assert_eq!(client.post("/api/v1/namespaces", &good).code, 201);
}
