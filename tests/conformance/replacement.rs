//! A changed roleRef: the binding is made anew, and no subject that keeps its access is ever
//! without it.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use serde_json::json;

use crate::lifecycle::changes;
use crate::support::client::{Client, Place};
use crate::support::scene::Scene;

const KEEPS: &str = "keeps@example.com";
const LEAVES: &str = "leaves@example.com";

/// Two roles that both allow to get pods, the second made in the apply that binds it.
fn stack(scope: Scope, second: bool) -> String {
    let Scope {
        binding,
        role,
        place,
    } = scope;
    let rules = "rules = [{ api_groups = [\"\"], resources = [\"pods\"], verbs = [\"get\"] }]";
    let chosen = if second { "second" } else { "first" };
    let leaver = if second {
        ""
    } else {
        ", \"user:leaves@example.com\""
    };
    let mut text = format!(
        "[kubernetes.{binding}.it]\nname = \"TAG-it\"\n{place}\n{role} = \"${{kubernetes.{role}.{chosen}}}\"\n\
         subjects = [\"user:keeps@example.com\"{leaver}]\n"
    );
    text.push_str(&format!(
        "[kubernetes.{role}.{chosen}]\nname = \"TAG-{chosen}\"\n{place}\n{rules}\n"
    ));
    text
}

#[derive(Clone, Copy)]
struct Scope {
    binding: &'static str,
    role: &'static str,
    place: &'static str,
}

pub(crate) fn replaced_role_ref_leaves_no_gap(scene: &Scene) {
    scene.namespace();
    let scope = Scope {
        binding: "role_binding",
        role: "role",
        place: "namespace = \"TAG\"",
    };
    plays(
        scene,
        scope,
        Place("rolebindings", &scene.tag, &scene.name("it")),
    );
}

pub(crate) fn replaced_cluster_role_ref_leaves_no_gap(scene: &Scene) {
    scene.namespace();
    let scope = Scope {
        binding: "cluster_role_binding",
        role: "cluster_role",
        place: "",
    };
    plays(
        scene,
        scope,
        Place("clusterrolebindings", "", &scene.name("it")),
    );
}

fn plays(scene: &Scene, scope: Scope, place: Place<'_>) {
    scene.repo.stack(&stack(scope, false));
    scene.repo.apply();
    let may = |client: &Client, user| client.may(user, &[], "get", "pods", &scene.tag);
    scene
        .other
        .wait("the access is there", || may(&scene.other, KEEPS));
    let uid = scene.other.object(place)["metadata"]["uid"].clone();

    scene.repo.stack(&stack(scope, true));
    let plan = scene.repo.plan();
    let address = format!("kubernetes.{}.it", scope.binding);
    let replaced = [address, "replace".to_owned(), "immutable".to_owned()];
    assert!(changes(&plan).contains(&replaced), "{plan}");

    let watched = Watched::default();
    let requests = thread::scope(|threads| {
        for _ in 0..3 {
            threads.spawn(|| watched.follow(|| may(&scene.other, KEEPS)));
        }
        let _end = EndOnDrop(&watched);
        scene.other.wait("somebody watches", || {
            watched.asked.load(Ordering::SeqCst) > 3
        });
        let requests = scene.requests(|| {
            scene.repo.apply();
        });
        // What caches have not seen yet may still come.
        let so_far = watched.asked.load(Ordering::SeqCst);
        scene.other.wait("it goes on", || {
            watched.asked.load(Ordering::SeqCst) > so_far + 50
        });
        requests
    });
    assert_eq!(
        watched.denied.load(Ordering::SeqCst),
        0,
        "of {}",
        watched.asked.load(Ordering::SeqCst)
    );
    let bindings = place.0;
    assert_eq!(
        requests[format!("patch {bindings}")],
        2,
        "bridge and binding: {requests}"
    );
    assert_eq!(requests[format!("delete {bindings}")], 2);

    let made = scene.other.object(place);
    assert_ne!(made["metadata"]["uid"], uid);
    assert_eq!(made["roleRef"]["name"], json!(scene.name("second")));
    assert!(
        !may(&scene.other, LEAVES),
        "who is not named any more has lost it"
    );
    let names: Vec<_> = scene
        .other
        .list(place.0, place.1)
        .into_iter()
        .map(|one| one["metadata"]["name"].clone())
        .collect();
    assert!(
        !names.iter().any(|name| name
            .as_str()
            .unwrap()
            .contains(&format!("{}-it-rbacform", scene.tag))),
        "{names:?}"
    );
    scene.repo.is_settled();
    scene.repo.has_no_drift();
}

/// A question asked over and over.
#[derive(Default)]
struct Watched {
    asked: AtomicUsize,
    denied: AtomicUsize,
    over: AtomicBool,
}

impl Watched {
    fn follow(&self, allowed: impl Fn() -> bool) {
        while !self.over.load(Ordering::SeqCst) {
            self.denied
                .fetch_add(usize::from(!allowed()), Ordering::SeqCst);
            self.asked.fetch_add(1, Ordering::SeqCst);
        }
    }
}

/// Ends the asking, also where the watched run has failed.
struct EndOnDrop<'a>(&'a Watched);

impl Drop for EndOnDrop<'_> {
    fn drop(&mut self) {
        self.0.over.store(true, Ordering::SeqCst);
    }
}

pub(crate) fn foreign_object_with_the_bridges_name_stays(scene: &Scene) {
    let namespace = scene.namespace().to_owned();
    let binding = |role: &str| {
        format!(
            "[kubernetes.role_binding.it]\nname = \"it\"\nnamespace = \"TAG\"\n\
             cluster_role = \"{role}\"\nsubjects = [\"user:ana\"]\n"
        )
    };
    scene.repo.stack(&binding("view"));
    scene.repo.apply();
    let foreign = json!({
        "metadata": {"name": "it-rbacform-bridge"},
        "roleRef": {
            "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view",
        },
    });
    let made = scene.other.create("rolebindings", &namespace, &foreign);
    scene.repo.stack(&binding("edit"));
    scene.repo.apply();
    let place = |name| Place("rolebindings", &namespace, name);
    assert_eq!(scene.other.object(place("it-rbacform-bridge")), made);
    assert_eq!(scene.other.object(place("it"))["roleRef"]["name"], "edit");
    assert_eq!(
        scene.other.list("rolebindings", &namespace).len(),
        2,
        "no bridge is left"
    );
    scene.repo.is_settled();
}
