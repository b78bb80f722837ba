//! Moves: the object is the identity, its address only a name.

use serde_json::json;

use crate::lifecycle::changes;
use crate::support::client::Place;
use crate::support::scene::Scene;

fn role(label: &str, verb: &str) -> String {
    format!(
        "[kubernetes.role.{label}]\nname = \"reader\"\nnamespace = \"TAG\"\n\
         rules = [{{ api_groups = [\"\"], resources = [\"pods\"], verbs = [\"{verb}\"] }}]\n"
    )
}

pub(crate) fn renamed_address_sends_nothing(scene: &Scene) {
    scene.namespace();
    scene.repo.stack(&role("old", "get"));
    scene.repo.apply();
    scene.repo.stack(&role("new", "get"));
    let requests = scene.requests(|| {
        scene.repo.apply();
    });
    assert_eq!(
        requests,
        json!({
            "list roles": 1, "list rolebindings": 1, "get namespaces": 1,
            "create selfsubjectreviews": 1,
        })
    );
    assert_eq!(
        scene.repo.state()["resources"][0]["address"],
        "kubernetes.role.new"
    );
    scene.repo.is_settled();
}

pub(crate) fn renamed_address_with_a_change_is_one_write(scene: &Scene) {
    let place = Place("roles", scene.namespace(), "reader");
    scene.repo.stack(&role("old", "get"));
    scene.repo.apply();
    let uid = scene.other.object(place)["metadata"]["uid"].clone();
    scene.repo.stack(&role("new", "list"));
    let plan = scene.repo.plan();
    let update = ["kubernetes.role.new", "update", "arguments_changed"];
    assert_eq!(changes(&plan), [update.map(str::to_owned)]);
    assert_eq!(
        plan["changes"][0]["previous_address"],
        "kubernetes.role.old"
    );
    let requests = scene.requests(|| {
        scene.repo.apply();
    });
    assert_eq!(requests["patch roles"], 1);
    assert_eq!(scene.other.object(place)["metadata"]["uid"], uid);
    assert_eq!(scene.repo.state()["resources"].as_array().unwrap().len(), 1);
}

pub(crate) fn state_mv_renames_without_asking_anybody(scene: &Scene) {
    scene.namespace();
    scene.repo.stack(&role("old", "get"));
    scene.repo.apply();
    let requests = scene.requests(|| {
        let names = ["kubernetes.role.old", "kubernetes.role.new"];
        scene
            .repo
            .run(&["state", "mv", "stacks/main", names[0], names[1]])
            .exits(0);
    });
    assert_eq!(requests, json!({}));
    scene.repo.stack(&role("new", "get"));
    scene.repo.is_settled();
}
