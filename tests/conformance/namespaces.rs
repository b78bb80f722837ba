//! Namespaces: left in place unless told otherwise, and slow to go.

use serde_json::json;

use crate::lifecycle::changes;
use crate::support::client::Place;
use crate::support::scene::{Scene, mark};

pub(crate) fn abandoned_namespace_loses_its_marks(scene: &Scene) {
    scene
        .repo
        .stack("[kubernetes.namespace.it]\nname = \"TAG\"\nlabels = { team = \"a\" }\n");
    scene.repo.apply();
    let place = Place("namespaces", "", &scene.tag);
    let before = scene.other.object(place);
    assert_eq!(mark(&before).0.as_deref(), Some(scene.tag.as_str()));
    scene.repo.stack("");
    let forget = ["kubernetes.namespace.it", "forget", "abandoned"];
    assert_eq!(changes(&scene.repo.plan()), [forget.map(str::to_owned)]);
    let requests = scene.requests(|| {
        scene.repo.apply();
    });
    assert_eq!(
        requests["patch namespaces"], 1,
        "the mark goes in one write: {requests}"
    );
    assert_eq!(requests.get("delete namespaces"), None);
    let left = scene.other.object(place);
    assert_eq!(left["metadata"]["uid"], before["metadata"]["uid"]);
    assert_eq!(mark(&left), (None, None));
    let labels = &left["metadata"]["labels"];
    assert_eq!(labels["team"], "a", "the rest stays: {labels}");
    assert_eq!(
        labels.get("app.kubernetes.io/managed-by"),
        None,
        "nobody manages it: {labels}"
    );
    assert_eq!(scene.repo.state()["resources"], json!([]));
    scene.repo.is_settled();
}

pub(crate) fn terminating_namespace_is_told(scene: &Scene) {
    let namespace = scene.namespace().to_owned();
    let held =
        json!({"metadata": {"name": "held", "finalizers": ["example.com/held"]}, "rules": []});
    scene.other.create("roles", &namespace, &held);
    let path = Place("namespaces", "", &namespace).path();
    assert_eq!(scene.other.send("DELETE", &path, "", None).code, 200);

    scene
        .repo
        .stack("[kubernetes.role.late]\nname = \"late\"\nnamespace = \"TAG\"\nrules = []\n");
    let refused = scene
        .repo
        .run(&["apply", "stacks/main", "--yes", "--json"])
        .exits(1)
        .json();
    assert_eq!(refused["failed"][0]["code"], "conflict");
    let message = refused["failed"][0]["message"].as_str().unwrap();
    assert_eq!(
        message,
        format!(
            "roles.rbac.authorization.k8s.io \"late\" is forbidden: unable to create new content in \
             namespace {namespace} because it is being terminated"
        )
    );
    scene
        .repo
        .stack("[kubernetes.namespace.it]\nname = \"TAG\"\n");
    let refused = scene.repo.run(&["plan", "stacks/main", "--json"]).exits(1);
    assert_eq!(refused.codes(), ["terminating"]);

    let role = Place("roles", &namespace, "held");
    scene
        .other
        .edit(role, |object| object["metadata"]["finalizers"] = json!([]));
    let place = Place("namespaces", "", &namespace);
    scene
        .other
        .wait("the namespace is gone", || scene.other.get(place).is_none());
    scene.repo.apply();
    assert_eq!(
        mark(&scene.other.object(place)).0.as_deref(),
        Some(scene.tag.as_str())
    );
}

pub(crate) fn destroy_removes_everything(scene: &Scene) {
    scene.repo.stack(crate::requests::MIXED);
    scene.repo.apply();
    let plan = scene
        .repo
        .run(&["plan", "stacks/main", "--destroy", "--json"])
        .exits(0)
        .json();
    assert_eq!(plan["mode"], "destroy");
    assert_eq!(
        (&plan["summary"]["delete"], &plan["summary"]["forget"]),
        (&json!(6), &json!(1))
    );
    let done = scene
        .repo
        .run(&["destroy", "stacks/main", "--yes", "--json"])
        .exits(0)
        .json();
    assert_eq!(done["failed"], json!([]));
    for (plural, kind) in crate::support::client::KINDS {
        let namespaced = !matches!(kind, "Namespace" | "ClusterRole" | "ClusterRoleBinding");
        let namespace = if namespaced { scene.tag.as_str() } else { "" };
        let ours = scene.other.list(plural, namespace);
        let marked: Vec<_> = ours
            .iter()
            .filter(|one| mark(one).0.as_ref() == Some(&scene.tag))
            .collect();
        assert!(marked.is_empty(), "{marked:?}");
    }
    assert_eq!(scene.repo.state()["resources"], json!([]));
    scene
        .repo
        .run(&["destroy", "stacks/main", "--yes"])
        .exits(0);
}
