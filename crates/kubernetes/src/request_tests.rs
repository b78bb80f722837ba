use proptest::prelude::*;
use rbacform_core::{Entry, Mark, Node, NodeKind, Span, Value, compare};
use serde_json::{Value as Json, json};

use super::*;
use crate::input::{Dialect, Input};
use crate::types::{KINDS, SCHEMAS};

/// A body for each kind, from canonical attributes.
fn body(
    kind: &str,
    namespace: Option<&str>,
    attributes: &Json,
    mark: Option<&Mark>,
    managed_by: bool,
) -> Json {
    let kind = Kind::named(kind).unwrap();
    let object = kind.object("kubernetes", namespace, "x");
    let expect = Expect {
        uid: Some("u-1".to_owned()),
        version: "7".to_owned(),
    };
    let apply = Apply {
        kind,
        object: &object,
        attributes: &Value::from_json(attributes),
        mark,
        managed_by,
        expect: mark.is_none().then_some(&expect),
    };
    apply.body()
}

#[test]
fn a_create_carries_mark_and_label_and_an_abandon_neither() {
    let attributes = json!({
        "labels": {"team": "a", "gone": null},
        "annotations": {"note": "x"},
        "rules": [{"api_groups": [""], "resources": ["pods"], "verbs": ["get"], "resource_names": ["p"]}],
    });
    let mark = Mark::new("shop", Some("prod"), "l-1");
    let rules = json!([{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"], "resourceNames": ["p"]}]);
    assert_eq!(
        body("Role", Some("n"), &attributes, Some(&mark), true),
        json!({
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "Role",
            "metadata": {
                "name": "x",
                "namespace": "n",
                "labels": {"app.kubernetes.io/managed-by": "rbacform", "team": "a"},
                "annotations": {"note": "x", "rbacform.io/lineage": "l-1", "rbacform.io/stack": "shop/prod"},
            },
            "rules": rules,
        })
    );
    assert_eq!(
        body("Role", Some("n"), &attributes, None, false),
        json!({
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "Role",
            "metadata": {
                "name": "x",
                "namespace": "n",
                "uid": "u-1",
                "resourceVersion": "7",
                "labels": {"team": "a"},
                "annotations": {"note": "x"},
            },
            "rules": rules,
        })
    );
}

#[test]
fn a_declared_label_of_ours_is_not_overwritten() {
    let attributes = json!({"labels": {"app.kubernetes.io/managed-by": "me"}});
    let mark = Mark::new("shop", None, "l-1");
    let body = body("Namespace", None, &attributes, Some(&mark), true);
    assert_eq!(body["metadata"]["labels"], attributes["labels"]);
}

/// Kind, namespace, canonical attributes, and the body's fields besides metadata.
fn bodies() -> Vec<(&'static str, Option<&'static str>, Json, Json)> {
    let subjects = json!([
        {"kind": "Group", "name": "g"},
        {"kind": "ServiceAccount", "name": "bot", "namespace": "m"},
        {"kind": "User", "name": "u"},
    ]);
    let sent_subjects = json!([
        {"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "g"},
        {"apiGroup": "", "kind": "ServiceAccount", "name": "bot", "namespace": "m"},
        {"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "u"},
    ]);
    let role_ref =
        |kind: &str| json!({"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": "r"});
    vec![
        ("Namespace", None, json!({"labels": {"a": "b"}}), json!({})),
        (
            "ServiceAccount",
            Some("n"),
            json!({"image_pull_secrets": ["a", "b"], "automount_token": true}),
            json!({"imagePullSecrets": [{"name": "a"}, {"name": "b"}], "automountServiceAccountToken": true}),
        ),
        (
            "Role",
            Some("n"),
            json!({"rules": []}),
            json!({"rules": []}),
        ),
        (
            "ClusterRole",
            None,
            json!({"rules": [{"non_resource_urls": ["/x"], "verbs": ["get"]}]}),
            json!({"rules": [{"nonResourceURLs": ["/x"], "verbs": ["get"]}]}),
        ),
        (
            "ClusterRole",
            None,
            json!({"aggregate": [
                {"match_expressions": [{"key": "k", "operator": "In", "values": ["v"]}]},
                {"match_labels": {"a": "b"}},
            ]}),
            json!({"aggregationRule": {"clusterRoleSelectors": [
                {"matchExpressions": [{"key": "k", "operator": "In", "values": ["v"]}]},
                {"matchLabels": {"a": "b"}},
            ]}}),
        ),
        (
            "RoleBinding",
            Some("n"),
            json!({"role_ref": {"kind": "Role", "name": "r"}, "subjects": subjects}),
            json!({"roleRef": role_ref("Role"), "subjects": sent_subjects}),
        ),
        (
            "ClusterRoleBinding",
            None,
            json!({"role_ref": {"kind": "ClusterRole", "name": "r"}, "subjects": []}),
            json!({"roleRef": role_ref("ClusterRole"), "subjects": []}),
        ),
    ]
}

#[test]
fn every_kind_is_sent_as_the_server_takes_it() {
    for (kind, namespace, attributes, expected) in bodies() {
        let mut sent = body(kind, namespace, &attributes, None, false);
        for key in ["apiVersion", "kind", "metadata"] {
            sent.as_object_mut().unwrap().remove(key).unwrap();
        }
        assert_eq!(sent, expected, "{kind}");
    }
}

#[test]
fn what_is_sent_is_read_back_as_what_was_wanted() {
    assert_eq!(KINDS.len(), 6);
    for (name, namespace, attributes, _) in bodies() {
        let kind = Kind::named(name).unwrap();
        let sent = body(name, namespace, &attributes, None, false);
        let read = (kind.decode)(kind, "kubernetes", sent.to_string().as_bytes()).unwrap();
        let wanted = Value::from_json(&attributes);
        let projected = compare::project(&read.attributes, &wanted, &Value::Null);
        assert_eq!(compare::differences(&projected, &wanted), [], "{name}");
        assert_eq!((read.uid.as_str(), read.version.as_str()), ("u-1", "7"));
        assert_eq!(read.object, kind.object("kubernetes", namespace, "x"));
    }
}

/// What an argument may be, the kinds of nothing first.
fn choices(argument: &str) -> Vec<Json> {
    let rule =
        json!({"api_groups": [""], "resources": ["pods"], "verbs": ["get"], "resource_names": []});
    match argument {
        "name" | "namespace" => vec![json!("x")],
        "cluster_role" => vec![json!("view")],
        "rules" => vec![json!(null), json!([]), json!([rule])],
        "aggregate" => vec![
            json!(null),
            json!([{"match_labels": {}, "match_expressions": []}]),
            json!([{"match_labels": {"a": ""}, "match_expressions": [{"key": "k", "operator": "Exists", "values": []}]}]),
        ],
        "subjects" => vec![
            json!(null),
            json!([]),
            json!(["user:a", "serviceaccount:n/b"]),
        ],
        "image_pull_secrets" => vec![json!(null), json!([]), json!(["b", "a"])],
        "automount_token" => vec![json!(null), json!(false), json!(true)],
        "labels" | "annotations" => {
            vec![
                json!(null),
                json!({}),
                json!({"a": null}),
                json!({"a": ""}),
                json!({"a": "b"}),
            ]
        }
        "pod_security" => vec![
            json!(null),
            json!({}),
            json!({"enforce": null}),
            json!({"enforce": "baseline"}),
        ],
        "gcp_service_account" => vec![json!(null), json!("t@p.iam.gserviceaccount.com")],
        _ => vec![json!(null)],
    }
}

fn node(json: &Json) -> Node {
    let kind = match json {
        Json::Null => NodeKind::Null,
        Json::Bool(flag) => NodeKind::Bool(*flag),
        Json::String(text) => NodeKind::String(text.as_str().into()),
        Json::Array(items) => NodeKind::List(items.iter().map(node).collect()),
        Json::Object(entries) => NodeKind::Map(
            entries
                .iter()
                .map(|(key, value)| Entry {
                    key: key.as_str().into(),
                    key_span: Span::default(),
                    node: node(value),
                })
                .collect(),
        ),
        Json::Number(_) => panic!("no argument is a number"),
    };
    Node {
        kind,
        span: Span::default(),
    }
}

/// What a server keeps: Go's `omitempty` leaves out fields that hold nothing.
fn kept(body: Json) -> Json {
    match body {
        Json::Object(fields) => fields
            .into_iter()
            .map(|(key, value)| (key, kept(value)))
            .filter(|(_, value)| {
                !value.is_null()
                    && value.as_array().is_none_or(|items| !items.is_empty())
                    && value.as_object().is_none_or(|fields| !fields.is_empty())
            })
            .collect(),
        Json::Array(items) => items.into_iter().map(kept).collect(),
        other => other,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// Whatever sort of nothing an argument is, once it is applied there is no difference.
    #[test]
    fn what_was_applied_is_no_difference(
        kind in 0..KINDS.len(),
        choice in proptest::collection::vec(any::<proptest::sample::Index>(), 12),
    ) {
        let (kind, schema) = (&KINDS[kind], &SCHEMAS[kind]);
        let given = schema.arguments.iter().zip(choice);
        let mut given: serde_json::Map<String, Json> = given
            .map(|(argument, choice)| {
                let name = argument.name.to_owned();
                (name, choice.get(&choices(argument.name)).clone())
            })
            .collect();
        if given.get("aggregate").is_some_and(|aggregate| !aggregate.is_null()) {
            // Both are refused.
            given.remove("rules");
        }
        let mut input = Input::new("kubernetes", Dialect::Stack, Span::default());
        let resolved = (kind.resolve)(&mut input, &node(&given.into()));
        let resolved = input.finish(resolved).map_err(|wrong| {
            TestCaseError::fail(format!("{wrong:?}"))
        })?;
        let apply = Apply {
            kind,
            object: &resolved.object,
            attributes: &resolved.attributes,
            mark: None,
            managed_by: false,
            expect: None,
        };
        let body = kept(apply.body()).to_string();
        let read = (kind.decode)(kind, "kubernetes", body.as_bytes()).unwrap();
        let owned = compare::project(&read.attributes, &resolved.attributes, &Value::Null);
        prop_assert_eq!(compare::differences(&owned, &resolved.attributes), []);
        prop_assert!(compare::same(&owned, &resolved.attributes));
    }
}

#[test]
fn paths_hold_any_name() {
    let role = Kind::named("Role").unwrap();
    let object = role.object("kubernetes", Some("n"), "a b?#é\n:x");
    assert_eq!(
        object_path(role, &object),
        "/apis/rbac.authorization.k8s.io/v1/namespaces/n/roles/a%20b%3F%23%C3%A9%0A:x"
    );
    let namespace = Kind::named("Namespace").unwrap();
    assert_eq!(collection_path(namespace, None), "/api/v1/namespaces");
}
