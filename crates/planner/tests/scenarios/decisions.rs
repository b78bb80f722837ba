//! Which action each object gets, and why.

use crate::support::*;
use rbacform_core::plan::Mode;
use rbacform_core::{Mark, OnDestroy, Value};
use serde_json::json;

#[test]
fn what_is_declared_and_missing_is_created() {
    let planned = World::default().declared(role("a/reader", &["get"])).plan();
    // Namespaces were listed, and there is none called `a`.
    assert_eq!(codes(&planned), ["missing-namespace"]);
    let planned = World::default()
        .declared(resource("Namespace", "a", json!({})))
        .declared(role("a/reader", &["get"]))
        .plan();
    assert_eq!(
        told(&planned),
        [
            "create declared toy.namespace.a",
            "create declared toy.role.a_reader"
        ]
    );
    assert_eq!(
        steps(&planned),
        ["create Namespace a", "create Role a/reader"]
    );
}

#[test]
fn what_is_as_declared_is_left_alone() {
    let planned = World::default()
        .applied(resource("Role", "reader", json!({"rules": []})))
        .plan();
    assert!(planned.changes.is_empty() && planned.steps.is_empty() && planned.drift.is_empty());
    assert_eq!(planned.summary.no_op, 1);
}

#[test]
fn a_changed_argument_updates_and_a_foreign_label_does_not() {
    let old = resource("Role", "r", json!({"labels": {"team": "x"}}));
    let mut world = World::default().applied(old);
    world.observed[0].attributes =
        Value::from_json(&json!({"labels": {"team": "x", "theirs": "y"}}));
    assert!(world.plan().changes.is_empty());
    world.desired[0].attributes = Value::from_json(&json!({"labels": {"team": "z"}}));
    let planned = world.plan();
    assert_eq!(told(&planned), ["update arguments_changed toy.role.r"]);
    assert_eq!(planned.changes[0].differences[0].path, "labels.team");
    assert!(
        planned.drift.is_empty(),
        "a change of the stack is no drift"
    );
}

#[test]
fn drift_is_told_apart_from_the_change_that_mends_it() {
    let mut world = World::default().applied(resource("Role", "r", json!({"rules": ["get"]})));
    world.observed[0].attributes = Value::from_json(&json!({"rules": ["get", "delete"]}));
    let planned = world.plan();
    assert_eq!(told(&planned), ["update drifted toy.role.r"]);
    assert_eq!(planned.drift.len(), 1);
    assert_eq!(
        planned.drift[0].differences[0].after,
        Value::from(vec!["get", "delete"])
    );
    // Declared as somebody made it: nothing to do but to let state know.
    world.desired[0].attributes = world.observed[0].attributes.clone();
    let planned = world.plan();
    assert!(planned.changes.is_empty());
    assert_eq!(steps(&planned), ["record Role r"]);
}

#[test]
fn what_somebody_deleted_is_made_again() {
    let mut world = World::default().applied(role("r", &[]));
    world.observed.clear();
    let planned = world.plan();
    assert_eq!(told(&planned), ["create deleted_outside toy.role.r"]);
    assert_eq!(planned.drift.len(), 1);
}

#[test]
fn a_foreign_object_is_in_the_way_until_adopted() {
    let wanted = role("r", &["get"]);
    let mut world = World {
        observed: vec![live(&wanted)],
        ..World::default()
    }
    .declared(wanted);
    world.observed[0].mark = None;
    world.observed[0].managed_by = Some("Helm".into());
    let planned = world.plan();
    assert_eq!(codes(&planned), ["foreign-object"]);
    assert!(planned.diagnostics[0].message.contains("`Helm`") && planned.steps.is_empty());
    world.adopt = true;
    assert_eq!(told(&world.plan()), ["adopt adopt_requested toy.role.r"]);
    world.observed[0].mark = Some(Mark::new("other", None, "x"));
    assert_eq!(
        codes(&world.plan()),
        ["owned-by-another-stack"],
        "adoption never robs a stack"
    );
}

#[test]
fn what_an_interrupted_apply_made_is_adopted_without_asking() {
    let wanted = role("r", &["get"]);
    let world = World {
        observed: vec![live(&wanted)],
        ..World::default()
    }
    .declared(wanted);
    let planned = world.plan();
    assert_eq!(told(&planned), ["adopt marked_ours toy.role.r"]);
    assert_eq!(
        steps(&planned),
        ["record Role r"],
        "it is as declared: nothing is sent"
    );
    let mut forgotten = World {
        desired: Vec::new(),
        ..world
    };
    let planned = forgotten.plan();
    assert_eq!(
        codes(&planned),
        ["unknown-marked-object"],
        "`state rm` promised that it stays"
    );
    assert!(planned.steps.is_empty());
    forgotten
        .observed
        .push(live(&binding("a/b-rbacform-bridge", "r", &["user:ana"])));
    assert_eq!(
        told(&forgotten.plan()),
        ["delete marked_ours toy.binding.leftover[\"a/b-rbacform-bridge\"]"],
        "a bridge does not"
    );
}

#[test]
fn lost_state_stops_the_plan() {
    let wanted = role("r", &["get"]);
    let mut world = World {
        observed: vec![live(&wanted)],
        no_state: true,
        ..World::default()
    };
    world.observed[0].mark = Some(Mark::new("s", None, "another-lineage"));
    world.desired.push(role("other", &[]));
    let planned = world.plan();
    assert_eq!(codes(&planned), ["state-missing"]);
    assert!(
        planned.diagnostics[0]
            .help
            .as_deref()
            .unwrap_or_default()
            .contains("state recover")
    );
}

