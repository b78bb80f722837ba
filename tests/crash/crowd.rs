//! Six applies at once.

use std::process::Child;
use std::time::Duration;

use rbacform_sandbox::{HoldPoint, RequestMatch};

use crate::stage::{APPLY, Face, converges, first_face};
use crate::support::repo::Ran;
use crate::support::scene::Scene;

const PATIENCE: Duration = Duration::from_secs(60);

fn start(scene: &Scene) -> Child {
    scene.repo.command(&APPLY).spawn().unwrap()
}

fn end(child: Child) -> Ran {
    Ran::of(&APPLY, child.wait_with_output().unwrap())
}

#[test]
fn one_works_and_the_others_learn_who() {
    let scene = first_face("six_applies");
    scene.repo.stack(&Face::Two.stack());
    let write = RequestMatch::verb("patch");
    let hold = scene
        .world
        .as_sandbox()
        .hold(write, 1, HoldPoint::BeforeCommit);
    let worker = start(&scene);
    assert!(
        hold.wait(PATIENCE),
        "the first apply gets to its first write"
    );
    let others: Vec<_> = (0..5).map(|_| start(&scene)).collect();
    for other in others {
        let refused = end(other).exits(4);
        assert_eq!(refused.codes().len(), 1, "{}", refused.told());
        for part in ["tester", "testhost", &worker.id().to_string(), "`apply`"] {
            assert!(
                refused.stdout.contains(part),
                "names the holder: {}",
                refused.told()
            );
        }
    }
    // Looking needs no lock.
    scene.repo.plan();
    hold.release();
    end(worker).exits(0);
    converges(&scene, Face::Two);
}

#[test]
fn six_at_once_end_right() {
    let scene = first_face("six_at_once");
    let mut face = Face::One;
    for _ in 0..3 {
        face = face.other();
        scene.repo.stack(&face.stack());
        let all: Vec<_> = (0..6).map(|_| start(&scene)).collect();
        let ended: Vec<_> = all.into_iter().map(end).collect();
        for ran in &ended {
            assert!(matches!(ran.code, Some(0 | 4)), "{}", ran.told());
        }
        assert!(ended.iter().any(|ran| ran.code == Some(0)));
        let serial = scene.repo.state()["serial"].clone();
        converges(&scene, face);
        assert_eq!(scene.repo.state()["serial"], serial, "all was done already");
    }
}
