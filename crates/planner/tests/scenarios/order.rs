//! The order of steps, and which edits share one.

use crate::support::*;
use rbacform_core::plan::Mode;
use rbacform_core::{EditKind, ObjectId};
use rbacform_planner::what_changed;
use serde_json::json;

#[test]
fn a_replaced_binding_is_bridged() {
    let mut world = World::default()
        .applied(resource("Namespace", "a", json!({})))
        .applied(role("a/old", &[]))
        .applied(binding("a/b", "old", &["user:ana"]))
        .declared(role("a/new", &[]));
    world.desired[2] = binding("a/b", "new", &["user:ana"]);
    let planned = world.plan();
    assert_eq!(
        told(&planned),
        [
            "replace immutable toy.binding.a_b",
            "create declared toy.role.a_new"
        ]
    );
    assert_eq!(
        steps(&planned),
        [
            "create Role a/new",
            "create Binding a/b-rbacform-bridge",
            "delete Binding a/b",
            "create Binding a/b",
            "delete Binding a/b-rbacform-bridge",
        ]
    );
    let settles: Vec<bool> = planned.steps.iter().map(|step| step.settle).collect();
    assert_eq!(
        settles,
        [false, false, true, false, false],
        "the new role must be seen first"
    );
}

#[test]
fn everything_goes_in_reverse_and_namespaces_stay() {
    let world = World {
        mode: Mode::Destroy,
        ..World::default()
    }
    .applied(resource("Namespace", "a", json!({})))
    .applied(role("a/reader", &[]))
    .applied(binding("a/b", "reader", &["user:ana"]));
    assert_eq!(
        steps(&world.plan()),
        [
            "delete Binding a/b",
            "delete Role a/reader",
            "abandon Namespace a"
        ]
    );
}

#[test]
fn a_grant_that_takes_another_ones_place_comes_first() {
    let world = World::default()
        .applied(resource("Namespace", "a", json!({})))
        .applied(role("a/reader", &[]))
        .abandoned(binding("a/before", "reader", &["user:ana"]))
        .declared(binding("a/zafter", "reader", &["user:ana"]));
    assert_eq!(
        steps(&world.plan()),
        ["create Binding a/zafter", "delete Binding a/before"]
    );
}

#[test]
fn edits_of_one_policy_share_a_write_unless_a_path_joins_them() {
    let grant = |ident: &str| resource("Grant", ident, json!({}));
    let mut world = World::default()
        .declared(resource("Namespace", "p", json!({})))
        .declared(grant("p/one"))
        .declared(grant("p/two"))
        .declared(grant("q/one"))
        .declared(resource("Namespace", "q", json!({})));
    assert_eq!(
        steps(&world.plan()),
        [
            "create Namespace p",
            "create Namespace q",
            "create Grant p/one + create Grant p/two",
            "create Grant q/one",
        ]
    );
    // `two` now needs `one`: they cannot be one write.
    let one = ObjectId::namespaced("toy", "Grant", "p", "one");
    world.desired[2].requires.push(one);
    let planned = world.plan();
    assert_eq!(
        steps(&planned)[2..],
        [
            "create Grant p/one",
            "create Grant q/one",
            "create Grant p/two"
        ]
    );
    assert_eq!(planned.steps[4].depends_on, [0, 2]);
}

#[test]
fn the_order_of_the_input_makes_no_difference() {
    let world = |reverse: bool| {
        let mut world = World::default()
            .declared(resource("Namespace", "a", json!({})))
            .declared(role("a/r", &["get"]))
            .declared(binding("a/b", "r", &["user:ana"]))
            .abandoned(role("a/old", &[]));
        if reverse {
            world.desired.reverse();
            world.observed.reverse();
        }
        let planned = world.plan();
        json!([planned.changes, planned.steps]).to_string()
    };
    assert_eq!(world(false), world(true));
}

#[test]
fn a_saved_plan_is_stale_only_where_what_it_compared_has_changed() {
    let mut world = World::default().applied(role("r", &["get"]));
    world.desired[0] = role("r", &["list"]);
    let saved = world.plan().steps;
    world.observed[0].version = "8".into();
    assert_eq!(
        what_changed(&saved, &world.plan().steps),
        Vec::<String>::new()
    );
    world.observed[0].attributes = role("r", &["delete"]).attributes;
    assert_eq!(what_changed(&saved, &world.plan().steps).len(), 1);
    world.observed[0] = live(&role("r", &["get"]));
    world.observed[0].uid = "made-anew".into();
    assert_eq!(what_changed(&saved, &world.plan().steps).len(), 1);
}

#[test]
fn a_saved_refresh_is_stale_where_the_world_is_another_than_it_records() {
    let mut world = World::default().applied(role("r", &["get"]));
    world.mode = Mode::RefreshOnly;
    world.observed[0].attributes = role("r", &["list"]).attributes;
    let saved = world.plan().steps;
    assert_eq!(
        what_changed(&saved, &world.plan().steps),
        Vec::<String>::new()
    );
    world.observed[0].attributes = role("r", &["delete"]).attributes;
    assert_eq!(what_changed(&saved, &world.plan().steps).len(), 1);
}

#[test]
fn a_precondition_holds_for_the_managed_part_only() {
    let mut world = World::default().applied(resource("Role", "r", json!({"rules": ["get"]})));
    world.desired[0] = resource(
        "Role",
        "r",
        json!({"rules": ["list"], "labels": {"a": "1"}}),
    );
    let planned = world.plan();
    let edit = &planned.steps[0].edits[0];
    assert!(matches!(edit.kind, EditKind::Update { .. }));
    let holds = |attributes: serde_json::Value| {
        edit.precondition.holds(
            "uid-toy/Role/r",
            &rbacform_core::Value::from_json(&attributes),
        )
    };
    assert!(holds(json!({"rules": ["get"], "labels": {"theirs": "x"}})));
    assert!(!holds(json!({"rules": ["get"], "labels": {"a": "2"}})));
    assert!(!holds(json!({"rules": ["get", "watch"]})));
}
