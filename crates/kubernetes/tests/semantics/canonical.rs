//! Equal meaning is equal value.

use proptest::prelude::*;
use rbacform_core::{Semantics, Value};
use rbacform_kubernetes::KubernetesSemantics;
use serde_json::json;

use crate::source::resolve;

fn attributes(kind: &str, text: &str) -> serde_json::Value {
    resolve(&format!("kubernetes.{kind}"), text)
        .unwrap()
        .attributes
        .to_json()
}

#[test]
fn arguments_become_attributes() {
    for (kind, text, expected) in [
        (
            "namespace",
            r#"name = "n"
pod_security = { enforce = "restricted", enforce_version = "v1.34" }
labels = { team = "a" }"#,
            json!({"labels": {
                "pod-security.kubernetes.io/enforce": "restricted",
                "pod-security.kubernetes.io/enforce-version": "v1.34",
                "team": "a",
            }}),
        ),
        ("namespace", r#"name = "n""#, json!({})),
        (
            "service_account",
            r#"name = "bot"
namespace = "n"
image_pull_secrets = ["b", "a", "b"]
automount_token = false
gcp_service_account = "t@p.iam.gserviceaccount.com""#,
            json!({
                "annotations": {"iam.gke.io/gcp-service-account": "t@p.iam.gserviceaccount.com"},
                "automount_token": false,
                "image_pull_secrets": ["a", "b"],
            }),
        ),
        (
            "role",
            "name = \"r\"\nnamespace = \"n\"",
            json!({"rules": []}),
        ),
        (
            "cluster_role",
            r#"name = "r"
rules = [
  { non_resource_urls = ["/b", "/a"], verbs = ["get"] },
  { api_groups = ["", ""], resources = ["pods", "nodes"], resource_names = [], verbs = ["list", "get"] },
]"#,
            json!({"rules": [
                {"api_groups": [""], "resources": ["nodes", "pods"], "verbs": ["get", "list"]},
                {"non_resource_urls": ["/a", "/b"], "verbs": ["get"]},
            ]}),
        ),
        (
            "cluster_role",
            r#"name = "r"
aggregate = [{ match_labels = { b = "1", a = "2" } }, { match_expressions = [{ key = "k", operator = "In", values = ["y", "x"] }] }]"#,
            json!({"aggregate": [
                {"match_expressions": [{"key": "k", "operator": "In", "values": ["x", "y"]}]},
                {"match_labels": {"a": "2", "b": "1"}},
            ]}),
        ),
        (
            "role_binding",
            r#"name = "b"
namespace = "n"
role = "@kubernetes.role n/reader"
subjects = ["user:ana", "group:system:masters", "@kubernetes.service_account m/bot", "user:ana", { kind = "ServiceAccount", name = "own" }, { kind = "User", name = "bo", namespace = "dropped" }]
until = 2027-07-01T00:00:00Z"#,
            json!({
                "role_ref": {"kind": "Role", "name": "reader"},
                "subjects": [
                    {"kind": "Group", "name": "system:masters"},
                    {"kind": "ServiceAccount", "name": "bot", "namespace": "m"},
                    {"kind": "ServiceAccount", "name": "own", "namespace": "n"},
                    {"kind": "User", "name": "ana"},
                    {"kind": "User", "name": "bo"},
                ],
            }),
        ),
    ] {
        assert_eq!(attributes(kind, text), expected, "{kind}: {text}");
    }
}

#[test]
fn an_object_requires_what_must_exist_before_it() {
    let text = r#"name = "b"
namespace = "n"
cluster_role = "view"
subjects = ["serviceaccount:m/bot", "user:ana"]
until = "2027-07-01T00:00:00Z""#;
    let resolved = resolve("kubernetes.role_binding", text).unwrap();
    assert_eq!(resolved.object.to_string(), "kubernetes/RoleBinding/n/b");
    let requires: Vec<_> = resolved.requires.iter().map(ToString::to_string).collect();
    assert_eq!(
        requires,
        [
            "kubernetes/Namespace/n",
            "kubernetes/ClusterRole/view",
            "kubernetes/ServiceAccount/m/bot"
        ]
    );
    assert_eq!(resolved.expires, Some(1_814_400_000));
    let binding = KubernetesSemantics
        .binding(&resolved.object, &resolved.attributes)
        .unwrap();
    assert_eq!(binding.role.to_string(), "kubernetes/ClusterRole/view");
    assert_eq!(binding.subjects, ["serviceaccount:m/bot", "user:ana"]);
    assert_eq!(binding.scope, "n");
}

#[test]
fn what_appears_by_itself_is_built_in() {
    let built_in = |kind: &str, text: &str| resolve(kind, text).unwrap().built_in;
    assert!(built_in(
        "kubernetes.service_account",
        "name = \"default\"\nnamespace = \"n\""
    ));
    assert!(!built_in(
        "kubernetes.service_account",
        "name = \"bot\"\nnamespace = \"n\""
    ));
    assert!(built_in("kubernetes.namespace", "name = \"kube-system\""));
    assert!(!built_in("kubernetes.namespace", "name = \"kube-tenants\""));
}

#[test]
fn a_value_known_after_apply_stays_unknown_where_it_may() {
    let text = r#"name = "bot"
namespace = "n"
image_pull_secrets = ["a", "@unknown"]
gcp_service_account = "@unknown""#;
    let resolved = resolve("kubernetes.service_account", text)
        .unwrap()
        .attributes;
    assert_eq!(resolved.get("image_pull_secrets"), Some(&Value::Unknown));
    let annotations = resolved.get("annotations").unwrap();
    assert_eq!(
        annotations.get("iam.gke.io/gcp-service-account"),
        Some(&Value::Unknown)
    );
}

/// One rule: lists of a few words.
fn rule() -> impl Strategy<Value = [Vec<&'static str>; 4]> {
    let words = |words: &'static [&'static str], least: usize| {
        proptest::collection::vec(proptest::sample::select(words), least..4)
    };
    (
        words(&["", "apps", "*"], 1),
        words(&["pods", "pods/log", "secrets"], 1),
        words(&["get", "list", "*"], 1),
        words(&["a", "b"], 0),
    )
        .prop_map(|(groups, resources, verbs, names)| [groups, resources, verbs, names])
}

