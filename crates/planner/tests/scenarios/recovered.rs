//! A lost state, rebuilt from the marks.

use rbacform_core::{Mark, OnDestroy, Value};
use rbacform_planner::{Recovered, recover};
use serde_json::json;

use crate::support::*;

/// What can be rebuilt where the state is lost; `known` is the lineage of what is left of it.
fn rebuilt(world: &World, known: &str, wanted: Option<&str>) -> Result<Recovered, String> {
    world.with_input(known, |input| {
        recover(input, wanted).map_err(|error| format!("{}: {}", error.code, error.message))
    })
}

/// The world once the recovered state is in place.
fn with(mut world: World, recovered: &Recovered) -> World {
    world.prior = recovered.snapshot.resources.values().cloned().collect();
    world
}

fn labelled(verb: &str, labels: serde_json::Value) -> rbacform_core::DesiredResource {
    resource("Role", "a/r", json!({"rules": [verb], "labels": labels}))
}

#[test]
fn what_is_declared_is_recovered_as_it_stands_and_only_differences_are_planned() {
    let mut world = World {
        desired: vec![
            resource("Namespace", "a", json!({})),
            labelled("get", json!({"team": "x"})),
            role("a/same", &["get"]),
        ],
        ..World::default()
    };
    world.observed = world.desired.iter().map(live).collect();
    world.observed[1] = live(&labelled("list", json!({"team": "x", "foreign": "y"})));
    // Somebody else's, and one on its way out.
    world.observed.push(live(&role("a/theirs", &[])));
    world.observed[3].mark = None;
    world.observed.push(live(&role("a/going", &[])));
    world.observed[4].terminating = true;

    let recovered = rebuilt(&world, "", None).unwrap();
    assert_eq!(recovered.snapshot.lineage, LINEAGE);
    assert_eq!(recovered.undeclared, []);
    let resources = &recovered.snapshot.resources;
    assert_eq!(resources.len(), 3);
    let kept = &resources[&world.desired[1].object];
    assert_eq!(kept.address, world.desired[1].address);
    assert_eq!(kept.uid, world.observed[1].uid);
    assert_eq!(
        kept.attributes.to_json(),
        json!({"rules": ["list"], "labels": {"team": "x"}})
    );
    assert_eq!(
        resources[&world.desired[0].object].on_destroy,
        OnDestroy::Abandon
    );

    let planned = with(world, &recovered).plan();
    assert_eq!(
        told(&planned),
        ["update arguments_changed toy.role.a_r"],
        "{:?}",
        planned.changes
    );
    assert!(planned.drift.is_empty());
}

#[test]
fn what_is_no_longer_declared_gets_an_address_and_is_removed() {
    let mut world = World {
        desired: vec![resource("Namespace", "a", json!({})), role("a/r", &[])],
        ..World::default()
    };
    let mut old = role("b/a_r", &["get"]);
    old.attributes = Value::from_json(&json!({"rules": ["get"], "labels": {"whose": "?"}}));
    let others = [
        resource("Namespace", "b", json!({})),
        role("c/a.r", &[]),
        binding("b/x", "a_r", &["ana"]),
        binding("b/x-rbacform-bridge", "a_r", &["ana"]),
    ];
    world.observed = world.desired.iter().map(live).collect();
    world.observed.push(live(&old));
    world.observed.extend(others.iter().map(live));

    let recovered = rebuilt(&world, "", None).unwrap();
    let addresses: Vec<String> = recovered
        .undeclared
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        addresses,
        [
            "toy.binding.x",
            "toy.namespace.b",
            "toy.role.a_r_2",
            "toy.role.a_r_3"
        ]
    );
    let state = &recovered.snapshot.resources[&old.object];
    assert_eq!(state.attributes.to_json(), json!({"rules": ["get"]}));
    assert_eq!(recovered.bridges.len(), 1);
    assert_eq!(recovered.bridges[0].1, others[3].object);
    assert!(!recovered.snapshot.resources.contains_key(&others[3].object));

    let planned = with(world, &recovered).plan();
    assert_eq!(
        told(&planned),
        [
            "delete marked_ours toy.binding.leftover[\"b/x-rbacform-bridge\"]",
            "delete not_declared toy.binding.x",
            "forget abandoned toy.namespace.b",
            "delete not_declared toy.role.a_r_2",
            "delete not_declared toy.role.a_r_3",
        ]
    );
    let order = steps(&planned);
    let at = |step: &str| order.iter().position(|known| known == step).unwrap();
    assert!(
        at("delete Binding b/x") < at("delete Role b/a_r"),
        "{order:?}"
    );
}

#[test]
fn a_backup_tells_what_objects_cannot() {
    let mut protected = role("b/old", &["get"]);
    protected.lifecycle.prevent_destroy = true;
    protected.address = "toy.role.kept".parse().unwrap();
    let before = labelled("get", json!({"team": "x", "dropped": "1"}));
    let mut world = World::default()
        .abandoned(protected.clone())
        .applied(resource("Namespace", "a", json!({})))
        .abandoned(before)
        .declared(labelled("get", json!({"team": "x"})));
    world.observed[0].uid = "made-anew".into();

    let recovered = rebuilt(&world, LINEAGE, None).unwrap();
    let kept = &recovered.snapshot.resources[&protected.object];
    assert_eq!(kept.address.to_string(), "toy.role.kept");
    assert_eq!(kept.uid, "made-anew");
    assert!(kept.prevent_destroy);
    let planned = with(world, &recovered).plan();
    assert_eq!(codes(&planned), ["prevent-destroy"]);
    assert_eq!(told(&planned), ["update arguments_changed toy.role.a_r"]);

    // One of another descent tells nothing.
    let mut world = World::default().abandoned(protected.clone());
    world.observed[0].mark = Some(Mark::new("s", None, "mine"));
    let recovered = rebuilt(&world, LINEAGE, None).unwrap();
    assert!(!recovered.snapshot.resources[&protected.object].prevent_destroy);
    assert_eq!(recovered.snapshot.lineage, "mine");
}

#[test]
fn one_lineage_is_recovered_and_a_person_chooses_among_several() {
    let mut world = World::default();
    assert_eq!(
        rebuilt(&world, "", None).unwrap_err(),
        "nothing-to-recover: no object carries the mark of stack `s`"
    );
    for (name, lineage) in [("a/1", "one"), ("a/2", "two"), ("a/3", "two")] {
        let mut found = live(&role(name, &[]));
        found.mark = Some(Mark::new("s", None, lineage));
        world.observed.push(found);
    }
    // Another environment's is none of ours.
    let mut other = live(&role("a/4", &[]));
    other.mark = Some(Mark::new("s", Some("prod"), "three"));
    world.observed.push(other);
    assert_eq!(
        rebuilt(&world, "", None).unwrap_err(),
        "several-lineages: objects carry the mark of stack `s` with several lineages: `one` \
         (`toy/Role/a/1`), `two` (2 objects, `toy/Role/a/2` among them)"
    );
    let wrong = rebuilt(&world, "", Some("four")).unwrap_err();
    assert!(
        wrong.contains("with lineage `four`, but with `one`"),
        "{wrong}"
    );
    let chosen = rebuilt(&world, "", Some("two")).unwrap();
    assert_eq!(chosen.snapshot.resources.len(), 2);
}
