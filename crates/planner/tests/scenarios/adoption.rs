//! Objects without a mark: who may take them over, and what is nobody's.

use std::collections::BTreeMap;

use crate::cloud::*;
use crate::support::*;
use rbacform_core::plan::{DriftKind, Mode, UnmanagedPlace};
use rbacform_core::{OnDestroy, StateSnapshot, Value, WorldPin};
use rbacform_planner::{check_worlds, kinds_to_read};
use serde_json::json;

#[test]
fn a_grant_that_stands_is_adopted_and_the_plan_says_what_that_means() {
    let ana = member("p", "viewer", "user:ana");
    let mut world = World::default().standing(&ana).declared(ana);
    let planned = world.plan();
    assert_eq!(
        told(&planned),
        ["adopt already_there cloud.member.p_viewer_ana"]
    );
    assert!(
        planned.changes[0]
            .reason
            .sentence()
            .contains("removing it from the stack revokes it")
    );
    assert_eq!(steps(&planned), ["record Member p viewer user:ana"]);
    assert_eq!(planned.steps[0].group, None, "nothing is written");
    assert!(planned.granted.is_empty() && planned.unmanaged.is_empty());
    // Left in place when it is no longer declared: that too is said.
    world.desired[0].lifecycle.on_destroy = Some(OnDestroy::Abandon);
    let planned = world.plan();
    assert_eq!(
        told(&planned),
        ["adopt already_there_and_stays cloud.member.p_viewer_ana"]
    );
    let record = planned.steps[0].edits[0].records.as_ref().unwrap();
    assert_eq!(record.on_destroy, OnDestroy::Abandon);
}

#[test]
fn a_binding_that_stands_with_others_in_it_is_adopted_with_a_change() {
    let world = World::default()
        .standing(&whole("p", "viewer", &["user:ana", "user:bo"]))
        .standing(&member("p", "viewer", "user:ana"))
        .standing(&member("p", "viewer", "user:bo"))
        .declared(whole("p", "viewer", &["user:ana"]));
    let planned = world.plan();
    assert_eq!(
        told(&planned),
        ["adopt already_there cloud.binding.p_viewer"]
    );
    assert_eq!(steps(&planned), ["update Whole p viewer"]);
    let lost: Vec<&str> = planned
        .revoked
        .iter()
        .map(|entry| entry.subject.as_str())
        .collect();
    assert_eq!(lost, ["user:bo"]);
}

#[test]
fn nothing_without_a_mark_is_told_to_lack_it() {
    let planned = World::default()
        .granted(account("trainer"))
        .granted(member("p", "viewer", "account:trainer"))
        .granted(whole("q", "editor", &["user:ana"]))
        .plan();
    assert!(planned.changes.is_empty() && planned.steps.is_empty());
    assert_eq!(planned.drift, []);
    assert_eq!(planned.summary.no_op, 3);
}

#[test]
fn a_service_account_that_stands_is_taken_over_only_where_asked() {
    let trainer = account("trainer");
    let mut world = World::default().standing(&trainer).declared(trainer);
    assert_eq!(codes(&world.plan()), ["foreign-object"]);
    world.adopt = true;
    let planned = world.plan();
    assert_eq!(
        told(&planned),
        ["adopt adopt_requested cloud.account.trainer"]
    );
    assert_eq!(steps(&planned), ["record Account trainer"]);
}

#[test]
fn a_service_account_made_anew_under_the_same_name_is_never_taken_for_the_old_one() {
    let mut world = World::default().granted(account("trainer")).granted(member(
        "p",
        "viewer",
        "account:trainer",
    ));
    world.observed[0].uid = "another".into();
    // What was granted to the old one went with it.
    world.observed.remove(1);
    let planned = world.plan();
    assert_eq!(codes(&planned), ["recreated-object"]);
    let message = &planned.diagnostics[0].message;
    assert!(message.contains("`uid-cloud/Account/trainer`") && message.contains("`another`"));
    let kinds: Vec<DriftKind> = planned.drift.iter().map(|drift| drift.kind).collect();
    assert_eq!(kinds, [DriftKind::Modified, DriftKind::Deleted]);
    assert_eq!(planned.drift[0].differences[0].path, "uid");

    world.adopt = true;
    assert_eq!(
        told(&world.plan()),
        [
            "adopt adopt_requested cloud.account.trainer",
            "create deleted_outside cloud.member.p_viewer_trainer"
        ]
    );
    world.adopt = false;
    world.mode = Mode::RefreshOnly;
    let refreshed = world.plan();
    assert_eq!(
        steps(&refreshed),
        ["record Member p viewer account:trainer"],
        "state does not learn the new id"
    );
    world.mode = Mode::Apply;
    world.desired.clear();
    assert_eq!(
        told(&world.plan())[0],
        "forget already_gone cloud.account.trainer",
        "it is not deleted either"
    );
}

