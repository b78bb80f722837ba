//! What is refused as invalid, and the server's texts.

use serde_json::{Value, json};

use crate::client::{
    RBAC, admin, binding, cluster_role, get_rule, role, role_bindings, roles, sandbox, with,
};

#[test]
fn invalid_objects_are_refused_in_the_servers_words() {
    let sandbox = sandbox();
    let client = admin(&sandbox);
    let group = "rbac.authorization.k8s.io";
    let cluster_roles = format!("{RBAC}/clusterroles");
    let user =
        |field: &str, value: &str| with(json!({"kind": "User", "name": "u"}), field, json!(value));
    let bound = |subject: Value| binding("b", "Role", "r", json!([subject]));
    let role_ref = |field: &str, value: &str| {
        let mut object = binding("b", "Role", "r", json!([]));
        object["roleRef"][field] = json!(value);
        object
    };
    let cases: Vec<(String, Value, &str)> = vec![
        (
            roles("n"),
            role("a/b", json!([])),
            "Role.{G} \"a/b\" is invalid: metadata.name: Invalid value: \"a/b\": may not contain '/'",
        ),
        (
            roles("n"),
            role("a%b", json!([])),
            "Role.{G} \"a%b\" is invalid: metadata.name: Invalid value: \"a%b\": may not contain '%'",
        ),
        (
            roles("n"),
            role("..", json!([])),
            "Role.{G} \"..\" is invalid: metadata.name: Invalid value: \"..\": may not be '..'",
        ),
        (
            roles("n"),
            role("", json!([])),
            "Role.{G} \"\" is invalid: metadata.name: Required value: name or generateName is required",
        ),
        (
            roles("n"),
            role("r", json!([{}])),
            "Role.{G} \"r\" is invalid: [rules[0].verbs: Required value: verbs must contain at least one value, rules[0].apiGroups: Required value: resource rules must supply at least one api group, rules[0].resources: Required value: resource rules must supply at least one resource]",
        ),
        (
            roles("n"),
            role("r", json!([{"verbs": ["get"], "nonResourceURLs": ["/x"]}])),
            "Role.{G} \"r\" is invalid: rules[0].nonResourceURLs: Invalid value: [\"/x\"]: namespaced rules cannot apply to non-resource URLs",
        ),
        (
            cluster_roles.clone(),
            cluster_role(
                "r",
                json!([{"verbs": ["get"], "resources": ["pods"], "nonResourceURLs": ["/x"]}]),
            ),
            "ClusterRole.{G} \"r\" is invalid: rules[0].nonResourceURLs: Invalid value: [\"/x\"]: rules cannot apply to both regular resources and non-resource URLs",
        ),
        (
            cluster_roles,
            with(
                cluster_role("r", Value::Null),
                "aggregationRule",
                json!({"clusterRoleSelectors": []}),
            ),
            "ClusterRole.{G} \"r\" is invalid: aggregationRule.clusterRoleSelectors: Required value: at least one clusterRoleSelector required if aggregationRule is non-nil",
        ),
        (
            role_bindings("n"),
            role_ref("apiGroup", "x"),
            "RoleBinding.{G} \"b\" is invalid: roleRef.apiGroup: Unsupported value: \"x\": supported values: \"{G}\"",
        ),
        (
            role_bindings("n"),
            role_ref("kind", "x"),
            "RoleBinding.{G} \"b\" is invalid: roleRef.kind: Unsupported value: \"x\": supported values: \"Role\", \"ClusterRole\"",
        ),
        (
            role_bindings("n"),
            role_ref("name", ""),
            "RoleBinding.{G} \"b\" is invalid: roleRef.name: Required value",
        ),
        (
            role_bindings("n"),
            bound(user("kind", "x")),
            "RoleBinding.{G} \"b\" is invalid: subjects[0].kind: Unsupported value: \"x\": supported values: \"ServiceAccount\", \"User\", \"Group\"",
        ),
        (
            role_bindings("n"),
            bound(user("name", "")),
            "RoleBinding.{G} \"b\" is invalid: subjects[0].name: Required value",
        ),
        (
            role_bindings("n"),
            bound(user("apiGroup", "x")),
            "RoleBinding.{G} \"b\" is invalid: subjects[0].apiGroup: Unsupported value: \"x\": supported values: \"{G}\"",
        ),
    ];
    for (path, object, expected) in cases {
        let (code, message) = client.post(&path, &object).told();
        assert_eq!(message, expected.replace("{G}", group), "{path}");
        assert_eq!(code, 422);
    }
}

