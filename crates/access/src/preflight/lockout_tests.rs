use rbacform_core::EditKind;
use serde_json::json;

use super::super::scene::{Scene, binding, id, rule, writer};
use super::*;

/// The lockouts of a scene that manages one service account.
fn found(scene: &Scene, user: Option<&User>) -> Vec<Lockout> {
    found_where(scene, user, &Known::all(true))
}

/// The same where no more than this was read.
fn found_where(scene: &Scene, user: Option<&User>, known: &Known) -> Vec<Lockout> {
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
        known,
    })
}

fn scene() -> Scene {
    Scene::new(&json!([
        writer(),
        rule(&["get", "patch"], "", &["serviceaccounts"])
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
    assert!(!lockout.nobody && lockout.whole);
    assert_eq!(lockout.lost, Lost::Writing);
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

#[test]
fn where_rbac_was_not_read_whole_nobody_is_not_said() {
    let mut scene = scene();
    scene.step("ClusterRoleBinding/ci", EditKind::Delete, &[]);
    let narrower = [
        Known {
            role_bindings: false,
            ..Known::all(true)
        },
        Known {
            roles: false,
            roles_in: ["other".to_owned()].into(),
            ..Known::all(true)
        },
        Known {
            cluster_role_bindings: false,
            ..Known::all(true)
        },
        Known::all(false),
    ];
    for known in &narrower {
        assert!(found_where(&scene, None, known).is_empty(), "{known:?}");
        // Whoever applies held it by what was read, and is told how far that goes.
        let user = scene.user.clone();
        let [lockout] = &found_where(&scene, Some(&user), known)[..] else {
            panic!("{known:?}")
        };
        assert!(!lockout.nobody && !lockout.whole, "{lockout:?}");
    }
    // The object's own namespace is enough.
    let known = Known {
        roles_in: ["team".to_owned()].into(),
        role_bindings_in: ["team".to_owned()].into(),
        cluster_roles: true,
        cluster_role_bindings: true,
        ..Known::default()
    };
    let lockouts = found_where(&scene, None, &known);
    assert!(lockouts[0].nobody && lockouts[0].whole, "{lockouts:?}");
}

#[test]
fn who_can_write_and_not_read_is_locked_out() {
    let mut scene = scene();
    let narrow = rule(&["patch"], "", &["serviceaccounts"]);
    scene.updates("ClusterRole/ci", &json!({"rules": [writer(), narrow]}));
    let user = scene.user.clone();
    let [lockout] = &found(&scene, Some(&user))[..] else {
        panic!("one")
    };
    assert_eq!(lockout.lost, Lost::Reading);
    assert!(found(&scene, None)[0].nobody);
    // A list in the object's namespace is a way to read it.
    let list = json!({"rules": [rule(&["list"], "", &["serviceaccounts"])]});
    scene.stands("Role/team/lister", &list);
    let lister = binding("Role", "lister", "ci");
    scene.stands("RoleBinding/team/lister", &lister);
    assert!(found(&scene, Some(&user)).is_empty());
}
