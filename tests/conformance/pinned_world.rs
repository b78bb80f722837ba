//! The pinned world: state of one cluster is never compared with another.

use std::fs;

use crate::support::client::Place;
use crate::support::scene::Scene;
use crate::support::world::{Login, World};

const ROLE: &str = "[kubernetes.cluster_role.it]\nname = \"TAG-it\"\nrules = []\n";

pub(crate) fn another_cluster_under_the_same_context_is_refused(scene: &Scene) {
    scene.repo.stack(ROLE);
    scene.repo.apply();
    let state = scene.repo.state();
    let elsewhere = World::sandbox();
    // A context of the same name, that now leads elsewhere.
    let login = Login {
        user: scene.login.user.clone(),
        ..elsewhere.admin_login()
    };
    scene.repo.log_in(&elsewhere.kubeconfig(&[&login]));
    let all: [&[&str]; 4] = [
        &["plan", "stacks/main", "--json"],
        &["apply", "stacks/main", "--json", "--yes"],
        &["destroy", "stacks/main", "--json", "--yes"],
        &["drift", "stacks/main", "--json"],
    ];
    for args in all {
        let refused = scene.repo.run(args).exits(1);
        assert_eq!(refused.codes(), ["another-world"], "{}", refused.told());
        assert!(
            refused.stdout.contains(&scene.world.url()),
            "{}",
            refused.told()
        );
    }
    assert_eq!(scene.repo.state(), state);
    let there = elsewhere.admin();
    assert!(
        there
            .get(Place("clusterroles", "", &scene.name("it")))
            .is_none()
    );
    assert_eq!(
        elsewhere
            .as_sandbox()
            .requests()
            .by_agent("rbacform/")
            .of_verb("patch"),
        0
    );
}

pub(crate) fn lost_state_is_not_guessed(scene: &Scene) {
    scene.repo.stack(ROLE);
    scene.repo.apply();
    fs::remove_dir_all(scene.repo.root().join("state")).unwrap();
    for command in ["plan", "apply"] {
        let mut args = vec![command, "stacks/main", "--json"];
        args.extend((command == "apply").then_some("--yes"));
        let refused = scene.repo.run(&args).exits(1);
        assert_eq!(refused.codes(), ["state-missing"], "{}", refused.told());
        assert!(
            refused.stdout.contains("rbacform state recover"),
            "{}",
            refused.told()
        );
    }
}
