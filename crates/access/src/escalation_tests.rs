//! Who may hand out what. Every case was also seen on kube-apiserver, by `tests/access`.

use serde_json::json;

use super::*;
use crate::RBAC_GROUP;

/// A world in which `ana` holds these rules everywhere.
fn held(rules: &serde_json::Value) -> Facts {
    let mut facts = Facts::default();
    let object = |kind: &str, name: &str, more: serde_json::Value| {
        let mut object = json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": {"name": name},
        });
        object
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        object
    };
    let reader = json!([{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]);
    for object in [
        object("ClusterRole", "held", json!({"rules": rules})),
        object("ClusterRole", "reader", json!({"rules": reader})),
        object(
            "ClusterRoleBinding",
            "held",
            json!({
                "roleRef": {"kind": "ClusterRole", "name": "held"},
                "subjects": [{"kind": "User", "name": "ana"}],
            }),
        ),
    ] {
        facts.put_manifest(&object).unwrap();
    }
    facts
}

fn ana() -> User {
    User {
        name: "ana".to_owned(),
        groups: Vec::new(),
    }
}

fn write(name: &str) -> ResourceRequest {
    ResourceRequest {
        verb: "create".to_owned(),
        api_group: RBAC_GROUP.to_owned(),
        resource: "clusterroles".to_owned(),
        name: name.to_owned(),
        ..ResourceRequest::default()
    }
}

fn bind(facts: &Facts, role: &str) -> Result<(), Refusal> {
    let role_ref = RoleRef {
        api_group: RBAC_GROUP.to_owned(),
        kind: "ClusterRole".to_owned(),
        name: role.to_owned(),
    };
    confirm_binding(facts, &ana(), "", &role_ref)
}

#[test]
fn escalate_by_name_needs_the_name_in_the_request() {
    let facts = held(&json!([{
        "apiGroups": [RBAC_GROUP], "resources": ["clusterroles"], "resourceNames": ["x"],
        "verbs": ["escalate"],
    }]));
    let rules = full_authority();
    let check = |name: &str| confirm_role(&facts, &ana(), &write(name), &rules, false);
    assert_eq!(check("x"), Ok(()));
    assert!(matches!(check(""), Err(Refusal::Uncovered(_))));
}

#[test]
fn an_aggregation_rule_needs_everything() {
    let all = json!([
        {"apiGroups": ["*"], "resources": ["*"], "verbs": ["get", "list"]},
        {"nonResourceURLs": ["*"], "verbs": ["*"]},
    ]);
    let facts = held(&all);
    let check = |aggregated| confirm_role(&facts, &ana(), &write(""), &[], aggregated);
    assert_eq!(check(false), Ok(()));
    assert_eq!(check(true), Err(Refusal::Aggregation));
}

#[test]
fn a_role_that_is_not_there_is_bound_only_by_whom_it_was_given_to() {
    let facts = held(&json!([{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]));
    assert_eq!(bind(&facts, "reader"), Ok(()));
    assert!(matches!(bind(&facts, "gone"), Err(Refusal::UnknownRole(_))));
    let facts = held(&json!([{
        "apiGroups": [RBAC_GROUP], "resources": ["clusterroles"], "resourceNames": ["gone"],
        "verbs": ["bind"],
    }]));
    assert_eq!(bind(&facts, "gone"), Ok(()));
    assert!(matches!(bind(&facts, "reader"), Err(Refusal::Uncovered(_))));
}