fn written(rules: &[[Vec<&str>; 4]]) -> String {
    let rules: Vec<_> = rules
        .iter()
        .map(|[groups, resources, verbs, names]| {
            format!(
                "{{ api_groups = {groups:?}, resources = {resources:?}, verbs = {verbs:?}, resource_names = {names:?} }}"
            )
        })
        .collect();
    format!(
        "name = \"r\"\nnamespace = \"n\"\nrules = [{}]",
        rules.join(", ")
    )
}

proptest! {
    #[test]
    fn the_order_of_rules_and_of_their_parts_is_no_difference(
        rules in proptest::collection::vec(rule(), 0..5),
        rotate in 0_usize..5,
    ) {
        let mut other: Vec<_> = rules.iter().chain(rules.first()).cloned().collect();
        for rule in &mut other {
            for list in rule.iter_mut() {
                list.reverse();
                list.extend(list.first().copied());
            }
        }
        if !other.is_empty() {
            let middle = rotate % other.len();
            other.rotate_left(middle);
        }
        prop_assert_eq!(attributes("role", &written(&rules)), attributes("role", &written(&other)));
    }

    #[test]
    fn the_order_of_subjects_is_no_difference(
        subjects in proptest::collection::vec("(user|group):[a-c]|serviceaccount:[a-b]/[a-b]", 0..6),
    ) {
        let written = |subjects: &[String]| {
            format!("name = \"b\"\ncluster_role = \"r\"\nsubjects = {subjects:?}")
        };
        let mut other = subjects.clone();
        other.reverse();
        other.extend(subjects.first().cloned());
        prop_assert_eq!(
            attributes("cluster_role_binding", &written(&subjects)),
            attributes("cluster_role_binding", &written(&other))
        );
    }
}
