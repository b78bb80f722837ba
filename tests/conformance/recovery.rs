//! A lost state, rebuilt from the marks.

use std::fs;

use serde_json::{Value, json};

use crate::support::client::Place;
use crate::support::scene::Scene;

const RECOVER: [&str; 3] = ["state", "recover", "stacks/main"];

const ROLE: &str = r#"
[kubernetes.namespace.it]
name = "TAG"
labels = { team = "a" }

[kubernetes.role.reader]
name = "reader"
namespace = "${kubernetes.namespace.it.name}"
rules = [{ api_groups = [""], resources = ["pods"], verbs = ["get"] }]
"#;

const BINDING: &str = r#"
[kubernetes.role_binding.reader]
name = "reader"
namespace = "${kubernetes.namespace.it.name}"
role = "${kubernetes.role.reader}"
subjects = ["user:ana"]
lifecycle = { prevent_destroy = true }
"#;

/// A stack that is applied, and then no longer declares its binding.
fn applied(scene: &Scene) {
    scene.repo.stack(&format!("{ROLE}{BINDING}"));
    scene.repo.apply();
    scene.repo.stack(ROLE);
}

fn folder(scene: &Scene) -> std::path::PathBuf {
    scene.repo.root().join("state")
}

fn lose(scene: &Scene) {
    fs::remove_dir_all(folder(scene)).unwrap();
}

fn actions(plan: &Value) -> Vec<(Value, Value)> {
    let changes = plan["changes"].as_array().unwrap().iter();
    changes
        .map(|change| (change["action"].clone(), change["address"].clone()))
        .collect()
}

pub(crate) fn lost_state_is_rebuilt_from_the_marks(scene: &Scene) {
    applied(scene);
    let lineage = scene.repo.state()["lineage"].clone();
    lose(scene);
    let refused = scene.repo.run(&["plan", "stacks/main", "--json"]).exits(1);
    assert_eq!(refused.codes(), ["state-missing"]);
    let place = Place("roles", &scene.tag, "reader");
    scene
        .other
        .merge(place, &json!({"metadata": {"labels": {"theirs": "1"}}}));

    scene.world.count_from_here();
    let ran = scene.repo.run(&RECOVER).exits(0);
    assert_eq!(
        json!(scene.world.requests(&scene.login)),
        json!({
            "list namespaces": 1, "list serviceaccounts": 1, "list roles": 1,
            "list clusterroles": 1, "list rolebindings": 1, "list clusterrolebindings": 1,
        })
    );
    let told = &ran.stderr;
    assert!(told.contains("Recovered 3 resources"), "{told}");
    assert!(told.contains("kubernetes.role_binding.reader\n"), "{told}");
    let state = scene.repo.state();
    assert_eq!(state["lineage"], lineage);
    assert_eq!(
        state["worlds"]["kubernetes"]["uid"].as_str().unwrap().len(),
        36
    );

    // Only what really differs is planned: nobody's label is touched.
    scene.repo.has_no_drift();
    assert_eq!(
        actions(&scene.repo.plan()),
        [(json!("delete"), json!("kubernetes.role_binding.reader"))]
    );
    scene.repo.apply();
    assert_eq!(
        scene.other.object(place)["metadata"]["labels"]["theirs"],
        "1"
    );
    assert!(
        scene
            .other
            .get(Place("rolebindings", &scene.tag, "reader"))
            .is_none()
    );
    scene.repo.is_settled();
}

pub(crate) fn torn_state_is_rebuilt_with_what_its_backup_tells(scene: &Scene) {
    applied(scene);
    // So that a backup has everything.
    scene
        .repo
        .stack(&format!("{ROLE}{BINDING}").replace("\"get\"", "\"list\""));
    scene.repo.apply();
    scene.repo.stack(&ROLE.replace("\"get\"", "\"list\""));
    let file = folder(scene).join(format!("{}.json", scene.tag));
    let serial = scene.repo.state()["serial"].as_u64().unwrap();
    fs::write(&file, "{\"format\": \"rbacform.state/1\", ").unwrap();
    let refused = scene.repo.run(&["plan", "stacks/main", "--json"]).exits(1);
    assert_eq!(refused.codes(), ["state-broken"]);
    scene.repo.run(&RECOVER).exits(0);
    assert!(scene.repo.state()["serial"].as_u64().unwrap() > serial);
    // The protection of a block that is gone was only in the state.
    let refused = scene.repo.run(&["plan", "stacks/main", "--json"]).exits(1);
    assert_eq!(refused.codes(), ["prevent-destroy"]);
    scene
        .repo
        .stack(&format!("{ROLE}{BINDING}").replace("\"get\"", "\"list\""));
    scene.repo.is_settled();
}

pub(crate) fn state_that_is_not_lost_stays_unless_forced(scene: &Scene) {
    applied(scene);
    scene.repo.stack(&format!("{ROLE}{BINDING}"));
    let before = scene.repo.state_bytes();
    let refused = scene.repo.run(&RECOVER).exits(1);
    assert!(
        refused.stderr.contains("state-not-lost"),
        "{}",
        refused.told()
    );
    let after = scene.repo.state_bytes();
    let kept = |files: &[(std::path::PathBuf, Vec<u8>)]| {
        let mut files = files.to_vec();
        files.retain(|(path, _)| path.extension().is_some_and(|ext| ext == "json"));
        files
    };
    assert_eq!(kept(&before), kept(&after));
    let forced = [&RECOVER[..], &["--force"]].concat();
    scene.repo.run(&forced).exits(0);
    scene.repo.is_settled();
}

pub(crate) fn lineages_of_two_repositories_are_told_apart(scene: &Scene) {
    applied(scene);
    let lineage = scene.repo.state()["lineage"].as_str().unwrap().to_owned();
    let other = scene.another_repo();
    // Of a kind that the first has none of, so that neither saw the other.
    scene.namespace_named(&scene.name("other"));
    other.stack(
        "[kubernetes.service_account.theirs]\nname = \"theirs\"\nnamespace = \"TAG-other\"\n",
    );
    other.run(&["apply", "stacks/main", "--yes"]).exits(0);
    let theirs = other.state()["lineage"].as_str().unwrap().to_owned();
    lose(scene);
    let refused = scene.repo.run(&RECOVER).exits(1);
    for expected in ["several-lineages", &lineage, &theirs] {
        assert!(refused.stderr.contains(expected), "{}", refused.told());
    }
    let chosen = [&RECOVER[..], &["--lineage", &lineage]].concat();
    scene.repo.run(&chosen).exits(0);
    assert_eq!(scene.repo.state()["lineage"], json!(lineage));
    assert_eq!(scene.repo.state()["resources"].as_array().unwrap().len(), 3);
}

pub(crate) fn nothing_is_recovered_where_nothing_is_marked(scene: &Scene) {
    scene.repo.stack(ROLE);
    let refused = scene.repo.run(&RECOVER).exits(1);
    assert!(
        refused.stderr.contains("nothing-to-recover"),
        "{}",
        refused.told()
    );
    let json = scene.repo.state_bytes();
    assert!(
        !json
            .iter()
            .any(|(path, _)| path.extension().is_some_and(|ext| ext == "json"))
    );
}
