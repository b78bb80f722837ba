//! Who is let in, and as whom.

use rbacform_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::client::{admin, anonymous, caller, sandbox};

#[test]
fn callers_are_known_by_their_token() {
    let sandbox = sandbox();
    let unknown = caller(&sandbox, "no-such-token").get("/api/v1/namespaces");
    assert_eq!(unknown.told(), (401, "Unauthorized".to_owned()));
    assert_eq!(
        anonymous(&sandbox).get("/api/v1/namespaces").told(),
        (
            403,
            "namespaces is forbidden: User \"system:anonymous\" cannot list resource \
             \"namespaces\" in API group \"\" at the cluster scope"
                .to_owned()
        )
    );
    assert_eq!(anonymous(&sandbox).get("/version").object()["minor"], "36");
    assert_eq!(
        anonymous(&sandbox).get("/metrics").message(),
        "forbidden: User \"system:anonymous\" cannot get path \"/metrics\""
    );
    assert_eq!(
        caller(&sandbox, "token-ana")
            .get("/api/v1/namespaces/n/pods/p/log")
            .message(),
        "pods \"p\" is forbidden: User \"ana\" cannot get resource \"pods/log\" in API group \"\" \
         in the namespace \"n\""
    );
}

#[test]
fn what_is_not_modelled_is_refused_clearly() {
    let sandbox = sandbox();
    let client = admin(&sandbox);
    for (path, what) in [
        ("/api/v1/namespaces/n/pods", "pods"),
        ("/apis/apps/v1/deployments", "deployments of apps"),
        ("/api/v1/secrets?watch=1", "watch"),
        ("/openapi/v3", "discovery (/openapi/v3)"),
        (
            "/apis/rbac.authorization.k8s.io/v1beta1/roles",
            "version v1beta1 of roles",
        ),
    ] {
        let refused = client.get(path);
        assert_eq!(
            refused.told(),
            (501, format!("sandbox: {what} is not modelled")),
            "{path}"
        );
    }
    assert_eq!(client.delete("/api/v1/namespaces/n/secrets").code, 501);
    assert_eq!(client.delete("/api/v1/namespaces").code, 501);
}

#[test]
fn no_token_is_in_debug_output() {
    let sandbox = sandbox();
    let shown = format!("{sandbox:?}");
    assert!(!shown.contains(sandbox.admin_token()), "{shown}");
    let builder = rbacform_sandbox::Sandbox::builder().identity("canary-token", "u", &[]);
    assert!(!format!("{builder:?}").contains("canary-token"));
}

#[test]
fn kubectl_finds_out_what_is_served_and_needs_no_token_where_that_is_allowed() {
    let sandbox = Sandbox::builder().admin_without_token().start().unwrap();
    let kubectl = anonymous(&sandbox);
    assert_eq!(kubectl.get("/api").object()["versions"], json!(["v1"]));
    assert_eq!(
        kubectl.get("/apis").object()["groups"][0]["preferredVersion"]["groupVersion"],
        "rbac.authorization.k8s.io/v1"
    );
    for (path, served) in [
        (
            "/api/v1",
            json!(["namespaces", "serviceaccounts", "secrets"]),
        ),
        (
            "/apis/rbac.authorization.k8s.io/v1",
            json!([
                "roles",
                "clusterroles",
                "rolebindings",
                "clusterrolebindings"
            ]),
        ),
    ] {
        let found = kubectl.get(path).object();
        let names: Vec<&Value> = found["resources"]
            .as_array()
            .unwrap()
            .iter()
            .map(|resource| &resource["name"])
            .collect();
        assert_eq!(json!(names), served, "{path}");
    }
    // Everything that is said to be served is.
    assert!(kubectl.get("/api/v1/secrets").object()["items"].is_array());
    assert_eq!(kubectl.get("/apis/apps").told().0, 501);
    assert_eq!(caller(&sandbox, "no-such-token").get("/api").told().0, 401);
}
