//! Somebody who holds what a stack needs, of which one thing at a time is taken away.

use std::collections::BTreeMap;

use rbacform_sandbox::{Effect, Fault, RequestMatch, When};
use serde_json::{Value, json};

use crate::support::client::Place;
use crate::support::scene::{Scene, user_subject};
use crate::support::world::Login;

/// One verb on one thing.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Atom {
    /// Empty for the whole cluster.
    namespace: String,
    pub(crate) verb: String,
    group: String,
    resource: String,
    /// None for every name.
    name: Option<String>,
}

impl Atom {
    pub(crate) fn covers(&self, other: &Self) -> bool {
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
pub(crate) struct Job<'a> {
    scene: &'a Scene,
    pub(crate) login: Login,
    pub(crate) held: BTreeMap<String, Vec<Atom>>,
}

impl<'a> Job<'a> {
    pub(crate) fn that_holds(scene: &'a Scene, needs: &Value) -> Self {
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
    pub(crate) fn try_without(&self, idle: &mut Vec<Atom>, commands: &[&[&str]]) {
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
    pub(crate) fn try_unanswered(&self, idle: &mut Vec<Atom>) {
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
