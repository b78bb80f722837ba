//! The stage that all crash tests play on: a stack with two faces, and what must hold of both.

use std::collections::BTreeSet;
use std::time::Duration;

use rbacform_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::support::client::KINDS;
use crate::support::repo::{Ran, Repo};
use crate::support::scene::{Scene, mark};
use crate::support::world::World;

/// The two faces. Each way from one to the other creates, updates, replaces and deletes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Face {
    One,
    Two,
}

impl Face {
    pub(crate) fn other(self) -> Self {
        match self {
            Self::One => Self::Two,
            Self::Two => Self::One,
        }
    }

    fn names(self) -> [&'static str; 3] {
        match self {
            Self::One => ["one", "get", "view"],
            Self::Two => ["two", "list", "edit"],
        }
    }

    /// The stack with this face.
    pub(crate) fn stack(self) -> String {
        let [name, verb, role] = self.names();
        let rules = |verb: &str| {
            format!(
                "rules = [{{ api_groups = [\"\"], resources = [\"pods\"], verbs = [\"{verb}\"] }}]"
            )
        };
        let same = rules(verb);
        let only = rules("watch");
        format!(
            r#"
[kubernetes.namespace.it]
name = "TAG"

[kubernetes.role.same]
name = "same"
namespace = "${{kubernetes.namespace.it.name}}"
{same}

[kubernetes.role.{name}]
name = "only-{name}"
namespace = "${{kubernetes.namespace.it.name}}"
{only}

[kubernetes.role_binding.{name}]
name = "only-{name}"
namespace = "${{kubernetes.namespace.it.name}}"
role = "${{kubernetes.role.{name}}}"
subjects = ["user:ana"]

[kubernetes.role_binding.replaced]
name = "replaced"
namespace = "${{kubernetes.namespace.it.name}}"
cluster_role = "{role}"
subjects = ["user:bo"]

[kubernetes.cluster_role_binding.replaced]
name = "TAG-replaced"
cluster_role = "${{kubernetes.cluster_role.{name}}}"
subjects = ["user:bo"]

[kubernetes.cluster_role.{name}]
name = "TAG-{name}"
{only}
"#
        )
    }

    /// The objects of this face, as the state names them.
    fn objects(self, tag: &str) -> BTreeSet<String> {
        let [name, _, _] = self.names();
        [
            format!("Namespace/{tag}"),
            format!("Role/{tag}/same"),
            format!("Role/{tag}/only-{name}"),
            format!("RoleBinding/{tag}/only-{name}"),
            format!("RoleBinding/{tag}/replaced"),
            format!("ClusterRoleBinding/{tag}-replaced"),
            format!("ClusterRole/{tag}-{name}"),
        ]
        .into_iter()
        .map(|object| format!("kubernetes/{object}"))
        .collect()
    }
}

/// A scene whose sandbox this process serves, with nothing applied.
pub(crate) fn scene(test: &str) -> Scene {
    let sandbox = Sandbox::builder().namespace_delay(Duration::ZERO);
    Scene::new(World::of_sandbox(sandbox), test)
}

/// The same with the first face applied.
pub(crate) fn first_face(test: &str) -> Scene {
    let scene = scene(test);
    scene.repo.stack(&Face::One.stack());
    converges(&scene, Face::One);
    scene
}

pub(crate) const APPLY: [&str; 4] = ["apply", "stacks/main", "--yes", "--json"];

/// That one more apply, without asking, brings world and state to this face; gives how it ended.
pub(crate) fn converges(scene: &Scene, face: Face) -> Ran {
    let ran = scene.repo.run(&APPLY).exits(0);
    let told = ran.told();
    assert_eq!(managed(scene), face.objects(&scene.tag), "{told}");
    agrees(scene, &told);
    let verb = &scene
        .other
        .object(crate::support::client::Place("roles", &scene.tag, "same"))["rules"][0]["verbs"];
    assert_eq!(verb, &json!([face.names()[1]]), "{told}");
    ran
}

/// That world and state know the same objects, and no journal is left.
pub(crate) fn agrees(scene: &Scene, told: &str) {
    let state = scene.repo.state();
    let recorded: BTreeSet<_> = resources(&state)
        .map(|one| (text(&one["object"]), text(&one["uid"])))
        .collect();
    let live: BTreeSet<_> = marked(scene)
        .into_iter()
        .map(|(object, live)| (object, text(&live["metadata"]["uid"])))
        .collect();
    assert_eq!(recorded, live, "state, then world: {told}");
    assert_eq!(journals(&scene.repo), 0, "{told}");
}

/// How many journals lie in `state/`.
pub(crate) fn journals(repo: &Repo) -> usize {
    let all = repo.state_bytes();
    all.iter()
        .filter(|(path, _)| path.extension().is_some_and(|ext| ext == "journal"))
        .count()
}

/// What the state says is managed.
pub(crate) fn managed(scene: &Scene) -> BTreeSet<String> {
    resources(&scene.repo.state())
        .map(|one| text(&one["object"]))
        .collect()
}

/// Every object in the world that carries the stack's mark.
fn marked(scene: &Scene) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for (plural, kind) in KINDS {
        for object in scene
            .other
            .list_labelled(plural, "app.kubernetes.io/managed-by=rbacform")
        {
            if mark(&object).0.as_ref() != Some(&scene.tag) {
                continue;
            }
            let name = text(&object["metadata"]["name"]);
            let place = match object["metadata"]["namespace"].as_str() {
                Some(namespace) => format!("{namespace}/{name}"),
                None => name,
            };
            found.push((format!("kubernetes/{kind}/{place}"), object));
        }
    }
    found
}

fn resources(state: &Value) -> impl Iterator<Item = &Value> {
    state["resources"].as_array().unwrap().iter()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// How many requests rbacform has sent.
pub(crate) fn asked(scene: &Scene) -> u64 {
    scene
        .world
        .as_sandbox()
        .requests()
        .by_agent("rbacform/")
        .total()
}