#[test]
fn bodies_of_the_wrong_shape_are_bad_requests() {
    let sandbox = sandbox();
    let client = admin(&sandbox);
    for (object, expected) in [
        (
            role("r", json!([{"verbs": "get"}])),
            "Role in version \"v1\" cannot be handled as a Role: json: cannot unmarshal string \
             into Go struct field PolicyRule.rules.verbs of type []string",
        ),
        (
            role("r", json!({})),
            "Role in version \"v1\" cannot be handled as a Role: json: cannot unmarshal object \
             into Go struct field Role.rules of type []v1.PolicyRule",
        ),
        (
            cluster_role("r", json!([])),
            "ClusterRole in version \"v1\" cannot be handled as a Role: converting \
             (v1.ClusterRole) to (rbac.Role): unknown conversion",
        ),
    ] {
        assert_eq!(
            client.post(&roles("n"), &object).told(),
            (400, expected.to_owned())
        );
    }
    let elsewhere = crate::client::with_meta(role("r", json!([])), "namespace", json!("m"));
    assert_eq!(
        client.post(&roles("n"), &elsewhere).message(),
        "the namespace of the provided object does not match the namespace sent on the request"
    );
    assert_eq!(
        client
            .put(&format!("{}/a", roles("n")), &role("b", json!([])))
            .message(),
        "the name of the object (b) does not match the name on the URL (a)"
    );
}

#[test]
fn unknown_fields_are_dropped_with_a_warning_or_refused() {
    let sandbox = sandbox();
    let client = admin(&sandbox);
    let object = role("r", json!([with(get_rule(&["pods"]), "x", json!(1))]));
    let strict = client.post(&format!("{}?fieldValidation=Strict", roles("n")), &object);
    assert_eq!(
        strict.told(),
        (
            400,
            "Role in version \"v1\" cannot be handled as a Role: strict decoding error: unknown \
             field \"rules[0].x\""
                .to_owned()
        )
    );
    let created = client.post(&roles("n"), &object);
    assert!(
        created
            .head
            .contains(r#"warning: 299 - "unknown field \"rules[0].x\"""#),
        "{}",
        created.head
    );
    assert_eq!(created.object()["rules"], json!([get_rule(&["pods"])]));
}

#[test]
fn a_role_ref_never_changes() {
    let sandbox = sandbox();
    let client = admin(&sandbox);
    let path = format!("{}/b", role_bindings("n"));
    let subjects = json!([{
        "apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "ana",
    }]);
    client
        .apply(&path, "m1", &binding("b", "Role", "r", subjects.clone()))
        .object();
    let changed = binding("b", "Role", "r2", subjects);
    let refusal = "RoleBinding.rbac.authorization.k8s.io \"b\" is invalid: roleRef: Invalid value: \
        {\"APIGroup\":\"rbac.authorization.k8s.io\",\"Kind\":\"Role\",\"Name\":\"r2\"}: cannot \
        change roleRef";
    assert_eq!(
        client.apply(&path, "m1&force=true", &changed).told(),
        (422, refusal.to_owned())
    );
    assert_eq!(
        client.put(&path, &changed).told(),
        (422, refusal.to_owned())
    );
    assert_eq!(
        client.apply(&path, "m2", &changed).message(),
        "Apply failed with 1 conflict: conflict with \"m1\": .roleRef"
    );
}