#[test]
fn drift_of_grants_is_told() {
    let mut world = World::default()
        .granted(member("p", "viewer", "user:ana"))
        .granted(whole("p", "editor", &["user:ana"]));
    world.observed.remove(0);
    world.observed[0].attributes = whole("p", "editor", &["user:ana", "user:mallory"]).attributes;
    let planned = world.plan();
    let drift: Vec<_> = planned
        .drift
        .iter()
        .map(|drift| (drift.address.to_string(), drift.kind))
        .collect();
    assert_eq!(
        drift,
        [
            ("cloud.binding.p_editor".to_owned(), DriftKind::Modified),
            ("cloud.member.p_viewer_ana".to_owned(), DriftKind::Deleted)
        ]
    );
    assert_eq!(planned.drift[0].differences[0].path, "members");
}

#[test]
fn grants_that_nobody_declares_are_shown_and_service_agents_only_counted() {
    let mut conditional = member("p", "viewer", "user:cy");
    conditional.attributes = Value::from_json(&json!({
        "resource": "p", "role": "viewer", "member": "user:cy", "condition": "true"
    }));
    let world = World::default()
        .granted(member("p", "viewer", "user:ana"))
        .granted(whole("p", "editor", &["user:ana"]))
        .standing(&member("p", "editor", "user:ana"))
        .standing(&member("p", "viewer", "user:mallory"))
        .standing(&conditional)
        .standing(&member("p", "agent", "agent:one"))
        .standing(&member("p", "agent", "agent:two"));
    let planned = world.plan();
    assert_eq!(planned.service_agents, 2);
    let document = json!(planned.unmanaged);
    assert_eq!(
        document[0],
        json!({
            "platform": "cloud", "kind": "grant", "object": "cloud/Member/p viewer user:cy",
            "subject": "user:cy", "role": "viewer", "resource": "p", "condition": "true",
        })
    );
    assert_eq!(document.as_array().unwrap().len(), 2);
    assert_eq!(planned.unmanaged[1].subject, "user:mallory");
    assert_eq!(
        planned.unmanaged[1].place,
        UnmanagedPlace::Resource("p".to_owned())
    );
    assert!(planned.changes.is_empty(), "shown, never touched");
}

#[test]
fn each_provider_reads_its_own_kinds() {
    let desired = [role("a/r", &[]), member("p", "viewer", "user:ana")];
    let prior = StateSnapshot::empty("s", None);
    let kinds = |semantics: &dyn rbacform_core::Semantics| -> Vec<String> {
        let kinds = kinds_to_read(&desired, &prior, semantics);
        kinds.iter().map(ToString::to_string).collect()
    };
    assert_eq!(kinds(&Toy), ["Binding", "Role"]);
    assert_eq!(kinds(&Cloud), ["Member"]);
}

#[test]
fn every_world_is_compared_with_the_one_of_its_name() {
    let pin = |server: &str, uid: &str| WorldPin {
        server: server.to_owned(),
        uid: uid.to_owned(),
        ca: String::new(),
    };
    let mut prior = StateSnapshot::empty("s", None);
    prior.worlds = BTreeMap::from([
        ("kubernetes".to_owned(), pin("https://a", "k1")),
        ("gcp:projects/p".to_owned(), pin("google", "111")),
    ]);
    let mut now = prior.worlds.clone();
    now.insert("gcp:projects/new".to_owned(), pin("google", "333"));
    assert_eq!(check_worlds(&prior, &now), []);
    now.insert("gcp:projects/p".to_owned(), pin("google", "222"));
    now.insert("kubernetes".to_owned(), pin("https://a", "k2"));
    let errors = check_worlds(&prior, &now);
    assert_eq!(errors.len(), 2);
    assert!(errors[0].message.contains("the project `p`"), "{errors:?}");
    assert!(errors[0].message.contains("`111`") && errors[0].message.contains("`222`"));
    assert!(errors[1].message.contains("the cluster"));
}
