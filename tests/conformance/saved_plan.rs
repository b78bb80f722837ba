//! Saved plans: what was approved is what is done, or nothing is.

use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};

use crate::support::client::Place;
use crate::support::scene::Scene;
use crate::support::world::World;

fn role(verb: &str) -> String {
    format!(
        "[kubernetes.role.reader]\nname = \"reader\"\nnamespace = \"TAG\"\n\
         rules = [{{ api_groups = [\"\"], resources = [\"pods\"], verbs = [\"{verb}\"] }}]\n"
    )
}

/// A role that is applied, and a saved plan that changes it.
fn planned(scene: &Scene) -> Place<'_> {
    scene.namespace();
    scene.repo.stack(&role("get"));
    scene.repo.apply();
    scene.repo.stack(&role("list"));
    scene
        .repo
        .run(&["plan", "stacks/main", "--out", "saved.plan"])
        .exits(0);
    Place("roles", &scene.tag, "reader")
}

fn verbs(scene: &Scene) -> Value {
    scene.other.object(Place("roles", &scene.tag, "reader"))["rules"][0]["verbs"].clone()
}

/// That the saved plan is refused, and neither world nor state change.
fn is_stale(scene: &Scene, args: &[&str]) -> String {
    let (before, state) = (verbs(scene), scene.repo.state());
    let all = [&["apply", "saved.plan", "--json"], args].concat();
    scene.world.count_from_here();
    let refused = scene.repo.run(&all).exits(4);
    assert_eq!(refused.codes()[0], "stale-plan", "{}", refused.told());
    let asked = json!(scene.world.requests(&scene.login));
    assert_eq!(
        asked.get("patch roles"),
        None,
        "nothing was written: {asked}"
    );
    assert_eq!((verbs(scene), scene.repo.state()), (before, state));
    refused.stdout
}

pub(crate) fn saved_plan_is_what_is_applied(scene: &Scene) {
    planned(scene);
    let file = scene.repo.root().join("saved.plan");
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let shown = scene
        .repo
        .run(&["show", "saved.plan", "--json"])
        .exits(0)
        .json();
    assert_eq!(shown["format"], "rbacform.plan/1");
    assert_eq!(
        shown["world"]["kubernetes"][0]["identity"],
        json!(scene.login.user)
    );
    assert_eq!(verbs(scene), json!(["get"]));
    // From another folder, without asking.
    let file = file.to_str().unwrap().to_owned();
    let home = scene.repo.home();
    scene
        .repo
        .run_with(&["apply", &file], |command| {
            command.current_dir(home);
        })
        .exits(0);
    assert_eq!(verbs(scene), json!(["list"]));
    scene.repo.is_settled();
    is_stale(scene, &[]);
}

pub(crate) fn saved_plan_is_stale_after_a_compared_change(scene: &Scene) {
    let place = planned(scene);
    scene.other.edit(place, |object| {
        object["rules"][0]["verbs"] = json!(["watch"])
    });
    let told = is_stale(scene, &[]);
    assert!(told.contains("kubernetes.role.reader"), "{told}");
}

pub(crate) fn saved_plan_stands_foreign_labels(scene: &Scene) {
    let place = planned(scene);
    scene
        .other
        .merge(place, &json!({"metadata": {"labels": {"theirs": "1"}}}));
    scene.repo.run(&["apply", "saved.plan"]).exits(0);
    assert_eq!(verbs(scene), json!(["list"]));
    assert_eq!(
        scene.other.object(place)["metadata"]["labels"]["theirs"],
        "1"
    );
}

pub(crate) fn saved_plan_stands_aggregation(scene: &Scene) {
    let whole = |team: &str| {
        format!(
            "[kubernetes.cluster_role.whole]\nname = \"TAG-whole\"\nlabels = {{ team = \"{team}\" }}\n\
             aggregate = [{{ match_labels = {{ \"TAG-to-whole\" = \"true\" }} }}]\n"
        )
    };
    scene.repo.stack(&whole("a"));
    scene.repo.apply();
    scene.repo.stack(&whole("b"));
    scene
        .repo
        .run(&["plan", "stacks/main", "--out", "saved.plan"])
        .exits(0);
    let label = scene.name("to-whole");
    let part = json!({
        "metadata": {"name": scene.name("part"), "labels": {label: "true"}},
        "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}],
    });
    scene.other.create("clusterroles", "", &part);
    let name = scene.name("whole");
    let place = Place("clusterroles", "", &name);
    let filled = || scene.other.object(place)["rules"] == part["rules"];
    scene
        .other
        .wait("the controller fills in the rules", filled);
    scene.repo.run(&["apply", "saved.plan"]).exits(0);
    let object = scene.other.object(place);
    assert_eq!(
        (&object["metadata"]["labels"]["team"], &object["rules"]),
        (&json!("b"), &part["rules"])
    );
}