#[test]
fn a_moved_address_sends_nothing() {
    let mut world = World::default().applied(role("r", &["get"]));
    world.desired[0].address = "toy.role.renamed".parse().unwrap();
    let planned = world.plan();
    assert_eq!(told(&planned), ["move address_changed toy.role.renamed"]);
    assert_eq!(
        planned.changes[0].previous_address,
        Some("toy.role.r".parse().unwrap())
    );
    assert_eq!(steps(&planned), ["record Role r"]);
}

#[test]
fn prevent_destroy_holds_also_when_the_block_is_gone() {
    let mut protected = role("r", &[]);
    protected.lifecycle.prevent_destroy = true;
    let planned = World::default().abandoned(protected.clone()).plan();
    assert_eq!(codes(&planned), ["prevent-destroy"]);
    let destroy = World {
        mode: Mode::Destroy,
        ..World::default()
    }
    .applied(protected);
    assert_eq!(codes(&destroy.plan()), ["prevent-destroy"]);
}

#[test]
fn ignored_attributes_stay_as_they_are_in_the_world() {
    let mut wanted = resource(
        "Role",
        "r",
        json!({"labels": {"team": "x"}, "rules": ["get"]}),
    );
    wanted.lifecycle.ignore_changes = vec!["labels.team".into()];
    let mut world = World::default().applied(wanted);
    world.observed[0].attributes =
        Value::from_json(&json!({"labels": {"team": "theirs"}, "rules": ["get"]}));
    let planned = world.plan();
    assert!(planned.changes.is_empty() && planned.drift.is_empty());
    world.desired[0].attributes =
        Value::from_json(&json!({"labels": {"team": "x"}, "rules": ["list"]}));
    let planned = world.plan();
    let after = planned.changes[0]
        .after
        .get("labels")
        .and_then(|labels| labels.get("team"))
        .cloned();
    assert_eq!(
        after,
        Some("theirs".into()),
        "an update does not touch it either"
    );
}

#[test]
fn on_destroy_abandon_leaves_the_object() {
    let mut kept = role("r", &[]);
    kept.lifecycle.on_destroy = Some(OnDestroy::Abandon);
    let planned = World::default().abandoned(kept).plan();
    assert_eq!(told(&planned), ["forget abandoned toy.role.r"]);
    assert_eq!(steps(&planned), ["abandon Role r"]);
}

#[test]
fn what_is_not_ours_any_more_is_never_deleted() {
    let mut world = World::default().abandoned(role("r", &[]));
    world.observed[0].mark = None;
    world.observed[0].uid = "another".into();
    assert_eq!(told(&world.plan()), ["forget already_gone toy.role.r"]);
    world.observed[0].mark = Some(Mark::new("other", None, "x"));
    assert_eq!(told(&world.plan()), ["forget already_gone toy.role.r"]);
    assert_eq!(steps(&world.plan()), ["record Role r"]);
}

#[test]
fn the_service_account_that_appears_by_itself_is_adopted_and_never_deleted() {
    let mut default = role("default", &[]);
    default.built_in = true;
    let mut world = World {
        observed: vec![live(&default)],
        ..World::default()
    }
    .declared(default);
    world.observed[0].mark = None;
    let planned = world.plan();
    assert_eq!(told(&planned), ["adopt built_in toy.role.default"]);
    let record = planned.steps[0].edits[0].records.as_ref().unwrap();
    assert_eq!(record.on_destroy, OnDestroy::Abandon);
}

#[test]
fn unmanaged_bindings_are_shown_and_a_dangling_one_is_explained() {
    let stranger = binding("a/stranger", "reader", &["user:mallory"]);
    let mut world = World::default()
        .applied(resource("Namespace", "a", json!({})))
        .applied(resource("Namespace", "b", json!({})))
        .applied(role("b/reader", &[]))
        .applied(binding("a/mine", "reader", &["user:ana"]));
    world.observed.push(live(&stranger));
    world.observed.last_mut().unwrap().mark = None;
    let planned = world.plan();
    assert_eq!(planned.unmanaged.len(), 1);
    assert_eq!(planned.unmanaged[0].subject, "user:mallory");
    assert_eq!(codes(&planned), ["dangling-binding"]);
    let help = planned.diagnostics[0].help.as_deref().unwrap();
    assert!(help.contains("declared in namespace `b`"), "{help}");
}

#[test]
fn a_target_takes_what_it_needs_and_nothing_else() {
    let mut world = World::default()
        .declared(resource("Namespace", "a", json!({})))
        .declared(role("a/reader", &[]))
        .declared(role("a/other", &[]));
    world.targets = vec!["toy.role.a_reader".parse().unwrap()];
    assert_eq!(
        steps(&world.plan()),
        ["create Namespace a", "create Role a/reader"]
    );
    world.targets = vec!["toy.role.a_raeder".parse().unwrap()];
    let planned = world.plan();
    assert_eq!(codes(&planned), ["unknown-target"]);
    assert!(
        planned.diagnostics[0]
            .help
            .as_deref()
            .unwrap()
            .contains("toy.role.a_reader")
    );
}
