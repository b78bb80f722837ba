//! Access is not lost, kept or hidden by accident.

use crate::support::*;
use rbacform_core::plan::Mode;
use rbacform_core::{Lifecycle, OnDestroy, Value};
use serde_json::json;

fn namespace(name: &str) -> rbacform_core::DesiredResource {
    resource("Namespace", name, json!({}))
}

#[test]
fn a_subject_that_moves_is_given_before_it_is_taken() {
    let mut world = World::default()
        .applied(namespace("a"))
        .applied(role("a/view", &["get"]))
        .applied(binding("a/x", "view", &["ana", "bo"]))
        .applied(binding("a/y", "view", &["cy"]));
    world.desired[2] = binding("a/x", "view", &["bo"]);
    world.desired[3] = binding("a/y", "view", &["ana", "cy"]);
    let planned = world.plan();
    assert_eq!(
        steps(&planned),
        ["update Binding a/y", "update Binding a/x"]
    );
    assert_eq!(planned.steps[1].depends_on, [0]);
}

#[test]
fn a_replacement_takes_only_what_another_binding_gives_already() {
    let mut world = World::default()
        .applied(namespace("a"))
        .applied(role("a/view", &["get"]))
        .applied(role("a/edit", &["update"]))
        .applied(binding("a/x", "view", &["ana"]));
    world.desired[3] = binding("a/x", "edit", &["ana"]);
    let planned = world.declared(binding("a/z", "view", &["ana"])).plan();
    let order = steps(&planned);
    let at = |step: &str| order.iter().position(|other| other == step).unwrap();
    let (gives, takes) = (at("create Binding a/z"), at("delete Binding a/x"));
    assert!(
        planned.steps[takes].depends_on.contains(&gives),
        "{order:?}"
    );
}

#[test]
fn a_role_that_goes_leaves_its_binding_dangling() {
    let mut world = World::default()
        .applied(namespace("a"))
        .applied(role("a/r", &["get"]))
        .applied(binding("a/b", "r", &["ana"]));
    world.desired.remove(1);
    let planned = world.plan();
    assert_eq!(codes(&planned), ["dangling-binding"]);
    assert!(planned.diagnostics[0].message.contains("this plan deletes"));
}

#[test]
fn a_refresh_learns_nothing_of_what_took_our_objects_place() {
    let mut world = World::default().abandoned(role("r", &["get"]));
    world.observed[0].mark = None;
    world.observed[0].uid = "another".into();
    world.observed[0].attributes = Value::from_json(&json!({ "rules": ["theirs"] }));
    world.mode = Mode::RefreshOnly;
    assert_eq!(steps(&world.plan()), [""; 0]);
    world.mode = Mode::Apply;
    assert_eq!(told(&world.plan()), ["forget already_gone toy.role.r"]);
}

#[test]
fn what_took_the_place_of_a_declared_object_is_not_overwritten_unasked() {
    let mut world = World::default().applied(role("r", &["get"]));
    world.observed[0].mark = None;
    assert_eq!(told(&world.plan()), ["update mark_missing toy.role.r"]);
    world.observed[0].uid = "another".into();
    let planned = world.plan();
    assert_eq!(codes(&planned), ["foreign-object"]);
    assert!(planned.diagnostics[0].message.contains("made again"));
    world.adopt = true;
    assert!(world.plan().is_valid());
}

#[test]
fn a_refresh_of_what_lost_its_namespace_still_tells() {
    let mut world = World::default().applied(role("a/r", &["get"]));
    world.observed.clear();
    world.mode = Mode::RefreshOnly;
    let planned = world.plan();
    assert_eq!(codes(&planned), [""; 0]);
    assert_eq!(planned.drift.len(), 1);
}

