//! Killed at every step of the journal.

use std::process::Command;

use crate::stage::{APPLY, Face, converges, first_face, scene};
use crate::support::repo::Ran;
use crate::support::scene::Scene;

/// More steps than any of these applies has.
const BOUND: u64 = 400;

/// Runs an apply that is to die at the Nth step; whether it got so far.
fn dies_at(scene: &Scene, step: u64, parallelism: &str) -> bool {
    let args = [&APPLY[..], &["--parallelism", parallelism]].concat();
    let abort = |command: &mut Command| {
        command.env("RBACFORM_TEST_ABORT_AT", step.to_string());
    };
    let ran: Ran = scene.repo.run_with(&args, abort);
    match ran.code {
        None => true,
        Some(0) => false,
        Some(_) => panic!("step {step}: {}", ran.told()),
    }
}

fn every_step_of_a_change(test: &str, parallelism: &str) {
    let scene = first_face(test);
    let mut face = Face::One;
    let mut step = 1;
    // There and back for each step, until both ways run to their end.
    let mut survived = 0;
    while survived < 2 {
        assert!(step < 2 * BOUND);
        face = face.other();
        scene.repo.stack(&face.stack());
        survived = if dies_at(&scene, step.div_ceil(2), parallelism) {
            0
        } else {
            survived + 1
        };
        converges(&scene, face);
        step += 1;
    }
    // Creates, updates, two replacements and deletes are more than ten writes of four steps each.
    assert!(step > 2 * 40, "only {step} steps");
    scene.repo.is_settled();
    scene.repo.has_no_drift();
}

#[test]
fn change_killed_at_every_step() {
    every_step_of_a_change("change_killed_at_every_step", "16");
}

#[test]
fn change_killed_at_every_step_one_by_one() {
    every_step_of_a_change("change_killed_one_by_one", "1");
}

#[test]
fn first_apply_killed_at_every_step() {
    let mut step = 1;
    loop {
        assert!(step < BOUND);
        let scene = scene("first_apply_killed");
        scene.repo.stack(&Face::One.stack());
        let died = dies_at(&scene, step, "16");
        converges(&scene, Face::One);
        if !died {
            break;
        }
        step += 1;
    }
    assert!(step > 7 * 4, "only {step} steps");
}

#[test]
fn destroy_killed_at_every_step() {
    let scene = first_face("destroy_killed");
    let destroy = ["destroy", "stacks/main", "--yes", "--json"];
    for step in 1..BOUND {
        let ran = scene.repo.run_with(&destroy, |command| {
            command.env("RBACFORM_TEST_ABORT_AT", step.to_string());
        });
        let died = ran.code.is_none();
        scene.repo.run(&destroy).exits(0);
        crate::stage::agrees(&scene, &ran.told());
        assert!(crate::stage::managed(&scene).is_empty());
        if !died {
            assert!(step > 7 * 4, "only {step} steps");
            return;
        }
        // The namespace was left in place, without its mark.
        scene
            .repo
            .run(&["apply", "stacks/main", "--yes", "--adopt"])
            .exits(0);
    }
}
