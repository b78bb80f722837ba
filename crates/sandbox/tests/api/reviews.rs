//! Access reviews and their reasons.

use serde_json::{Value, json};

use crate::client::{
    admin, anonymous, binding, caller, get_rule, role, role_bindings, roles, sandbox,
};

const AUTHORIZATION: &str = "/apis/authorization.k8s.io/v1";

fn review(kind: &str, spec: Value) -> Value {
    json!({"apiVersion": "authorization.k8s.io/v1", "kind": kind, "spec": spec})
}

#[test]
fn a_review_takes_user_and_groups_as_given() {
    let sandbox = sandbox();
    let client = admin(&sandbox);
    client
        .post(&roles("n"), &role("r", json!([get_rule(&["pods"])])))
        .object();
    let subjects =
        json!([{"kind": "User", "name": "ana"}, {"kind": "ServiceAccount", "name": "ci"}]);
    client
        .post(&role_bindings("n"), &binding("b", "Role", "r", subjects))
        .object();
    let dangling = binding(
        "d",
        "ClusterRole",
        "x",
        json!([{"kind": "User", "name": "bob"}]),
    );
    client.post(&role_bindings("n"), &dangling).object();
    let ask = |user: &str, groups: &[&str]| {
        let attributes = json!({"verb": "get", "resource": "pods", "namespace": "n"});
        let spec = json!({"user": user, "groups": groups, "resourceAttributes": attributes});
        let path = format!("{AUTHORIZATION}/subjectaccessreviews");
        let answer = client.post(&path, &review("SubjectAccessReview", spec));
        assert_eq!(answer.code, 201);
        answer.json()["status"].clone()
    };
    let because = |reason: &str| json!({"allowed": true, "reason": reason});
    assert_eq!(
        ask("ana", &[]),
        because(r#"RBAC: allowed by RoleBinding "b/n" of Role "r" to User "ana""#)
    );
    assert_eq!(
        ask("system:serviceaccount:n:ci", &[]),
        because(r#"RBAC: allowed by RoleBinding "b/n" of Role "r" to ServiceAccount "ci/n""#)
    );
    assert_eq!(ask("carl", &[]), json!({"allowed": false}));
    assert_eq!(
        ask("bob", &[]),
        json!({
            "allowed": false,
            "reason": r#"RBAC: clusterrole.rbac.authorization.k8s.io "x" not found"#,
        })
    );
    assert_eq!(ask("carl", &["system:masters"]), json!({"allowed": true}));
}

#[test]
fn incomplete_reviews_are_invalid() {
    let sandbox = sandbox();
    let client = admin(&sandbox);
    let path = format!("{AUTHORIZATION}/subjectaccessreviews");
    let asked = json!({"verb": "get", "resource": "pods", "namespace": "m"});
    for (path, spec, expected) in [
        (
            path.clone(),
            json!({"resourceAttributes": asked}),
            "spec.user: Invalid value: \"\": at least one of user or group must be specified",
        ),
        (
            path,
            json!({"user": "ana"}),
            "spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes \
             or resourceAttributes must be specified",
        ),
        (
            format!("{AUTHORIZATION}/namespaces/n/localsubjectaccessreviews"),
            json!({"user": "ana", "resourceAttributes": asked}),
            "spec.resourceAttributes.namespace: Invalid value: \"m\": must match \
             metadata.namespace",
        ),
    ] {
        let told = client
            .post(&path, &review("SubjectAccessReview", spec))
            .told();
        assert_eq!(
            told,
            (
                422,
                format!(".authorization.k8s.io \"\" is invalid: {expected}")
            )
        );
    }
}

#[test]
fn callers_can_ask_about_themselves() {
    let sandbox = sandbox();
    let ana = caller(&sandbox, "token-ana");
    let who = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"});
    let path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
    assert_eq!(
        ana.post(path, &who).object()["status"]["userInfo"],
        json!({"username": "ana", "groups": ["dev", "system:authenticated"]})
    );
    assert_eq!(anonymous(&sandbox).post(path, &who).code, 403);

    let asked = json!({"resourceAttributes": {"verb": "list", "resource": "namespaces"}});
    let path = format!("{AUTHORIZATION}/selfsubjectaccessreviews");
    let answer = ana
        .post(&path, &review("SelfSubjectAccessReview", asked))
        .object();
    assert_eq!(answer["status"], json!({"allowed": false}));

    let path = format!("{AUTHORIZATION}/selfsubjectrulesreviews");
    let asked = review("SelfSubjectRulesReview", json!({"namespace": "n"}));
    let rules = ana.post(&path, &asked).object();
    assert_eq!(rules["status"]["incomplete"], false);
    assert!(
        !rules["status"]["nonResourceRules"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    let nowhere = ana.post(&path, &review("SelfSubjectRulesReview", json!({})));
    assert_eq!(nowhere.told(), (400, "no namespace on request".to_owned()));
}
