//! Objects that exist already: by themselves, somebody's, or ours without state knowing.

use serde_json::json;

use crate::lifecycle::changes;
use crate::support::client::Place;
use crate::support::scene::{Scene, mark};

pub(crate) fn default_service_account_is_adopted_and_stays(scene: &Scene) {
    let place = Place("serviceaccounts", scene.namespace(), "default");
    let before = scene.other.object(place);
    scene.repo.stack(
        "[kubernetes.service_account.default]\nname = \"default\"\nnamespace = \"TAG\"\n\
         automount_token = false\n",
    );
    let plan = scene.repo.plan();
    let address = "kubernetes.service_account.default".to_owned();
    assert_eq!(
        changes(&plan),
        [[address.clone(), "adopt".to_owned(), "built_in".to_owned()]]
    );
    scene.repo.apply();
    let adopted = scene.other.object(place);
    assert_eq!(adopted["metadata"]["uid"], before["metadata"]["uid"]);
    assert_eq!(adopted["automountServiceAccountToken"], false);
    assert_eq!(mark(&adopted).0.as_deref(), Some(scene.tag.as_str()));
    scene.repo.is_settled();

    scene.repo.stack("");
    assert_eq!(
        changes(&scene.repo.plan()),
        [[address, "forget".to_owned(), "abandoned".to_owned()]]
    );
    scene.repo.apply();
    let left = scene.other.object(place);
    assert_eq!(
        left["metadata"]["uid"], before["metadata"]["uid"],
        "never deleted"
    );
    assert_eq!(mark(&left), (None, None));
    scene.repo.is_settled();
}

pub(crate) fn foreign_object_stops_the_plan_until_it_is_adopted(scene: &Scene) {
    let namespace = scene.namespace().to_owned();
    let place = Place("roles", &namespace, "reader");
    let labels = json!({"app.kubernetes.io/managed-by": "Helm", "team": "a"});
    let foreign = json!({"metadata": {"name": "reader", "labels": labels}, "rules": []});
    let made = scene.other.create("roles", &namespace, &foreign);
    scene.repo.stack(
        "[kubernetes.role.reader]\nname = \"reader\"\nnamespace = \"TAG\"\n\
         rules = [{ api_groups = [\"\"], resources = [\"pods\"], verbs = [\"get\"] }]\n\
         [kubernetes.role.other]\nname = \"other\"\nnamespace = \"TAG\"\nrules = []\n",
    );
    for command in ["plan", "apply"] {
        let mut args = vec![command, "stacks/main", "--json"];
        args.extend((command == "apply").then_some("--yes"));
        let refused = scene.repo.run(&args).exits(1);
        assert_eq!(refused.codes(), ["foreign-object"]);
        let diagnostic = &refused.json()["diagnostics"][0];
        assert_eq!(diagnostic["address"], "kubernetes.role.reader");
        assert_eq!(
            (&diagnostic["file"], &diagnostic["line"]),
            (&json!("stacks/main/stack.toml"), &json!(3))
        );
        let message = diagnostic["message"].as_str().unwrap();
        assert!(
            message.contains("labelled as managed by `Helm`"),
            "{message}"
        );
        assert!(
            diagnostic["help"].as_str().unwrap().contains("--adopt"),
            "{diagnostic}"
        );
    }
    assert_eq!(scene.other.object(place), made);
    assert!(
        scene
            .other
            .get(Place("roles", &namespace, "other"))
            .is_none(),
        "refused as a whole"
    );

    scene
        .repo
        .run(&["apply", "stacks/main", "--yes", "--adopt"])
        .exits(0);
    let adopted = scene.other.object(place);
    assert_eq!(adopted["metadata"]["uid"], made["metadata"]["uid"]);
    assert_eq!(adopted["rules"][0]["resources"], json!(["pods"]));
    let labels = &adopted["metadata"]["labels"];
    assert_eq!(
        labels["app.kubernetes.io/managed-by"], "Helm",
        "set only where nobody did"
    );
    assert_eq!(labels["team"], "a");
    scene.repo.is_settled();
}

pub(crate) fn object_that_came_after_the_plan_is_not_overwritten(scene: &Scene) {
    let namespace = scene.namespace().to_owned();
    scene
        .repo
        .stack("[kubernetes.role.reader]\nname = \"reader\"\nnamespace = \"TAG\"\nrules = []\n");
    scene
        .repo
        .run(&["plan", "stacks/main", "--out", "saved.plan"])
        .exits(0);
    let foreign = json!({"metadata": {"name": "reader"}, "rules": []});
    let made = scene.other.create("roles", &namespace, &foreign);
    scene.repo.run(&["apply", "saved.plan"]).exits(4);
    assert_eq!(
        scene.other.object(Place("roles", &namespace, "reader")),
        made
    );
}

pub(crate) fn marked_object_that_state_lost_is_adopted(scene: &Scene) {
    let namespace = scene.namespace().to_owned();
    let place = Place("roles", &namespace, "reader");
    scene.repo.stack(
        "[kubernetes.role.reader]\nname = \"reader\"\nnamespace = \"TAG\"\nrules = []\n\
         [kubernetes.role.stays]\nname = \"stays\"\nnamespace = \"TAG\"\nrules = []\n",
    );
    scene.repo.apply();
    let before = scene.other.object(place);
    scene
        .repo
        .run(&["state", "rm", "stacks/main", "kubernetes.role.reader"])
        .exits(0);
    let plan = scene.repo.plan();
    let adopt = ["kubernetes.role.reader", "adopt", "marked_ours"].map(str::to_owned);
    assert_eq!(changes(&plan), [adopt]);
    scene.repo.apply();
    assert_eq!(scene.other.object(place), before, "nothing to send");
    scene.repo.is_settled();
}

pub(crate) fn default_service_account_of_a_new_namespace_is_ours(scene: &Scene) {
    scene.repo.stack(
        "[kubernetes.namespace.it]\nname = \"TAG\"\n\
         [kubernetes.service_account.default]\nname = \"default\"\n\
         namespace = \"${kubernetes.namespace.it.name}\"\nautomount_token = false\n",
    );
    // The cluster may make it first, or we may: either way it is ours and as declared.
    scene.repo.apply();
    let adopted = scene
        .other
        .object(Place("serviceaccounts", &scene.tag, "default"));
    assert_eq!(adopted["automountServiceAccountToken"], false);
    assert_eq!(mark(&adopted).0.as_deref(), Some(scene.tag.as_str()));
    scene.repo.is_settled();
    scene.repo.has_no_drift();
    scene
        .repo
        .run(&["destroy", "stacks/main", "--yes"])
        .exits(0);
    let left = scene
        .other
        .object(Place("serviceaccounts", &scene.tag, "default"));
    assert_eq!(
        (&left["metadata"]["uid"], mark(&left)),
        (&adopted["metadata"]["uid"], (None, None))
    );
}
