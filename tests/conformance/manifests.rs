//! Plain Kubernetes YAML, planned as it is.

use std::fs;
use std::path::Path;

use serde_json::json;

use crate::lifecycle::changes;
use crate::support::client::Place;
use crate::support::scene::{Scene, mark};

const PRINTED: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../stacks/data-scientists-as-printed"
);

/// The article's system, whose names (`alice`, `bob`) no other scenario uses.
pub(crate) fn printed_article_dangles_and_is_found(scene: &Scene) {
    for entry in fs::read_dir(PRINTED).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        scene.repo.write(
            &format!("stacks/printed/{name}"),
            &fs::read_to_string(&path).unwrap(),
        );
    }
    let plan = scene
        .repo
        .run(&["plan", "stacks/printed", "--json"])
        .exits(0)
        .json();
    assert_eq!(plan["summary"]["create"], 8);
    let findings = plan["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 1, "{findings:?}");
    let dangling = &findings[0];
    assert_eq!(dangling["code"], "dangling-binding");
    assert_eq!(
        dangling["file"],
        "stacks/printed/sa-role-rolebinding-alice.yml"
    );
    let line = usize::try_from(dangling["line"].as_u64().unwrap()).unwrap();
    let printed =
        fs::read_to_string(Path::new(PRINTED).join("sa-role-rolebinding-alice.yml")).unwrap();
    let pointed: Vec<_> = printed.lines().skip(line - 1).take(6).collect();
    assert!(
        pointed.iter().any(|line| line.contains("RoleBinding")),
        "line {line}: {pointed:?}"
    );
    let message = dangling["message"].as_str().unwrap();
    assert_eq!(
        message,
        "`alice-user-view` binds Role `alice-user-full-access` in namespace `alice`, which is neither \
         declared nor there: it grants nothing"
    );
    let told = scene.repo.run(&["plan", "stacks/printed"]).exits(0);
    let place = format!("stacks/printed/sa-role-rolebinding-alice.yml:{line}");
    assert!(told.stderr.contains(&place), "{}", told.told());

    scene
        .repo
        .run(&["apply", "stacks/printed", "--yes"])
        .exits(0);
    let may = |person: &str| {
        let user = format!("system:serviceaccount:{person}:{person}-user");
        scene.other.may(&user, &[], "list", "pods", person)
    };
    scene.other.wait("bob has his access", || may("bob"));
    assert!(!may("alice"), "as printed, alice has none");
    let settled = ["plan", "stacks/printed", "--detailed-exitcode"];
    scene.repo.run(&settled).exits(0);

    // The mistake put right.
    let fixed = printed.replace("namespace: bob", "namespace: alice");
    scene
        .repo
        .write("stacks/printed/sa-role-rolebinding-alice.yml", &fixed);
    scene
        .repo
        .run(&["apply", "stacks/printed", "--yes"])
        .exits(0);
    scene.other.wait("alice has hers", || may("alice"));
    assert!(
        scene
            .other
            .get(Place("roles", "bob", "alice-user-full-access"))
            .is_none()
    );
}

const SEED: &str = r#"
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: ServiceAccount
  metadata: {name: worker, namespace: TAG}
- apiVersion: rbac.authorization.k8s.io/v1
  kind: Role
  metadata: {name: reader, namespace: TAG, labels: {team: a}}
  rules:
  - {apiGroups: [""], resources: [pods], verbs: [get, list]}
"#;

const BINDING: &str = r#"---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: worker, namespace: TAG}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects:
- {kind: ServiceAccount, name: worker, namespace: TAG}
"#;

pub(crate) fn plain_yaml_lives_like_any_resource(scene: &Scene) {
    let namespace = scene.namespace().to_owned();
    scene
        .repo
        .stack("[[manifests]]\nname = \"seed\"\nfiles = [\"rbac/*.yaml\"]\n");
    scene
        .repo
        .write("stacks/main/rbac/all.yaml", &format!("{SEED}{BINDING}"));
    let done = scene.repo.apply();
    let address = |kind: &str, name: &str| {
        format!("manifests.seed.kubernetes.{kind}[\"{namespace}/{name}\"]")
    };
    assert_eq!(
        done["done"],
        json!([
            address("role", "reader"),
            address("role_binding", "worker"),
            address("service_account", "worker")
        ])
    );
    scene.repo.is_settled();
    scene.repo.has_no_drift();
    let role = Place("roles", &namespace, "reader");
    assert_eq!(
        mark(&scene.other.object(role)).0.as_deref(),
        Some(scene.tag.as_str())
    );

    scene.repo.write(
        "stacks/main/rbac/all.yaml",
        &format!("{}{BINDING}", SEED.replace("get, list", "list, get")),
    );
    scene.repo.is_settled();
    scene.repo.write(
        "stacks/main/rbac/all.yaml",
        &format!("{}{BINDING}", SEED.replace("get, list", "get")),
    );
    let update = [
        address("role", "reader"),
        "update".to_owned(),
        "arguments_changed".to_owned(),
    ];
    assert_eq!(changes(&scene.repo.plan()), [update]);
    scene.repo.apply();
    scene.other.edit(role, |object| {
        object["metadata"]["labels"]["team"] = json!("b")
    });
    assert_eq!(
        scene.repo.drifted()[0]["address"],
        address("role", "reader")
    );
    scene.repo.write("stacks/main/rbac/all.yaml", SEED);
    let plan = scene.repo.plan();
    let delete = [
        address("role_binding", "worker"),
        "delete".to_owned(),
        "not_declared".to_owned(),
    ];
    assert!(changes(&plan).contains(&delete), "{plan}");
    scene.repo.apply();
    assert!(
        scene
            .other
            .get(Place("rolebindings", &namespace, "worker"))
            .is_none()
    );
    scene.repo.is_settled();
}
