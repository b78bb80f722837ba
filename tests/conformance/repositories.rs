//! Several states at one cluster: repositories whose stacks share a name, and environments.

use serde_json::json;

use crate::support::client::Place;
use crate::support::scene::Scene;

fn role(name: &str) -> String {
    let kebab = name.replace('_', "-");
    format!("[kubernetes.role.{name}]\nname = \"{kebab}\"\nnamespace = \"TAG\"\nrules = []\n")
}

fn account(name: &str) -> String {
    let kebab = name.replace('_', "-");
    format!("[kubernetes.service_account.{name}]\nname = \"{kebab}\"\nnamespace = \"TAG\"\n")
}

pub(crate) fn two_repositories_with_one_stack_name_keep_apart(scene: &Scene) {
    let namespace = scene.namespace().to_owned();
    let theirs = scene.another_repo();
    scene.repo.stack(&role("mine"));
    theirs.stack(&account("theirs"));
    scene.repo.apply();
    theirs.apply();
    let mark = |plural, name| scene.mark_of(Place(plural, &namespace, name));
    let (mine, other) = (mark("roles", "mine"), mark("serviceaccounts", "theirs"));
    assert_eq!(mine.0, other.0, "the stacks have one name");
    assert_ne!(mine.1, other.1, "and two lineages");

    // They now want what is mine.
    theirs.stack(&format!("{}{}", account("theirs"), role("mine")));
    for adopt in [&["--adopt"][..], &[]] {
        let mut args = vec!["apply", "stacks/main", "--yes", "--json"];
        args.extend(adopt);
        let refused = theirs.run(&args).exits(1);
        assert_eq!(
            refused.codes(),
            ["owned-by-another-stack"],
            "{}",
            refused.told()
        );
        assert!(
            refused.stdout.contains(mine.1.as_deref().unwrap()),
            "{}",
            refused.told()
        );
    }
    // Both see both kinds, and neither touches what is the other's.
    scene
        .repo
        .stack(&format!("{}{}", role("mine"), account("mine_too")));
    theirs.stack(&format!("{}{}", account("theirs"), role("theirs_too")));
    scene.repo.apply();
    theirs.apply();
    scene.repo.is_settled();
    theirs.is_settled();
    assert_eq!(scene.repo.plan()["unmanaged"], json!([]));
    theirs.run(&["destroy", "stacks/main", "--yes"]).exits(0);
    assert!(
        scene
            .other
            .get(Place("serviceaccounts", &namespace, "theirs"))
            .is_none()
    );
    scene.repo.is_settled();
    scene.repo.has_no_drift();

    // A third begins, and cannot tell another repository from a lost state.
    let third = scene.another_repo();
    third.stack(&role("third"));
    let refused = third.run(&["plan", "stacks/main", "--json"]).exits(1);
    assert_eq!(refused.codes(), ["state-missing"]);
}

pub(crate) fn environments_keep_apart(scene: &Scene) {
    let namespace = scene.namespace().to_owned();
    scene.repo.stack(
        "[variables.name]\n\
         [kubernetes.role.it]\nname = \"${vars.name}\"\nnamespace = \"TAG\"\nrules = []\n",
    );
    scene
        .repo
        .write("stacks/main/staging.vars.toml", "name = \"staging\"\n");
    let staging = ["apply", "stacks/main", "--yes", "--env", "staging"];
    scene.repo.run(&staging).exits(0);
    scene
        .repo
        .run(&["apply", "stacks/main", "--yes", "--var", "name=production"])
        .exits(0);
    let mark = |name| scene.mark_of(Place("roles", &namespace, name));
    assert_eq!(mark("staging").0, Some(format!("{}/staging", scene.tag)));
    assert_eq!(mark("production").0, Some(scene.tag.clone()));
    assert!(
        !scene
            .repo
            .state_file(&format!("{}.staging.json", scene.tag))
            .is_empty()
    );
    let settled = ["plan", "stacks/main", "--detailed-exitcode"];
    scene
        .repo
        .run(&[&settled[..], &["--env", "staging"]].concat())
        .exits(0);
    scene
        .repo
        .run(&[&settled[..], &["--var", "name=production"]].concat())
        .exits(0);

    let refused = scene
        .repo
        .run(&["plan", "stacks/main", "--json", "--var", "name=staging"])
        .exits(1);
    assert_eq!(refused.codes(), ["owned-by-another-stack"]);
}
