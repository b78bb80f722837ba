//! `apply --verify` where the verifying read finds another world, fails, or is interrupted.

use std::process::Child;
use std::time::Duration;

use rbacform_sandbox::{Effect, Fault, Hold, HoldPoint, RequestMatch, When};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use crate::stage::{agrees, scene};
use crate::support::client::Place;
use crate::support::repo::Ran;
use crate::support::scene::Scene;

const PATIENCE: Duration = Duration::from_secs(60);
const VERIFY: [&str; 5] = ["apply", "stacks/main", "--yes", "--json", "--verify"];
const STACK: &str = "[kubernetes.cluster_role.it]\nname = \"TAG-it\"\nrules = []\n";

/// An apply that has written everything and does not know it yet.
fn writing(scene: &Scene) -> (Child, Hold) {
    scene.repo.stack(STACK);
    let sandbox = scene.world.as_sandbox();
    let written = sandbox.hold(RequestMatch::verb("patch"), 1, HoldPoint::AfterCommit);
    let child = scene.repo.command(&VERIFY).spawn().unwrap();
    assert!(written.wait(PATIENCE));
    (child, written)
}

/// An apply that has written everything and whose verifying read is held.
fn verifying(scene: &Scene) -> (Child, Hold) {
    let (child, written) = writing(scene);
    let sandbox = scene.world.as_sandbox();
    // The very list that shows the role: others may come before it.
    let on = RequestMatch::of("list", "clusterroles");
    let read = sandbox.hold(on, 1, HoldPoint::BeforeCommit);
    written.release();
    assert!(read.wait(PATIENCE));
    (child, read)
}

/// How it ended: partly, with the one document of an apply and these words on stderr.
fn ends(scene: &Scene, child: Child, words: &[&str]) {
    let ran = Ran::of(&VERIFY, child.wait_with_output().unwrap()).exits(3);
    assert_eq!(ran.json()["format"], "rbacform.apply/1", "{}", ran.told());
    assert_eq!(ran.json()["done"], json!(["kubernetes.cluster_role.it"]));
    for word in words {
        assert!(ran.stderr.contains(word), "{word}: {}", ran.told());
    }
    assert_eq!(scene.repo.state()["serial"], ran.json()["serial"]);
}

#[test]
fn another_world_is_told_beside_the_document() {
    let scene = scene("verify_other");
    let (child, read) = verifying(&scene);
    scene
        .other
        .delete(Place("clusterroles", "", &scene.name("it")));
    read.release();
    ends(
        &scene,
        child,
        &[
            "error[not-verified]",
            "1 change is pending",
            "rbacform drift",
        ],
    );
}

#[test]
fn a_read_that_fails_after_a_write_is_a_partial_end() {
    let scene = scene("verify_fails");
    let (child, written) = writing(&scene);
    scene.world.as_sandbox().faults().add(Fault {
        on: RequestMatch::verb("list"),
        when: When::Always,
        effect: Effect::Status {
            code: 400,
            retry_after: None,
        },
    });
    written.release();
    ends(&scene, child, &["error[not-verified]"]);
    scene.world.as_sandbox().faults().clear();
    agrees(&scene, "after a failed verification");
}

#[test]
fn ctrl_c_ends_it() {
    let scene = scene("verify_interrupted");
    let (child, read) = verifying(&scene);
    let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    kill_process(pid, Signal::INT).unwrap();
    ends(&scene, child, &["error[interrupted]", "was applied"]);
    drop(read);
    agrees(&scene, "after an interrupted verification");
}
