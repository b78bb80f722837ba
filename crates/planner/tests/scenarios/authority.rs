//! Grants, whole bindings and whole policies over one and the same access.

use crate::cloud::*;
use crate::support::*;
use rbacform_core::plan::{AccessEntry, Mode};
use rbacform_core::{Action, ObjectId, OnDestroy, Value};
use rbacform_planner::{Planned, revocations};
use serde_json::json;

fn subjects(entries: &[AccessEntry]) -> Vec<String> {
    entries
        .iter()
        .map(|entry| {
            format!(
                "{} {} {}",
                entry.subject,
                entry.role.as_deref().unwrap_or_default(),
                entry.scope
            )
        })
        .collect()
}

#[test]
fn grants_on_one_policy_are_one_write_however_deep_they_lie() {
    let mut world = World::default()
        .declared(account("one"))
        .declared(account("two"))
        .declared(member("p", "viewer", "user:ana"))
        .declared(member("p", "viewer", "account:one"))
        .declared(member("p", "viewer", "account:two"))
        .once_granted(&member("p", "editor", "account:one"))
        .declared(member("q", "viewer", "user:ana"));
    // Two lies deeper than one.
    let one = ObjectId::cluster("cloud", "Account", "one");
    world.desired[1].requires.push(one);
    let planned = world.plan();
    assert_eq!(
        steps(&planned),
        [
            "create Account one",
            "create Member q viewer user:ana",
            "create Account two",
            "delete Member p editor account:one + create Member p viewer account:one \
             + create Member p viewer account:two + create Member p viewer user:ana",
        ]
    );
    assert_eq!(planned.steps[3].group.as_deref(), Some("p"));
    assert_eq!(planned.steps[3].depends_on, [0, 2]);
}

#[test]
fn what_needs_what_the_same_policy_gets_is_another_write() {
    let mut world = World::default()
        .declared(member("p", "viewer", "user:ana"))
        .declared(member("p", "viewer", "user:bo"))
        .declared(member("p", "viewer", "user:cy"));
    let needed = world.desired[0].object.clone();
    world.desired[1].requires.push(needed);
    let planned = world.plan();
    assert_eq!(planned.steps.len(), 2);
    for step in &planned.steps {
        let made: Vec<&ObjectId> = step.edits.iter().map(|edit| &edit.object).collect();
        for resource in world.desired.iter().filter(|r| made.contains(&&r.object)) {
            assert!(
                !resource
                    .requires
                    .iter()
                    .any(|needed| made.contains(&needed))
            );
        }
    }
    assert_eq!(planned.steps[1].depends_on, [0]);
}

#[test]
fn a_changed_condition_is_one_write_without_an_order_inside() {
    let until = |name: &str| {
        let mut grant = member("p", "viewer", "user:ana");
        grant.object.ident = format!("p viewer user:ana if={name}").into();
        grant.attributes = Value::from_json(&json!({
            "resource": "p", "role": "viewer", "member": "user:ana", "condition": name
        }));
        grant
    };
    let planned = World::default()
        .once_granted(&until("old"))
        .declared(until("new"))
        .plan();
    assert_eq!(planned.steps.len(), 1);
    assert_eq!(planned.steps[0].edits.len(), 2);
    assert_eq!(planned.granted[0].condition.as_deref(), Some("new"));
    assert_eq!(planned.revoked[0].condition.as_deref(), Some("old"));
}

#[test]
fn moving_grants_between_two_policies_both_ways_is_two_writes() {
    // Each address goes from one policy to the other: neither wish is worth a third write.
    let mut ana = member("q", "viewer", "user:ana");
    ana.address = member("p", "viewer", "user:ana").address;
    let mut bo = member("p", "viewer", "user:bo");
    bo.address = member("q", "viewer", "user:bo").address;
    let planned = World::default()
        .once_granted(&member("p", "viewer", "user:ana"))
        .once_granted(&member("q", "viewer", "user:bo"))
        .declared(ana)
        .declared(bo)
        .plan();
    assert_eq!(planned.steps.len(), 2, "{:?}", steps(&planned));
    assert_eq!(planned.steps[1].depends_on, [0]);
}

#[test]
fn a_member_that_becomes_a_binding_is_only_forgotten() {
    let world = World::default()
        .once_granted(&member("p", "viewer", "user:ana"))
        .standing(&whole("p", "viewer", &["user:ana"]))
        .declared(whole("p", "viewer", &["user:ana", "user:bo"]));
    let planned = world.plan();
    assert_eq!(
        told(&planned),
        [
            "adopt already_there cloud.binding.p_viewer",
            "forget covered_by_another cloud.member.p_viewer_ana"
        ]
    );
    assert_eq!(
        steps(&planned),
        ["update Whole p viewer", "record Member p viewer user:ana"]
    );
    assert_eq!(
        planned.steps[1].depends_on,
        [0],
        "forgotten once the other has it"
    );
    assert_eq!(subjects(&planned.granted), ["user:bo viewer p"]);
    assert_eq!(subjects(&planned.revoked), [""; 0]);
}