#[test]
fn a_destroy_heeds_a_lifecycle_that_no_apply_has_recorded() {
    let mut world = World::default().applied(role("r", &["get"]));
    world.mode = Mode::Destroy;
    assert_eq!(told(&world.plan()), ["delete destroy toy.role.r"]);
    world.desired[0].lifecycle = Lifecycle {
        on_destroy: Some(OnDestroy::Abandon),
        ..Lifecycle::default()
    };
    assert_eq!(told(&world.plan()), ["forget abandoned toy.role.r"]);
    world.desired[0].lifecycle = Lifecycle {
        prevent_destroy: true,
        ..Lifecycle::default()
    };
    assert_eq!(codes(&world.plan()), ["prevent-destroy"]);
}

#[test]
fn a_targeted_deletion_takes_what_cannot_outlive_it() {
    let mut world = World::default()
        .applied(namespace("a"))
        .applied(role("a/r", &["get"]))
        .applied(binding("a/b", "r", &["ana"]))
        .applied(role("other", &["get"]));
    world.mode = Mode::Destroy;
    world.targets = vec!["toy.role.a_r".parse().unwrap()];
    assert_eq!(
        steps(&world.plan()),
        ["delete Binding a/b", "delete Role a/r"]
    );
    // A plan of what stays takes what it needs instead.
    world.mode = Mode::Apply;
    world.observed.clear();
    world.targets = vec!["toy.binding.a_b".parse().unwrap()];
    assert_eq!(
        steps(&world.plan()),
        [
            "create Namespace a",
            "create Role a/r",
            "create Binding a/b"
        ]
    );
}

#[test]
fn what_is_wrong_elsewhere_does_not_forbid_a_targeted_plan() {
    let mut world = World::default()
        .declared(role("good", &["get"]))
        .declared(role("nowhere/bad", &["get"]));
    assert_eq!(codes(&world.plan()), ["missing-namespace"]);
    world.targets = vec!["toy.role.good".parse().unwrap()];
    let planned = world.plan();
    assert_eq!(codes(&planned), [""; 0]);
    assert_eq!(steps(&planned), ["create Role good"]);
}

#[test]
fn what_is_left_in_place_cannot_stay_in_a_namespace_that_goes() {
    let mut left = role("a/r", &["get"]);
    left.lifecycle.on_destroy = Some(OnDestroy::Abandon);
    let mut world = World::default().abandoned(namespace("a")).abandoned(left);
    assert_eq!(
        codes(&world.plan()),
        [""; 0],
        "the namespace stays by default"
    );
    world.prior[0].on_destroy = OnDestroy::Delete;
    assert_eq!(codes(&world.plan()), ["namespace-deleted"]);
}

#[test]
fn a_replacement_shows_what_others_lose_by_it() {
    let mut world = World::default()
        .applied(namespace("a"))
        .applied(role("a/view", &["get"]))
        .applied(role("a/edit", &["update"]))
        .applied(binding("a/x", "view", &["ana"]));
    world.observed[3].attributes = Value::from_json(&json!({
        "role_ref": "view", "subjects": ["ana"], "labels": {"team.example.com/owner": "payments"}
    }));
    world.desired[3] = binding("a/x", "edit", &["ana"]);
    let planned = world.plan();
    let paths: Vec<&str> = planned.changes[0]
        .differences
        .iter()
        .map(|difference| difference.path.as_str())
        .collect();
    assert_eq!(paths, ["labels.team.example.com/owner", "role_ref"]);
}

#[test]
fn only_the_ignored_key_of_a_map_is_left_alone() {
    let mut world = World::default().applied(resource(
        "Role",
        "r",
        json!({"labels": {"team.example.com/a": "1", "aggregate-to-view": "true"}}),
    ));
    world.desired[0].attributes = Value::from_json(&json!({}));
    world.desired[0].lifecycle.ignore_changes = vec!["labels.team.example.com/a".into()];
    let planned = world.plan();
    assert_eq!(told(&planned), ["update arguments_changed toy.role.r"]);
    assert_eq!(planned.changes[0].differences.len(), 1);
    assert_eq!(
        planned.changes[0].differences[0].path,
        "labels.aggregate-to-view"
    );
}
