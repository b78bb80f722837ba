//! What a policy shows: single grants always, whole bindings and policies where they are asked for.

use rbacform_core::{Binding, ObjectId, Semantics, Value};
use rbacform_gcp::policy::observe;
use rbacform_gcp::{GcpSemantics, ident, policy};
use serde_json::json;

use crate::fold::{RESOURCE, value};

fn policy() -> Value {
    value(json!({
        "etag": "BwX=",
        "bindings": [
            {"role": "roles/viewer", "members": ["user:Bo@example.com", "user:ana@example.com"]},
            {"role": "roles/viewer", "members": ["user:bo@example.com"]},
            {"role": "roles/editor", "members": ["deleted:user:x@example.com?uid=1"]},
            {"role": "roles/a.b", "members": ["user:ana@example.com"],
             "condition": {"title": "t", "description": "", "expression": "true"}},
        ],
        "auditConfigs": [{"service": "allServices", "auditLogConfigs": [{"logType": "DATA_READ"}]}],
    }))
}

fn idents(named: &[ObjectId]) -> Vec<String> {
    let observed = observe("gcp", RESOURCE, &policy(), named);
    observed
        .iter()
        .map(|object| object.object.to_string())
        .collect()
}

#[test]
fn every_grant_is_seen_once_under_its_canonical_name() {
    assert_eq!(
        idents(&[]),
        [
            "gcp/IamMember/projects/acme-ml roles/a.b user:ana@example.com if=cb3faf1c2813",
            "gcp/IamMember/projects/acme-ml roles/editor deleted:user:x@example.com?uid=1",
            "gcp/IamMember/projects/acme-ml roles/viewer user:ana@example.com",
            "gcp/IamMember/projects/acme-ml roles/viewer user:bo@example.com",
        ]
    );
    let observed = observe("gcp", RESOURCE, &policy(), []);
    assert!(
        observed
            .iter()
            .all(|object| object.version == "BwX=" && object.uid == "-")
    );
}

#[test]
fn whole_bindings_and_policies_are_told_where_they_are_named() {
    let viewers = ident::iam_binding("gcp", RESOURCE, "roles/viewer", None);
    let editors = ident::iam_binding("gcp", RESOURCE, "roles/editor", None);
    let whole = ident::iam_policy("gcp", RESOURCE);
    let other = ident::iam_policy("gcp", "projects/other-ml");
    let named = [viewers.clone(), editors.clone(), whole.clone(), other];
    let observed = observe("gcp", RESOURCE, &policy(), &named);
    assert_eq!(
        observed.len(),
        6,
        "nobody alive is an editor, the other policy is another's"
    );
    let find = |id: &ObjectId| observed.iter().find(|object| object.object == *id);
    assert!(find(&editors).is_none());
    assert_eq!(
        find(&viewers).unwrap().attributes.to_json(),
        json!({
            "resource": RESOURCE,
            "role": "roles/viewer",
            "members": ["user:ana@example.com", "user:bo@example.com"],
        })
    );
    assert_eq!(
        find(&whole).unwrap().attributes.to_json(),
        json!({
            "resource": RESOURCE,
            "bindings": [
                {"members": ["user:ana@example.com"], "role": "roles/a.b",
                 "condition": {"title": "t", "expression": "true"}},
                {"members": ["user:ana@example.com", "user:bo@example.com"], "role": "roles/viewer"},
            ],
            "audit_configs": [
                {"service": "allServices", "audit_log_configs": [{"log_type": "DATA_READ"}]},
            ],
        })
    );
}

#[test]
fn objects_say_whom_they_bind_where() {
    let whole = ident::iam_policy("gcp", RESOURCE);
    let observed = observe("gcp", RESOURCE, &policy(), [&whole]);
    let of = |kind: &str| -> Vec<Binding> {
        observed
            .iter()
            .filter(|object| object.object.kind == kind)
            .flat_map(|object| GcpSemantics.bindings(&object.object, &object.attributes))
            .collect()
    };
    let all: usize = of("IamMember")
        .iter()
        .map(|binding| binding.subjects.len())
        .sum();
    let whole: usize = of("IamPolicy")
        .iter()
        .map(|binding| binding.subjects.len())
        .sum();
    assert_eq!(
        (all, whole),
        (4, 3),
        "the policy does not count the deleted"
    );
    let conditional = of("IamPolicy")
        .into_iter()
        .find(|binding| binding.condition.is_some())
        .unwrap();
    assert_eq!(
        conditional,
        Binding {
            role: ObjectId::cluster("gcp", "Role", "roles/a.b"),
            subjects: vec!["user:ana@example.com".to_owned()],
            scope: RESOURCE.to_owned(),
            condition: Some("true".to_owned()),
        }
    );
}

#[test]
fn a_policy_answered_without_its_conditions_is_known() {
    let degraded = json!({"bindings": [
        {"role": "roles/viewer_withcond_2b17cc25d2cd9e2c54d8", "members": ["user:a@b.co"]},
    ]});
    assert!(policy::is_degraded(&value(degraded)));
    assert!(!policy::is_degraded(&self::policy()));
    assert!(policy::has_audit_configs(&self::policy()));
    assert!(!policy::has_audit_configs(&value(
        json!({"auditConfigs": []})
    )));
}
