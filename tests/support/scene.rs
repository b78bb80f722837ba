//! A scene: one world, one repository, and one login that may do everything.

use serde_json::{Value, json};

use super::client::{Client, Place};
use super::repo::Repo;
use super::world::{Login, World};

/// Where a scenario is played. Names that it uses begin with its tag, so that scenarios can share
/// a server.
pub struct Scene {
    pub world: World,
    pub tag: String,
    /// Who rbacform logs in as: bound to `cluster-admin`, used by no other scenario.
    pub login: Login,
    /// Somebody else, who may do everything.
    pub other: Client,
    pub repo: Repo,
}

impl Scene {
    /// Sets the scene for the scenario of this name.
    pub fn new(world: World, scenario: &str) -> Self {
        let tag = scenario.replace('_', "-");
        let login = world.new_user();
        let other = world.admin();
        let repo = Repo::new(&tag, &world.kubeconfig(&[&login]));
        let scene = Self {
            world,
            tag,
            login,
            other,
            repo,
        };
        scene.grant(&scene.login.user, "cluster-admin");
        scene
    }

    /// The same on a sandbox of its own.
    pub fn on_sandbox(scenario: &str) -> Self {
        Self::new(World::sandbox(), scenario)
    }

    /// The same on the real API server; none where it has not been built.
    pub fn on_control_plane(scenario: &str) -> Option<Self> {
        World::control_plane().map(|world| Self::new(world, scenario))
    }

    /// Another repository, with the same login.
    pub fn another_repo(&self) -> Repo {
        Repo::new(&self.tag, &self.world.kubeconfig(&[&self.login]))
    }

    /// Gives a user a cluster role everywhere.
    pub fn grant(&self, user: &str, cluster_role: &str) {
        let binding = json!({
            "metadata": {"name": format!("{}-{user}-{cluster_role}", self.tag)},
            "roleRef": {
                "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": cluster_role,
            },
            "subjects": [user_subject(user)],
        });
        self.other.create("clusterrolebindings", "", &binding);
    }

    /// Lets a user do some things everywhere, by a cluster role of that name after the tag.
    pub fn allow(&self, user: &str, name: &str, rules: &Value) {
        let role = format!("{}-{name}", self.tag);
        self.other.create(
            "clusterroles",
            "",
            &json!({"metadata": {"name": role}, "rules": rules}),
        );
        self.grant(user, &role);
    }

    /// Makes the namespace that is named by the tag, with its service account `default`.
    pub fn namespace(&self) -> &str {
        self.namespace_named(&self.tag);
        &self.tag
    }

    pub fn namespace_named(&self, name: &str) {
        self.other
            .create("namespaces", "", &json!({"metadata": {"name": name}}));
        self.other
            .wait("the service account `default` is there", || {
                self.other
                    .get(Place("serviceaccounts", name, "default"))
                    .is_some()
            });
    }

    /// `TAG-name`.
    pub fn name(&self, name: &str) -> String {
        format!("{}-{name}", self.tag)
    }

    /// The lineage and stack that an object's mark names.
    pub fn mark_of(&self, place: Place<'_>) -> (Option<String>, Option<String>) {
        mark(&self.other.object(place))
    }

    /// What rbacform asks while `act` runs, logged in as the scene's user.
    pub fn requests(&self, act: impl FnOnce()) -> Value {
        self.world.count_from_here();
        act();
        json!(self.world.requests(&self.login))
    }
}

/// The stack and lineage that an object's annotations name.
pub fn mark(object: &Value) -> (Option<String>, Option<String>) {
    let text = |key: &str| {
        object["metadata"]["annotations"][key]
            .as_str()
            .map(str::to_owned)
    };
    (text("rbacform.io/stack"), text("rbacform.io/lineage"))
}

/// A user as a binding names it.
pub fn user_subject(user: &str) -> Value {
    json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": user})
}