pub(crate) fn saved_plan_is_stale_after_another_apply(scene: &Scene) {
    planned(scene);
    let more = format!(
        "{}[kubernetes.cluster_role.it]\nname = \"TAG-it\"\nrules = []\n",
        role("get")
    );
    scene.repo.stack(&more);
    scene.repo.apply();
    scene.repo.stack(&role("list"));
    let told = is_stale(scene, &[]);
    assert!(told.contains("serial"), "{told}");
}

pub(crate) fn saved_plan_is_stale_with_other_inputs(scene: &Scene) {
    scene.namespace();
    let stack = "[variables.verb]\ndefault = \"list\"\n[variables.password]\nsensitive = true\n\
                 default = \"\"\n";
    let role = role("${vars.verb}");
    scene.repo.stack(&self::role("get"));
    scene.repo.apply();
    scene.repo.stack(&format!("{stack}{role}"));
    scene
        .repo
        .run(&["plan", "stacks/main", "--out", "saved.plan"])
        .exits(0);
    is_stale(scene, &["--var", "verb=watch"]);
    scene.repo.stack(&format!("{stack}{}", self::role("watch")));
    is_stale(scene, &[]);
    // With the inputs of the plan it goes.
    scene.repo.stack(&format!("{stack}{role}"));
    scene
        .repo
        .run(&[
            "plan",
            "stacks/main",
            "--out",
            "saved.plan",
            "--var",
            "verb=watch",
        ])
        .exits(0);
    scene.repo.run(&["apply", "saved.plan"]).exits(0);
    assert_eq!(verbs(scene), json!(["watch"]));
}

pub(crate) fn saved_plan_of_another_cluster_is_refused(scene: &Scene) {
    scene
        .repo
        .stack("[kubernetes.cluster_role.it]\nname = \"TAG-it\"\nrules = []\n");
    scene
        .repo
        .run(&["plan", "stacks/main", "--out", "saved.plan"])
        .exits(0);
    let elsewhere = World::sandbox();
    scene
        .repo
        .log_in(&elsewhere.kubeconfig(&[&elsewhere.admin_login()]));
    let refused = scene.repo.run(&["apply", "saved.plan", "--json"]).exits(4);
    assert_eq!(refused.codes()[0], "stale-plan", "{}", refused.told());
    let name = scene.name("it");
    assert!(
        elsewhere
            .admin()
            .get(Place("clusterroles", "", &name))
            .is_none()
    );
    scene.repo.log_in(&scene.world.kubeconfig(&[&scene.login]));
    scene.repo.run(&["apply", "saved.plan"]).exits(0);
    assert!(scene.other.get(Place("clusterroles", "", &name)).is_some());
}

pub(crate) fn saved_plan_of_a_target_does_only_that(scene: &Scene) {
    let namespace = scene.namespace().to_owned();
    let other = "[kubernetes.role.other]\nname = \"other\"\nnamespace = \"TAG\"\nrules = []\n";
    scene.repo.stack(&format!("{}{other}", role("get")));
    let target = ["--target", "kubernetes.role.reader", "--out", "saved.plan"];
    scene
        .repo
        .run(&[&["plan", "stacks/main"][..], &target].concat())
        .exits(0);
    let ended = scene
        .repo
        .run(&["apply", "saved.plan", "--json"])
        .exits(0)
        .json();
    assert_eq!(ended["done"], json!(["kubernetes.role.reader"]));
    assert!(
        scene
            .other
            .get(Place("roles", &namespace, "other"))
            .is_none()
    );
    assert_eq!(scene.repo.apply()["done"], json!(["kubernetes.role.other"]));
}

pub(crate) fn saved_refresh_lets_state_learn(scene: &Scene) {
    scene.namespace();
    scene.repo.stack(&role("get"));
    scene.repo.apply();
    let place = Place("roles", &scene.tag, "reader");
    scene.other.edit(place, |object| {
        object["rules"][0]["verbs"] = json!(["watch"])
    });
    scene.repo.drifted();
    scene
        .repo
        .run(&[
            "plan",
            "stacks/main",
            "--refresh-only",
            "--out",
            "saved.plan",
        ])
        .exits(0);
    scene.repo.run(&["apply", "saved.plan"]).exits(0);
    assert_eq!(verbs(scene), json!(["watch"]), "nothing is sent");
    scene.repo.has_no_drift();
    let plan = scene.repo.plan();
    assert_eq!(
        plan["changes"][0]["reason"], "arguments_changed",
        "the stack still wants otherwise"
    );
}
