use rbacform_core::Writer;
use serde_json::{Value as Json, json};

use super::*;

fn listed(kind: &str, body: &Json) -> Result<Listed, serde_json::Error> {
    let kind = Kind::named(kind).unwrap();
    (kind.decode_list)(kind, "kubernetes", body.to_string().as_bytes())
}

fn role(name: &str, rest: &Json) -> Json {
    let mut role =
        json!({"metadata": {"name": name, "namespace": "n", "uid": "u", "resourceVersion": "3"}});
    for (key, value) in rest.as_object().unwrap() {
        match key.as_str() {
            "rules" => role[key] = value.clone(),
            _ => role["metadata"][key] = value.clone(),
        }
    }
    role
}

#[test]
fn an_object_is_read_with_its_mark_taken_off() {
    let found = listed("Role", &json!({"metadata": {"continue": ""}, "items": [role("r", &json!({
        "labels": {"team": "a", "app.kubernetes.io/managed-by": "Helm", "kubernetes.io/bootstrapping": "rbac-defaults"},
        "annotations": {
            "note": "x",
            "rbacform.io/stack": "shop",
            "rbacform.io/lineage": "l-1",
            "kubectl.kubernetes.io/last-applied-configuration": "{}",
        },
        "deletionTimestamp": "2026-01-01T00:00:00Z",
        "rules": null,
    }))]})).unwrap();
    assert_eq!((found.continues, found.malformed), (None, 0));
    let [object] = found.objects.as_slice() else {
        panic!("one object")
    };
    assert_eq!(object.object.to_string(), "kubernetes/Role/n/r");
    assert_eq!(object.mark, Some(Mark::new("shop", None, "l-1")));
    assert_eq!(object.managed_by.as_deref(), Some("Helm"));
    assert!(object.terminating && object.bootstrap);
    assert_eq!(
        object.attributes.to_json(),
        json!({
            "annotations": {"note": "x"},
            "labels": {"team": "a", "app.kubernetes.io/managed-by": "Helm", "kubernetes.io/bootstrapping": "rbac-defaults"},
            "rules": [],
        })
    );
}

#[test]
fn half_a_mark_is_none() {
    let annotations = json!({"annotations": {"rbacform.io/stack": "shop"}});
    let found = listed("Role", &json!({"items": [role("r", &annotations)]})).unwrap();
    assert_eq!(found.objects[0].mark, None);
    assert_eq!(
        found.objects[0]
            .attributes
            .get("annotations")
            .unwrap()
            .to_json(),
        json!({})
    );
}

#[test]
fn the_last_foreign_writer_is_told() {
    let entry = |manager: &str, time: &str| json!({"manager": manager, "operation": "Update", "time": time, "fieldsV1": {"f:rules": {}}});
    let mut status = entry("kube-controller-manager", "2026-01-09T00:00:00Z");
    status["subresource"] = "status".into();
    let writers = json!({"managedFields": [
        entry("helm", "2026-01-01T00:00:00Z"),
        entry("kubectl-edit", "2026-01-03T00:00:00Z"),
        entry("kubectl", "2026-01-02T00:00:00Z"),
        entry("rbacform", "2026-01-08T00:00:00Z"),
        entry("clusterrole-aggregation-controller", "2026-01-08T00:00:00Z"),
        status,
    ]});
    let found = listed(
        "Role",
        &json!({"items": [role("r", &writers), role("s", &json!({"managedFields": null}))]}),
    )
    .unwrap();
    let writer = Writer {
        manager: "kubectl-edit".into(),
        at: Some("2026-01-03T00:00:00Z".into()),
    };
    assert_eq!(found.objects[0].last_writer, Some(writer));
    assert_eq!(found.objects[1].last_writer, None);
}

#[test]
fn an_object_that_cannot_be_read_does_not_spoil_the_list() {
    let body = json!({"items": [
        role("a", &json!({})),
        role("b", &json!({"rules": "all of them"})),
        role("c", &json!({"labels": ["x"]})),
        7,
        {},
        role("", &json!({})),
        {"metadata": {"name": "e", "namespace": "", "uid": "u"}},
        {"metadata": {"name": "f", "namespace": "n"}},
        role("d", &json!({"rules": [{"verbs": null}]})),
    ]});
    let found = listed("Role", &body).unwrap();
    let names: Vec<_> = found
        .objects
        .iter()
        .map(|object| object.object.name())
        .collect();
    assert_eq!(
        (names.as_slice(), found.malformed),
        (["a", "d"].as_slice(), 7)
    );
}

#[test]
fn what_is_no_list_is_no_empty_cluster() {
    for body in [
        json!({}),
        json!({"kind": "Status"}),
        json!([]),
        json!({"items": 7}),
        json!("x"),
    ] {
        assert!(listed("Role", &body).is_err(), "{body}");
    }
    assert!(
        listed("Role", &json!({"items": null}))
            .unwrap()
            .objects
            .is_empty()
    );
}

#[test]
fn a_service_account_of_a_binding_is_in_its_namespace_and_other_namespaces_are_dropped() {
    let binding = json!({"items": [{
        "metadata": {"name": "b", "namespace": "n", "uid": "u"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "r"},
        "subjects": [
            {"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": "u", "namespace": "x"},
            {"kind": "ServiceAccount", "name": "bot"},
            {"kind": "ServiceAccount", "name": "bot", "namespace": "n"},
        ],
    }]});
    let found = listed("RoleBinding", &binding).unwrap();
    assert_eq!(
        found.objects[0]
            .attributes
            .get("subjects")
            .unwrap()
            .to_json(),
        json!([{"kind": "ServiceAccount", "name": "bot", "namespace": "n"}, {"kind": "User", "name": "u"}])
    );
}

#[test]
fn the_next_page_is_named() {
    let found = listed("Role", &json!({"metadata": {"continue": "t"}, "items": []})).unwrap();
    assert_eq!(found.continues.as_deref(), Some("t"));
}
