//! Somebody else writes between our reading and our writing.

use std::time::Duration;

use rbacform_sandbox::{HoldPoint, RequestMatch};
use serde_json::{Value, json};

use crate::stage::{APPLY, agrees, scene};
use crate::support::client::Place;
use crate::support::repo::Ran;
use crate::support::scene::{Scene, mark};

const ROLE: Place<'static> = Place("clusterroles", "", "race-reader");

fn stack(verb: &str) -> String {
    format!(
        "[kubernetes.cluster_role.reader]\nname = \"race-reader\"\n\
         rules = [{{ api_groups = [\"\"], resources = [\"pods\"], verbs = [\"{verb}\"] }}]\n"
    )
}

fn rules(verb: &str) -> Value {
    json!([{"apiGroups": [""], "resources": ["pods"], "verbs": [verb]}])
}

/// Runs an apply, and has somebody else `meddle` once its write has arrived and before it is done.
fn raced(scene: &Scene, verb: &str, meddle: impl FnOnce()) -> Ran {
    let on = RequestMatch {
        user_agent: Some("rbacform/".to_owned()),
        ..RequestMatch::of(verb, "clusterroles")
    };
    let hold = scene
        .world
        .as_sandbox()
        .hold(on, 1, HoldPoint::BeforeCommit);
    let child = scene.repo.command(&APPLY).spawn().unwrap();
    assert!(hold.wait(Duration::from_secs(60)), "its write arrives");
    meddle();
    hold.release();
    Ran::of(&APPLY, child.wait_with_output().unwrap())
}

fn applied(test: &str) -> Scene {
    let scene = scene(test);
    scene.repo.stack(&stack("get"));
    scene.repo.apply();
    scene.repo.stack(&stack("list"));
    scene
}

fn is_stale(ran: Ran) -> Ran {
    let ran = ran.exits(4);
    assert_eq!(ran.json()["failed"][0]["code"], "stale", "{}", ran.told());
    ran
}

#[test]
fn foreign_label_in_between_is_no_matter() {
    let scene = applied("race_label");
    let label = json!({"metadata": {"labels": {"theirs": "1"}}});
    raced(&scene, "patch", || drop(scene.other.merge(ROLE, &label))).exits(0);
    let object = scene.other.object(ROLE);
    assert_eq!(
        (&object["rules"], &object["metadata"]["labels"]["theirs"]),
        (&rules("list"), &json!("1"))
    );
    scene.repo.is_settled();
}

#[test]
fn compared_change_in_between_is_not_overwritten() {
    let scene = applied("race_change");
    let theirs = json!({"rules": rules("watch")});
    let ran = is_stale(raced(&scene, "patch", || {
        drop(scene.other.merge(ROLE, &theirs))
    }));
    assert!(
        ran.stdout.contains("kubectl-patch"),
        "says who: {}",
        ran.told()
    );
    assert_eq!(scene.other.object(ROLE)["rules"], rules("watch"));
    scene.repo.apply();
    assert_eq!(
        scene.other.object(ROLE)["rules"],
        rules("list"),
        "once it has been shown"
    );
}

#[test]
fn deleted_in_between_is_not_made_again() {
    let scene = applied("race_delete");
    is_stale(raced(&scene, "patch", || scene.other.delete(ROLE)));
    assert!(scene.other.get(ROLE).is_none());
    scene.repo.apply();
    agrees(&scene, "after a race");
}

#[test]
fn made_again_in_between_is_not_ours() {
    let scene = applied("race_recreate");
    let foreign = json!({"metadata": {"name": "race-reader"}, "rules": rules("get")});
    is_stale(raced(&scene, "patch", || {
        scene.other.delete(ROLE);
        scene.other.create("clusterroles", "", &foreign);
    }));
    let object = scene.other.object(ROLE);
    assert_eq!(
        (&object["rules"], mark(&object)),
        (&rules("get"), (None, None))
    );
}

#[test]
fn changed_in_between_is_not_deleted() {
    let scene = applied("race_delete_changed");
    scene.repo.stack("");
    let theirs = json!({"rules": rules("watch")});
    is_stale(raced(&scene, "delete", || {
        drop(scene.other.merge(ROLE, &theirs))
    }));
    assert_eq!(scene.other.object(ROLE)["rules"], rules("watch"));
    scene.repo.apply();
    assert!(scene.other.get(ROLE).is_none());
}

#[test]
fn equal_object_made_in_between_stays_theirs() {
    let scene = scene("race_equal");
    scene.repo.stack(&stack("get"));
    let foreign = json!({"metadata": {"name": "race-reader"}, "rules": rules("get")});
    is_stale(raced(&scene, "patch", || {
        drop(scene.other.create("clusterroles", "", &foreign))
    }));
    let object = scene.other.object(ROLE);
    assert_eq!(
        mark(&object),
        (None, None),
        "our mark is taken back: {object}"
    );
    assert_eq!(
        object["metadata"]["labels"]["app.kubernetes.io/managed-by"],
        Value::Null
    );
    assert_eq!(object["rules"], rules("get"));
    let refused = scene.repo.run(&APPLY).exits(1);
    assert_eq!(refused.codes(), ["foreign-object"]);
}

#[test]
fn other_object_made_in_between_stays_as_it_is() {
    let scene = scene("race_other");
    scene.repo.stack(&stack("get"));
    let foreign = json!({"metadata": {"name": "race-reader"}, "rules": rules("watch")});
    let ran = raced(&scene, "patch", || {
        drop(scene.other.create("clusterroles", "", &foreign))
    });
    assert!(matches!(ran.code, Some(1 | 4)), "{}", ran.told());
    let object = scene.other.object(ROLE);
    assert_eq!(
        (&object["rules"], mark(&object)),
        (&rules("watch"), (None, None))
    );
    scene
        .repo
        .run(&["apply", "stacks/main", "--yes", "--adopt"])
        .exits(0);
    assert_eq!(scene.other.object(ROLE)["rules"], rules("get"));
    agrees(&scene, "after a race");
}
