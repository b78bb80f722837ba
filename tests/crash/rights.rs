//! Rights revoked halfway.

use std::time::Duration;

use rbacform_sandbox::{HoldPoint, RequestMatch};
use serde_json::json;

use crate::stage::{Face, agrees, converges, first_face, scene};
use crate::support::client::Place;
use crate::support::repo::Ran;

const APPLY: [&str; 6] = [
    "apply",
    "stacks/main",
    "--yes",
    "--json",
    "--parallelism",
    "1",
];

#[test]
fn rights_revoked_halfway_leave_a_true_state() {
    let scene = first_face("rights_revoked");
    scene.repo.stack(&Face::Two.stack());
    let hold =
        scene
            .world
            .as_sandbox()
            .hold(RequestMatch::verb("patch"), 3, HoldPoint::BeforeCommit);
    let child = scene.repo.command(&APPLY).spawn().unwrap();
    assert!(hold.wait(Duration::from_secs(60)));
    let binding = format!("{}-{}-cluster-admin", scene.tag, scene.login.user);
    scene
        .other
        .delete(Place("clusterrolebindings", "", &binding));
    hold.release();
    let ran = Ran::of(&APPLY, child.wait_with_output().unwrap()).exits(3);
    let ended = ran.json();
    let failed = ended["failed"].as_array().unwrap();
    assert!(
        failed.iter().all(|one| one["code"] == "forbidden"),
        "{}",
        ran.told()
    );
    assert!(!failed.is_empty() && !ended["not_started"].as_array().unwrap().is_empty());
    agrees(&scene, &ran.told());
    scene.grant(&scene.login.user, "cluster-admin");
    converges(&scene, Face::Two);
}

#[test]
fn no_rights_from_the_start_change_nothing() {
    let scene = scene("no_rights");
    let nobody = scene.world.new_user();
    let rules = json!([{"apiGroups": ["*"], "resources": ["*"], "verbs": ["get", "list"]}]);
    scene.allow(&nobody.user, "reader", &rules);
    scene.repo.log_in(&scene.world.kubeconfig(&[&nobody]));
    scene.repo.stack(&Face::One.stack());
    let before = scene.repo.run(&APPLY).exits(5);
    assert!(!before.json()["preflight"].as_array().unwrap().is_empty());
    let all_the_same = [&APPLY[..], &["--ignore-preflight"]].concat();
    let ran = scene.repo.run(&all_the_same).exits(1);
    assert_eq!(ran.json()["done"], json!([]));
    scene.repo.log_in(&scene.world.kubeconfig(&[&scene.login]));
    converges(&scene, Face::One);
}
