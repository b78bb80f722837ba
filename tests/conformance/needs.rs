//! `plan --needs` is the smallest: whatever is taken away of it, something no longer works.

use std::collections::BTreeMap;

use rbacform_sandbox::{Effect, Fault, RequestMatch, When};
use serde_json::{Value, json};

use crate::support::client::Place;
use crate::support::scene::{Scene, user_subject};
use crate::support::world::{Login, Server};

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

/// One verb on one thing.
#[derive(Clone, Debug, PartialEq)]
struct Atom {
    /// Empty for the whole cluster.
    namespace: String,
    verb: String,
    group: String,
    resource: String,
    /// None for every name.
    name: Option<String>,
}

impl Atom {
    fn covers(&self, other: &Self) -> bool {
        (self.namespace.is_empty() || self.namespace == other.namespace)
            && (self.name.is_none() || self.name == other.name)
            && (&self.verb, &self.group, &self.resource)
                == (&other.verb, &other.group, &other.resource)
    }

    fn rule(&self) -> Value {
        let mut rule = json!({
            "verbs": [self.verb], "apiGroups": [self.group], "resources": [self.resource],
        });
        if let Some(name) = &self.name {
            rule["resourceNames"] = json!([name]);
        }
        rule
    }

    fn all_of(role: &Value) -> Vec<Self> {
        let texts = |value: &Value| -> Vec<String> {
            let items = value.as_array().into_iter().flatten();
            items.map(|it| it.as_str().unwrap().to_owned()).collect()
        };
        let namespace = role["metadata"]["namespace"].as_str().unwrap_or_default();
        let mut atoms = Vec::new();
        for rule in role["rules"].as_array().unwrap() {
            let names = texts(&rule["resourceNames"]);
            let names: Vec<Option<String>> = match names.is_empty() {
                true => vec![None],
                false => names.into_iter().map(Some).collect(),
            };
            for verb in texts(&rule["verbs"]) {
                for resource in texts(&rule["resources"]) {
                    atoms.extend(names.iter().map(|name| Self {
                        namespace: namespace.to_owned(),
                        verb: verb.clone(),
                        group: texts(&rule["apiGroups"]).concat(),
                        resource: resource.clone(),
                        name: name.clone(),
                    }));
                }
            }
        }
        atoms
    }
}

/// Somebody who holds what is needed and nothing else, in one role for each place.
struct Job<'a> {
    scene: &'a Scene,
    login: Login,
    held: BTreeMap<String, Vec<Atom>>,
}

impl<'a> Job<'a> {
    fn that_holds(scene: &'a Scene, needs: &Value) -> Self {
        let login = scene.world.new_user();
        let mut held = BTreeMap::new();
        for role in needs["kubernetes"].as_array().unwrap() {
            let namespace = role["metadata"]["namespace"].as_str().unwrap_or_default();
            held.insert(namespace.to_owned(), Atom::all_of(role));
        }
        let job = Self { scene, login, held };
        for namespace in job.held.keys() {
            let ((roles, kind), bindings) = match namespace.as_str() {
                "" => (("clusterroles", "ClusterRole"), "clusterrolebindings"),
                _ => (("roles", "Role"), "rolebindings"),
            };
            let name = scene.name("job");
            let role = json!({"metadata": {"name": name}, "rules": job.rules(namespace, None)});
            scene.other.create(roles, namespace, &role);
            let binding = json!({
                "metadata": {"name": name},
                "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name},
                "subjects": [user_subject(&job.login.user)],
            });
            scene.other.create(bindings, namespace, &binding);
        }
        job
    }

    fn rules(&self, namespace: &str, without: Option<&Atom>) -> Value {
        let held = self.held[namespace].iter();
        held.filter(|atom| Some(*atom) != without)
            .map(Atom::rule)
            .collect()
    }

    /// Keeps those without which these commands come to the same.
    fn try_without(&self, idle: &mut Vec<Atom>, commands: &[&[&str]]) {
        let whole: Vec<Value> = commands.iter().map(|args| self.outcome(args)).collect();
        idle.retain(|atom| {
            self.without(atom, || {
                let mut pairs = commands.iter().zip(&whole);
                pairs.all(|(args, whole)| self.outcome(args) == *whole)
            })
        });
    }

