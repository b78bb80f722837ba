use rbacform_core::{Mark, ObjectId};
use serde_json::json;

use super::*;

fn observed(attributes: &JsonValue, mark: Option<Mark>) -> ObservedObject {
    ObservedObject {
        object: ObjectId::cluster("kubernetes", "ClusterRole", "r"),
        uid: "u-1".into(),
        version: "7".into(),
        attributes: Value::from_json(attributes),
        mark,
        managed_by: None,
        last_writer: None,
        terminating: false,
        bootstrap: false,
    }
}

#[test]
fn only_what_the_plan_removes_and_is_still_there_is_removed() {
    let compared = Value::from_json(&json!({
        "labels": {"keep": "1", "drop": "1", "gone": "1", "never": null},
        "aggregate": [{}],
        "automount_token": true,
    }));
    let wanted = Value::from_json(&json!({"labels": {"keep": "1"}, "rules": []}));
    let left = json!({"labels": {"keep": "1", "drop": "2", "never": "x", "foreign": "x"}, "aggregate": [{}]});
    assert_eq!(
        patch(&observed(&left, None), &compared, &wanted, true),
        Some(
            json!({"aggregationRule": null, "metadata": {"labels": {"drop": null}, "uid": "u-1", "resourceVersion": "7"}})
        )
    );
    let clean = json!({"labels": {"keep": "1", "foreign": "x"}});
    assert_eq!(
        patch(&observed(&clean, None), &compared, &wanted, true),
        None
    );
}

#[test]
fn a_mark_that_another_manager_holds_is_taken_off() {
    let mark = Mark::new("shop", None, "l-1");
    let left = json!({"labels": {"app.kubernetes.io/managed-by": "rbacform"}});
    let none = Value::Map(Map::new());
    assert_eq!(
        patch(&observed(&left, Some(mark.clone())), &none, &none, false),
        Some(json!({"metadata": {
            "annotations": {"rbacform.io/lineage": null, "rbacform.io/stack": null},
            "labels": {"app.kubernetes.io/managed-by": null},
            "uid": "u-1",
            "resourceVersion": "7",
        }}))
    );
    assert_eq!(
        patch(&observed(&left, Some(mark)), &none, &none, true),
        None
    );
}
