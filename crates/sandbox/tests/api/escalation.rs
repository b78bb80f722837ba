//! Nobody hands out what they do not hold.

use rbacform_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::client::{
    RBAC, admin, binding, caller, cluster_binding, cluster_role, cluster_role_path, get_rule, role,
    role_bindings, roles, sandbox, with,
};

/// Carl may write RBAC objects and get pods.
fn with_carl() -> Sandbox {
    let sandbox = sandbox();
    let client = admin(&sandbox);
    let write = json!({
        "apiGroups": ["rbac.authorization.k8s.io"], "resources": ["*"],
        "verbs": ["get", "list", "create", "update", "patch", "delete"],
    });
    let rules = json!([write, get_rule(&["pods"])]);
    client
        .post(
            &format!("{RBAC}/clusterroles"),
            &cluster_role("writer", rules),
        )
        .object();
    let bound = cluster_binding("writer", "writer", "carl");
    client
        .post(&format!("{RBAC}/clusterrolebindings"), &bound)
        .object();
    sandbox
}

const NOT_HELD: &str = "user \"carl\" (groups=[\"system:authenticated\"]) is attempting to grant \
    RBAC permissions not currently held:\n";

#[test]
fn roles_need_cover() {
    let sandbox = with_carl();
    let carl = caller(&sandbox, "token-carl");
    let wanted = json!([
        get_rule(&["nodes", "pods"]),
        {"apiGroups": [""], "resources": ["pods"], "verbs": ["list", "watch"]},
    ]);
    let expected = format!(
        "roles.rbac.authorization.k8s.io \"e\" is forbidden: {NOT_HELD}\
         {{APIGroups:[\"\"], Resources:[\"nodes\"], Verbs:[\"get\"]}}\n\
         {{APIGroups:[\"\"], Resources:[\"pods\"], Verbs:[\"list\" \"watch\"]}}"
    );
    assert_eq!(
        carl.post(&roles("n"), &role("e", wanted.clone())).told(),
        (403, expected.clone())
    );
    let path = format!("{}/e", roles("n"));
    assert_eq!(
        carl.apply(&path, "m1", &role("e", wanted)).told(),
        (403, expected)
    );
    assert_eq!(
        carl.apply(&path, "m1", &role("e", json!([get_rule(&["pods"])])))
            .code,
        201
    );
}

#[test]
fn refusals_come_in_the_servers_order() {
    let sandbox = with_carl();
    let carl = caller(&sandbox, "token-carl");
    let uncovered = json!([get_rule(&["nodes"]), {}]);
    assert_eq!(
        carl.post(&roles("gone"), &role("e", uncovered.clone()))
            .code,
        404
    );
    assert_eq!(
        carl.post(&roles("n"), &role("e", uncovered)).code,
        403,
        "before 422"
    );
    let path = format!("{}/e", roles("n"));
    admin(&sandbox)
        .apply(&path, "m1", &role("e", json!([get_rule(&["pods"])])))
        .object();
    let nodes = role("e", json!([get_rule(&["nodes"])]));
    assert_eq!(
        carl.post(&roles("n"), &nodes).code,
        403,
        "before AlreadyExists"
    );
    assert_eq!(
        carl.apply(&path, "m2", &nodes).code,
        409,
        "the conflict comes first"
    );
}

#[test]
fn every_change_of_a_role_is_judged_by_the_whole_role() {
    let sandbox = with_carl();
    let carl = caller(&sandbox, "token-carl");
    let path = format!("{}/e", roles("n"));
    admin(&sandbox)
        .post(&roles("n"), &role("e", json!([get_rule(&["nodes"])])))
        .object();
    assert_eq!(
        carl.merge(&path, &json!({"metadata": {"labels": {"a": "b"}}}))
            .code,
        403
    );
    assert_eq!(carl.merge(&path, &json!({})).code, 200, "nothing changes");
    let held = json!({"metadata": {"finalizers": ["example.com/x"]}});
    assert_eq!(
        carl.merge(&path, &held).code,
        200,
        "only the garbage collector's fields"
    );
    assert_eq!(carl.merge(&path, &json!({"rules": []})).code, 200);
}

