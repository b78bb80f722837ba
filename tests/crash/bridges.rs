//! The bridge of a replacement that did not end: it holds access that nobody declares, so it must
//! go, whatever the next command is.

use rbacform_sandbox::{Effect, Fault, RequestMatch, When};

use crate::stage::{agrees, scene};
use crate::support::client::Place;
use crate::support::scene::Scene;

const APPLY: [&str; 4] = ["apply", "stacks/main", "--yes", "--json"];
const DESTROY: [&str; 4] = ["destroy", "stacks/main", "--yes", "--json"];

fn bound_to(scene: &Scene, role: &str) {
    scene.repo.stack(&format!(
        "[kubernetes.role_binding.b]\nname = \"b\"\nnamespace = \"TAG\"\n\
         cluster_role = \"{role}\"\nsubjects = [\"user:bo\"]\n"
    ));
}

/// A binding that is applied and nothing else, so that no other resource has its kind read.
fn only_a_binding(test: &str) -> Scene {
    let scene = scene(test);
    scene.namespace();
    bound_to(&scene, "view");
    scene.repo.run(&APPLY).exits(0);
    bound_to(&scene, "edit");
    scene
}

fn is_there(scene: &Scene, name: &str) -> bool {
    scene
        .other
        .get(Place("rolebindings", &scene.tag, name))
        .is_some()
}

/// A replacement whose bridge was made and whose binding was deleted; the new one was refused.
fn left_by_a_refusal(test: &str) -> Scene {
    let scene = only_a_binding(test);
    let faults = scene.world.as_sandbox().faults();
    faults.add(Fault {
        on: RequestMatch::of("patch", "rolebindings"),
        when: When::Nth(2),
        effect: Effect::Status {
            code: 403,
            retry_after: None,
        },
    });
    scene.repo.run(&APPLY).exits(3);
    faults.clear();
    assert!(is_there(&scene, "b-rbacform-bridge") && !is_there(&scene, "b"));
    scene
}

/// That a destroy leaves neither binding nor bridge, nor a journal.
fn is_destroyed(scene: &Scene) {
    let ran = scene.repo.run(&DESTROY).exits(0);
    for name in ["b", "b-rbacform-bridge"] {
        assert!(!is_there(scene, name), "{name}: {}", ran.told());
    }
    agrees(scene, &ran.told());
}

#[test]
fn bridge_of_a_killed_replacement_goes_with_a_destroy() {
    for step in 1.. {
        let scene = only_a_binding(&format!("bridge_killed_{step}"));
        let ran = scene.repo.run_with(&APPLY, |command| {
            command.env("RBACFORM_TEST_ABORT_AT", step.to_string());
        });
        is_destroyed(&scene);
        if ran.code.is_some() {
            // Four writes of four steps each.
            assert!(step > 16, "only {step} steps");
            return;
        }
    }
}

#[test]
fn bridge_of_a_refused_replacement_goes_with_a_destroy() {
    is_destroyed(&left_by_a_refusal("bridge_refused"));
}

#[test]
fn bridge_goes_with_a_destroy_that_is_killed_too() {
    for step in 1.. {
        let scene = left_by_a_refusal(&format!("bridge_killed_twice_{step}"));
        let ran = scene.repo.run_with(&DESTROY, |command| {
            command.env("RBACFORM_TEST_ABORT_AT", step.to_string());
        });
        is_destroyed(&scene);
        if ran.code.is_some() {
            assert!(step > 6, "only {step} steps");
            return;
        }
    }
}

#[test]
fn bridge_is_remembered_by_the_states_surgery() {
    let scene = only_a_binding("bridge_surgery");
    scene.repo.stack(
        "[kubernetes.cluster_role.r]\nname = \"TAG-r\"\n\
         [kubernetes.role_binding.b]\nname = \"b\"\nnamespace = \"TAG\"\n\
         cluster_role = \"view\"\nsubjects = [\"user:bo\"]\n",
    );
    scene.repo.run(&APPLY).exits(0);
    scene.repo.stack(
        "[kubernetes.cluster_role.r]\nname = \"TAG-r\"\n\
         [kubernetes.role_binding.b]\nname = \"b\"\nnamespace = \"TAG\"\n\
         cluster_role = \"edit\"\nsubjects = [\"user:bo\"]\n",
    );
    let faults = scene.world.as_sandbox().faults();
    faults.add(Fault {
        on: RequestMatch::of("patch", "rolebindings"),
        when: When::Nth(2),
        effect: Effect::Status {
            code: 403,
            retry_after: None,
        },
    });
    scene.repo.run(&APPLY).exits(3);
    faults.clear();
    let (from, to) = ("kubernetes.cluster_role.r", "kubernetes.cluster_role.s");
    scene
        .repo
        .run(&["state", "mv", "stacks/main", from, to])
        .exits(0);
    assert!(is_there(&scene, "b-rbacform-bridge"));
    is_destroyed(&scene);
}