    /// What a command comes to. How often the server was asked counts: a kind that may not be listed
    /// is read object by object.
    fn outcome(&self, args: &[&str]) -> Value {
        let ran = self.scene.repo.run(args);
        let mut document: Value = serde_json::from_str(&ran.stdout).unwrap_or_default();
        if let Some(fields) = document.as_object_mut() {
            fields.remove("now");
        }
        json!([ran.code, document])
    }

    /// Does something while the job lacks an atom.
    fn without<T>(&self, atom: &Atom, act: impl FnOnce() -> T) -> T {
        self.set(atom, Some(atom));
        let done = act();
        self.set(atom, None);
        done
    }

    /// Writes the role of an atom's place, and waits until the authorizer knows it.
    fn set(&self, atom: &Atom, without: Option<&Atom>) {
        let roles = match atom.namespace.as_str() {
            "" => "clusterroles",
            _ => "roles",
        };
        let name = self.scene.name("job");
        let other = &self.scene.other;
        other.edit(Place(roles, &atom.namespace, &name), |role| {
            role["rules"] = self.rules(&atom.namespace, without);
        });
        let mut attributes = json!({
            "verb": atom.verb, "group": atom.group, "resource": atom.resource,
            "namespace": atom.namespace,
        });
        if let Some(name) = &atom.name {
            attributes["name"] = json!(name);
        }
        let review = json!({
            "apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview",
            "spec": {"user": self.login.user, "resourceAttributes": attributes},
        });
        let path = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
        other.wait("the authorizer knows", || {
            let reply = other.send("POST", path, "application/json", Some(&review));
            reply.body["status"]["allowed"] == without.is_none()
        });
    }

    /// Keeps those without which writes go on whose answers are lost: what became of such a write is
    /// read.
    fn try_unanswered(&self, idle: &mut Vec<Atom>) {
        let mut swapped = true;
        assert_eq!(self.unanswered(swapped, None), Some(0));
        idle.retain(|atom| {
            let name = atom.name.as_deref().unwrap_or_default();
            match name.ends_with("-rbacform-bridge") {
                true => swapped = !swapped,
                false => self.unmark(atom, name),
            }
            let code = self.without(atom, || self.unanswered(swapped, Some(atom)));
            self.as_somebody_else(|| {
                self.scene.repo.run(&apply(swapped)).exits(0);
            });
            code == Some(0)
        });
    }

    /// What is open is settled by whoever may do everything.
    fn as_somebody_else(&self, act: impl FnOnce()) {
        let log_in = |login: &Login| {
            let scene = self.scene;
            scene.repo.log_in(&scene.world.kubeconfig(&[login]));
        };
        log_in(&self.scene.login);
        act();
        log_in(&self.login);
    }

    /// Applies, while no answer to a write of the atom's kind arrives.
    fn unanswered(&self, swapped: bool, atom: Option<&Atom>) -> Option<i32> {
        let faults = self.scene.world.as_sandbox().faults();
        let mut on = RequestMatch::verb("patch");
        on.resource = atom.map(|atom| atom.resource.clone());
        faults.add(Fault {
            on,
            when: When::Always,
            effect: Effect::DropAfterCommit,
        });
        let ran = self.scene.repo.run(&apply(swapped));
        faults.clear();
        ran.code
    }

    /// Takes the mark off an object, so that an apply has it to write again.
    fn unmark(&self, atom: &Atom, name: &str) {
        let made = self.scene.name("made");
        let is_wide = matches!(
            atom.resource.as_str(),
            "namespaces" | "clusterroles" | "clusterrolebindings"
        );
        let namespace = match atom.namespace.as_str() {
            _ if is_wide => "",
            "" => &made,
            namespace => namespace,
        };
        let bare = json!({"metadata": {"annotations": {"rbacform.io/stack": null}}});
        let kinds = [
            "namespaces",
            "serviceaccounts",
            "roles",
            "clusterroles",
            "rolebindings",
            "clusterrolebindings",
        ];
        let plural = kinds.into_iter().find(|kind| *kind == atom.resource);
        let place = Place(plural.unwrap(), namespace, name);
        self.scene.other.merge(place, &bare);
    }
}

fn apply(swapped: bool) -> [&'static str; 5] {
    let var = match swapped {
        true => "swapped=true",
        false => "swapped=false",
    };
    ["apply", "stacks/main", "--yes", "--var", var]
}