#[test]
fn aggregation_needs_everything() {
    let sandbox = with_carl();
    let carl = caller(&sandbox, "token-carl");
    let selectors = json!({"clusterRoleSelectors": [{"matchLabels": {"a": "b"}}]});
    let aggregated = with(
        cluster_role("agg", Value::Null),
        "aggregationRule",
        selectors,
    );
    assert_eq!(
        carl.apply(&cluster_role_path("agg"), "m1", &aggregated)
            .told(),
        (
            403,
            "clusterroles.rbac.authorization.k8s.io \"agg\" is forbidden: must have cluster-admin \
             privileges to use the aggregationRule"
                .to_owned()
        )
    );
}

#[test]
fn bindings_need_cover_of_their_role_or_the_right_to_bind_it() {
    let sandbox = with_carl();
    let carl = caller(&sandbox, "token-carl");
    let subjects = json!([{"kind": "User", "name": "ana"}]);
    let to = |role: &str| binding("b", "ClusterRole", role, subjects.clone());
    assert_eq!(
        carl.post(&role_bindings("n"), &to("gone")).told(),
        (
            404,
            "rolebindings.rbac.authorization.k8s.io \"gone\" not found".to_owned()
        )
    );
    let (code, message) = carl.post(&role_bindings("n"), &to("cluster-admin")).told();
    assert_eq!(code, 403);
    assert_eq!(
        message,
        format!(
            "rolebindings.rbac.authorization.k8s.io \"b\" is forbidden: {NOT_HELD}\
             {{APIGroups:[\"*\"], Resources:[\"*\"], Verbs:[\"*\"]}}\n\
             {{NonResourceURLs:[\"*\"], Verbs:[\"*\"]}}"
        )
    );
    let bind = json!({
        "apiGroups": ["rbac.authorization.k8s.io"], "resources": ["clusterroles"],
        "resourceNames": ["gone", "cluster-admin"], "verbs": ["bind"],
    });
    let client = admin(&sandbox);
    client
        .post(&roles("n"), &role("binder", json!([bind])))
        .object();
    let granted = binding(
        "binder",
        "Role",
        "binder",
        json!([{"kind": "User", "name": "carl"}]),
    );
    client.post(&role_bindings("n"), &granted).object();
    assert_eq!(
        carl.post(&role_bindings("n"), &to("cluster-admin")).code,
        201
    );
    let dangling = binding("d", "ClusterRole", "gone", subjects);
    assert_eq!(carl.post(&role_bindings("n"), &dangling).code, 201);
}

#[test]
fn apply_asks_for_the_right_to_create_by_name() {
    let sandbox = sandbox();
    let client = admin(&sandbox);
    let patch_only = json!({
        "apiGroups": ["rbac.authorization.k8s.io"], "resources": ["roles"], "verbs": ["patch"],
    });
    let create_one = json!({
        "apiGroups": ["rbac.authorization.k8s.io"], "resources": ["roles"],
        "resourceNames": ["mine"], "verbs": ["create"],
    });
    client
        .post(
            &roles("n"),
            &role("applier", json!([patch_only, create_one])),
        )
        .object();
    let subject = json!([{"kind": "User", "name": "carl"}]);
    client
        .post(
            &role_bindings("n"),
            &binding("b", "Role", "applier", subject),
        )
        .object();
    let carl = caller(&sandbox, "token-carl");
    let apply = |name: &str| {
        carl.apply(
            &format!("{}/{name}", roles("n")),
            "m1",
            &role(name, json!([])),
        )
        .told()
    };
    assert_eq!(apply("mine").0, 201);
    assert_eq!(
        apply("other"),
        (
            403,
            "roles.rbac.authorization.k8s.io \"other\" is forbidden: User \"carl\" cannot create \
             resource \"roles\" in API group \"rbac.authorization.k8s.io\" in the namespace \"n\""
                .to_owned()
        )
    );
    assert_eq!(
        carl.post(&roles("n"), &role("mine", json!([]))).code,
        403,
        "POST has no name"
    );
}
