//! `plan --needs` is the smallest: whatever is taken away of it, something no longer works.

use serde_json::json;

use crate::job::{Atom, Job};
use crate::support::scene::Scene;
use crate::support::world::Server;

/// Every kind, in a namespace that the stack makes and in one that stands; what is bound where is a
/// variable.
const STACK: &str = r#"
[variables.swapped]
default = false

[kubernetes.namespace.made]
name = "TAG-made"

[kubernetes.service_account.worker]
name = "worker"
namespace = "${kubernetes.namespace.made.name}"

[kubernetes.role.reader]
name = "reader"
namespace = "${kubernetes.namespace.made.name}"
rules = [{ api_groups = [""], resources = ["secrets"], verbs = ["get"] }]

[kubernetes.role.other]
name = "other"
namespace = "${kubernetes.namespace.made.name}"
rules = [{ api_groups = [""], resources = ["pods"], verbs = ["get"] }]

[kubernetes.role_binding.worker]
name = "worker"
namespace = "${kubernetes.namespace.made.name}"
role = "${vars.swapped ? 'other' : 'reader'}"
subjects = ["${kubernetes.service_account.worker}"]

[kubernetes.role_binding.others]
name = "others"
namespace = "${kubernetes.namespace.made.name}"
role = "${vars.swapped ? 'reader' : 'other'}"
subjects = ["user:bo"]

[kubernetes.service_account.guest]
name = "guest"
namespace = "TAG"

[kubernetes.role_binding.guest]
name = "guest"
namespace = "TAG"
cluster_role = "${vars.swapped ? 'edit' : 'view'}"
subjects = ["${kubernetes.service_account.guest}"]

[kubernetes.role_binding.guests]
name = "guests"
namespace = "TAG"
cluster_role = "${vars.swapped ? 'view' : 'edit'}"
subjects = ["user:bo"]

[kubernetes.cluster_role.gathers]
name = "TAG-gathers"
aggregate = [{ match_labels = { "TAG" = "true" } }]

[kubernetes.cluster_role.feeds]
name = "TAG-feeds"
labels = { "TAG" = "true" }
rules = [{ non_resource_urls = ["/metrics"], verbs = ["get"] }]

[kubernetes.cluster_role_binding.feeds]
name = "TAG-feeds"
cluster_role = "${vars.swapped ? 'TAG-gathers' : 'TAG-feeds'}"
subjects = ["user:ana"]

[kubernetes.cluster_role_binding.gathers]
name = "TAG-gathers"
cluster_role = "${vars.swapped ? 'TAG-feeds' : 'TAG-gathers'}"
subjects = ["user:ana"]
"#;

const PLAN: [&str; 3] = ["plan", "stacks/main", "--json"];
const SWAPPED: [&str; 5] = ["plan", "stacks/main", "--json", "--var", "swapped=true"];
const DESTROY: [&str; 4] = ["plan", "stacks/main", "--json", "--destroy"];
const DRIFT: [&str; 3] = ["drift", "stacks/main", "--json"];

pub(crate) fn nothing_that_a_stack_needs_can_be_left_out(scene: &Scene) {
    scene.namespace();
    scene.repo.stack(STACK);
    let needs = ["plan", "stacks/main", "--needs", "--json"];
    let needs = scene.repo.run(&needs).exits(0).json();
    let job = Job::that_holds(scene, &needs);
    let mut idle: Vec<Atom> = job.held.values().flatten().cloned().collect();
    assert!(idle.len() > 60, "{}", idle.len());
    for atom in &idle {
        let others = idle.iter().filter(|other| *other != atom);
        let twice: Vec<&Atom> = others.filter(|other| other.covers(atom)).collect();
        assert!(twice.is_empty(), "{atom:?} is held by {twice:?} too");
    }
    scene.repo.log_in(&scene.world.kubeconfig(&[&job.login]));
    job.try_without(&mut idle, &[&PLAN]);
    scene.repo.apply();
    job.try_without(&mut idle, &[&PLAN, &DRIFT, &SWAPPED, &DESTROY]);
    // What is left is asked only where a write's answer was lost or somebody else was quicker.
    if let Server::Sandbox(_) = &scene.world.server {
        job.try_unanswered(&mut idle);
        assert!(idle.is_empty(), "not needed: {idle:#?}");
    }
    let others: Vec<&Atom> = idle.iter().filter(|it| it.verb != "get").collect();
    assert!(others.is_empty(), "not needed: {others:#?}");
}

/// Of whom the stack declares nothing only lists tell that they exist.
const ASSERTED: &str = r#"
[[assert]]
name = "the reader of another team sees no secrets"
subject = "serviceaccount:TAG-other/reader"
cannot = ["get"]
resource = "secrets"
namespace = "TAG-other"
"#;

const ROLE: &str = r#"
[kubernetes.role.reader]
name = "reader"
namespace = "TAG"
rules = []
"#;

const WORKER: &str = r#"
[kubernetes.service_account.worker]
name = "worker"
namespace = "TAG"
"#;

pub(crate) fn what_assertions_list_is_needed(scene: &Scene) {
    scene.namespace();
    let other = scene.name("other");
    scene.namespace_named(&other);
    let reader = json!({"metadata": {"name": "reader"}});
    scene.other.create("serviceaccounts", &other, &reader);
    scene.repo.stack(&format!("{ROLE}{ASSERTED}"));
    let needs = ["plan", "stacks/main", "--needs", "--json"];
    let needed = scene.repo.run(&needs).exits(0).json();
    let job = Job::that_holds(scene, &needed);
    scene.repo.log_in(&scene.world.kubeconfig(&[&job.login]));
    let plan = scene.repo.run(&PLAN).exits(0).json();
    assert_eq!(plan["assertions"][0]["status"], "pass", "{plan:#}");
    let all = job.held.values().flatten();
    let mut idle: Vec<Atom> = all.filter(|atom| atom.verb == "list").cloned().collect();
    assert_eq!(idle.len(), 6, "{idle:#?}");
    job.try_without(&mut idle, &[&PLAN]);
    assert!(idle.is_empty(), "not needed: {idle:#?}");
    // Where service accounts are listed anyway they tell which namespaces there are.
    scene.repo.stack(&format!("{WORKER}{ASSERTED}"));
    let needed = scene.repo.run(&needs).exits(0).stdout;
    assert_eq!(needed.matches("\"list\"").count(), 2, "{needed}");
    let plan = scene.repo.run(&PLAN).exits(0).json();
    assert_eq!(plan["assertions"][0]["status"], "pass", "{plan:#}");
}
