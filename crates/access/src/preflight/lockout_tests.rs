use rbacform_core::EditKind;
use serde_json::json;

use super::super::scene::{Scene, binding, id, rule, writer};
use super::*;

/// The lockouts of a scene that manages one service account.
fn found(scene: &Scene, user: Option<&User>) -> Vec<Lockout> {
    let (address, object) = (
        "kubernetes.service_account.robot",
        "ServiceAccount/team/robot",
    );
    let mut after = scene.facts.clone();
    for edit in scene.steps.iter().flat_map(|step| &step.edits) {
        match super::super::write::after(edit, scene.observed.get(&edit.object)) {
            Some(attributes) => after.put(&edit.object, &attributes),
            None => after.remove(&edit.object),
        }
    }
    lockouts(&LockoutInput {
        user,
        before: &scene.facts,
        after: &after,
        steps: &scene.steps,
        managed: &[(&address.parse().unwrap(), &id(object))],
    })
}

fn scene() -> Scene {
    Scene::new(&json!([
        writer(),
        rule(&["patch"], "", &["serviceaccounts"])
    ]))
}

#[test]
fn taking_ones_own_binding_locks_out() {
    let mut scene = scene();
    scene.step("ClusterRoleBinding/ci", EditKind::Delete, &[]);
    let user = scene.user.clone();
    let [lockout] = &found(&scene, Some(&user))[..] else {
        panic!("one")
    };
    assert_eq!(lockout.cause, scene.steps[0].edits[0].address);
    assert!(!lockout.nobody);
    assert_eq!(lockout.objects.len(), 1);
    // Another binding gives it back.
    scene.creates(
        "RoleBinding/team/again",
        &binding("ClusterRole", "ci", "ci"),
        &[],
    );
    assert!(found(&scene, Some(&user)).is_empty());
}

#[test]
fn a_role_that_becomes_too_narrow_locks_out() {
    let mut scene = scene();
    scene.updates("ClusterRole/ci", &json!({"rules": [writer()]}));
    let user = scene.user.clone();
    let lockouts = found(&scene, Some(&user));
    assert_eq!(lockouts[0].cause, scene.steps[0].edits[0].address);
}

#[test]
fn whom_rbac_gave_nothing_it_takes_nothing() {
    let mut scene = scene();
    scene.step("ClusterRoleBinding/ci", EditKind::Delete, &[]);
    let mut master = scene.user.clone();
    master.groups.push("system:masters".into());
    assert!(found(&scene, Some(&master)).is_empty());
    // A planner that may only read still learns that nobody could write any longer.
    let reader = User {
        name: "reader".into(),
        groups: Vec::new(),
    };
    let lockouts = found(&scene, Some(&reader));
    assert!(lockouts[0].nobody, "{lockouts:?}");
    assert_eq!(lockouts, found(&scene, None));
    scene.stands(
        "RoleBinding/team/others",
        &binding("ClusterRole", "ci", "ana"),
    );
    assert!(found(&scene, Some(&reader)).is_empty());
}

#[test]
fn the_platform_is_nobody() {
    let mut scene = scene();
    scene.step("ClusterRoleBinding/ci", EditKind::Delete, &[]);
    let masters = json!({
        "role_ref": {"kind": "ClusterRole", "name": "ci"},
        "subjects": [
            {"kind": "Group", "name": "system:masters"},
            {"kind": "User", "name": "system:kube-controller-manager"},
            {"kind": "ServiceAccount", "name": "controller", "namespace": "kube-system"},
        ],
    });
    scene.stands("ClusterRoleBinding/platform", &masters);
    assert!(found(&scene, None)[0].nobody);
}