#[test]
fn a_binding_that_becomes_members_keeps_them_in_the_write_that_removes_it() {
    let world = || {
        World::default()
            .once_granted(&whole("p", "viewer", &["user:ana", "user:bo", "user:cy"]))
            .standing(&member("p", "viewer", "user:ana"))
            .standing(&member("p", "viewer", "user:bo"))
            .standing(&member("p", "viewer", "user:cy"))
            .declared(member("p", "viewer", "user:ana"))
            .declared(member("p", "viewer", "user:dan"))
    };
    let planned = world().plan();
    assert_eq!(
        steps(&planned),
        [
            "update Member p viewer user:ana + create Member p viewer user:dan \
          + delete Whole p viewer"
        ]
    );
    assert_eq!(
        subjects(&planned.revoked),
        ["user:bo viewer p", "user:cy viewer p"]
    );
    assert_eq!(subjects(&planned.granted), ["user:dan viewer p"]);

    // An apply that got only half way: the member is in state, the binding still is too.
    let mut half = world();
    half.prior
        .push(applied(&member("p", "viewer", "user:ana")).0);
    let planned = half.plan();
    assert!(steps(&planned)[0].starts_with("update Member p viewer user:ana"));
    assert!(!told(&planned).iter().any(|line| line.ends_with("_ana")));

    // Only the binding's removal is asked for: what it would take along is kept all the same.
    let mut targeted = half;
    targeted.targets = vec!["cloud.binding.p_viewer".parse().unwrap()];
    assert_eq!(steps(&targeted.plan()), steps(&planned));

    // Left in place, it takes nothing along.
    let mut left = world();
    left.prior[0].on_destroy = OnDestroy::Abandon;
    assert_eq!(
        steps(&left.plan()),
        [
            "record Member p viewer user:ana",
            "create Member p viewer user:dan",
            "record Whole p viewer"
        ]
    );
}

#[test]
fn what_must_be_one_write_and_cannot_be_is_refused() {
    // An account that changes used the binding, and needs the member now: it stands between them.
    let kept = member("p", "viewer", "user:ana");
    let mut world = World::default()
        .once_granted(&whole("p", "viewer", &["user:ana"]))
        .granted(account("between"))
        .standing(&kept)
        .declared(kept.clone());
    world.desired[0].attributes = Value::from_json(&json!({ "title": "another" }));
    assert_eq!(world.plan().steps.len(), 2);
    world.desired[0].requires.push(kept.object);
    let binding = world.prior[0].object.clone();
    world.prior[1].requires.push(binding);
    let planned = world.plan();
    assert_eq!(codes(&planned), ["split-policy-write"]);
    assert!(planned.steps.is_empty());
}

#[test]
fn a_policy_names_everybody_who_loses() {
    let standing = json!([
        { "role": "owner", "members": ["user:ana", "user:root"] },
        { "role": "viewer", "members": ["agent:x", "user:bo"] },
    ]);
    let wanted = json!([{ "role": "owner", "members": ["user:ana"] }]);
    let world = World::default()
        .standing(&policy("p", standing))
        .declared(policy("p", wanted));
    let planned = world.plan();
    assert_eq!(
        told(&planned),
        ["adopt already_there_and_stays cloud.policy.p"]
    );
    assert_eq!(
        subjects(&planned.revoked),
        ["agent:x viewer p", "user:bo viewer p", "user:root owner p"]
    );
    assert_eq!(codes(&planned), ["access-removed"]);
    let message = &planned.diagnostics[0].message;
    for loser in ["`agent:x`", "`user:bo`", "`user:root`"] {
        assert!(message.contains(loser), "{message}");
    }
    assert!(!message.contains("`user:ana`"));
    assert!(planned.is_valid(), "a warning: it is what was asked for");
}

#[test]
fn access_that_another_grant_still_gives_is_not_lost() {
    // The policy says it too, and nothing of it changes.
    let world = World::default()
        .once_granted(&whole("p", "viewer", &["user:ana"]))
        .granted(member("q", "viewer", "user:ana"));
    let planned = world.plan();
    assert_eq!(subjects(&planned.revoked), ["user:ana viewer p"]);
}

#[test]
fn declarations_that_fight_are_refused_at_plan() {
    let planned = World::default()
        .declared(member("p", "viewer", "user:ana"))
        .declared(whole("p", "viewer", &["user:ana"]))
        .plan();
    assert_eq!(codes(&planned), ["declared-twice"]);
    assert!(planned.steps.is_empty());
}

#[test]
fn revoked_grants_are_counted_once_and_only_where_nothing_gives_them_back() {
    let count = |planned: &Planned, world: &World| {
        let mut prior = rbacform_core::StateSnapshot::empty("s", None);
        prior.resources = world
            .prior
            .iter()
            .map(|resource| (resource.object.clone(), resource.clone()))
            .collect();
        revocations(&planned.changes, &prior, &[&Toy, &Cloud])
    };
    let world = World::default()
        .once_granted(&member("p", "viewer", "user:ana"))
        .once_granted(&member("p", "viewer", "user:bo"))
        .once_granted(&member("q", "viewer", "user:bo"));
    let planned = world.plan();
    assert_eq!(count(&planned, &world).revoked, 3);
    assert_eq!(count(&planned, &world).held, 3);
    // Taken over by a binding that keeps one of them.
    let world = world
        .standing(&whole("p", "viewer", &["user:ana", "user:bo"]))
        .declared(whole("p", "viewer", &["user:ana"]));
    let planned = world.plan();
    assert_eq!(count(&planned, &world).revoked, 2, "bo, on p and on q");
    let mut destroy = world;
    destroy.mode = Mode::Destroy;
    destroy.desired.clear();
    assert!(
        destroy
            .plan()
            .changes
            .iter()
            .all(|change| change.action == Action::Delete)
    );
}
