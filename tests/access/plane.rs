//! The real API server, with one random world at a time.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use rbacform_access::{Facts, aggregate};
use serde_json::{Value, json};

use crate::parallel::Clients;
use crate::random::NAMESPACES;
use crate::support::client::{Client, Place, Reply};
use crate::support::world::World;
use crate::worlds::{Object, role_ref};

const RBAC: &str = "/apis/rbac.authorization.k8s.io/v1";
const REVIEWS: &str = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
const JSON: &str = "application/json";
const PATIENCE: Duration = Duration::from_secs(60);
const PLURALS: [&str; 4] = [
    "clusterroles",
    "clusterrolebindings",
    "roles",
    "rolebindings",
];

/// The tests of this binary share a server, and each must have it for itself.
static ALONE: Mutex<()> = Mutex::new(());

/// How many worlds there were.
static WORLDS: AtomicUsize = AtomicUsize::new(0);

/// A server with nobody else at it.
pub(crate) struct Plane {
    pub(crate) admin: Client,
    pub(crate) clients: Clients,
    pub(crate) server: World,
    /// The number of the world that it holds.
    number: usize,
    written: Vec<Object>,
    _alone: MutexGuard<'static, ()>,
}

/// What the server lists.
pub(crate) struct Listed(Vec<Value>);

impl Listed {
    /// One document for each kind, as the server gives them.
    pub(crate) fn text(&self) -> String {
        self.0.iter().map(|list| format!("{list}\n")).collect()
    }

    /// Every object, as the server gives it.
    pub(crate) fn objects(&self) -> Vec<Object> {
        let lists = PLURALS.iter().zip(&self.0);
        let objects = lists.flat_map(|(plural, list)| {
            let items = list["items"].as_array().unwrap();
            items.iter().map(|body| Object {
                plural,
                namespace: body["metadata"]["namespace"]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned(),
                body: body.clone(),
            })
        });
        objects.collect()
    }

    pub(crate) fn facts(&self) -> Facts {
        let mut facts = Facts::default();
        for list in &self.0 {
            facts.put_manifest(list).unwrap();
        }
        facts
    }
}

impl Plane {
    /// None where no control plane was built.
    pub(crate) fn begin() -> Option<Self> {
        // Whoever failed before has said so.
        let alone = ALONE
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let server = World::control_plane()?;
        let admin = server.admin();
        for namespace in NAMESPACES {
            if admin.get(Place("namespaces", "", namespace)).is_none() {
                admin.create("namespaces", "", &json!({"metadata": {"name": namespace}}));
            }
        }
        Some(Self {
            clients: Clients::new(|| server.admin()),
            admin,
            server,
            number: 0,
            written: Vec::new(),
            _alone: alone,
        })
    }

    /// Writes a world in place of the last one, and waits until controller and authorizer know it
    /// all: aggregated roles have the rules that we compute.
    pub(crate) fn become_world(&mut self, objects: &[Object]) -> Listed {
        self.clear();
        self.number = WORLDS.fetch_add(1, Ordering::Relaxed);
        let objects: Vec<Object> = objects.iter().map(|it| self.as_written(it)).collect();
        self.write(&objects);
        self.await_aggregation(&objects);
        self.await_authorizer();
        self.list()
    }

    /// An object of the world that it holds, with the name that it has there.
    pub(crate) fn as_written(&self, object: &Object) -> Object {
        object.of_world(self.number)
    }

    fn await_aggregation(&self, objects: &[Object]) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let listed = Listed(vec![self.list_of("clusterroles")]).facts();
            let mut expected = listed.clone();
            for object in objects {
                expected.put_manifest(&object.body).unwrap();
            }
            aggregate::settle_written(&mut expected);
            let differs = expected
                .cluster_roles()
                .find(|role| listed.cluster_role(&role.name) != Some(role));
            let Some(role) = differs else { return };
            assert!(
                Instant::now() < deadline,
                "the controller gave {:?}\nwe {role:?}",
                listed.cluster_role(&role.name)
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// The authorizer learns each kind's changes in their order, so it knows all of them once it
    /// knows the last of each.
    fn await_authorizer(&mut self) {
        // Each way is proven by a user of its own, whom nothing else names.
        let ways = [
            ("", "ClusterRole", "wide"),
            (NAMESPACES[0], "Role", "local"),
        ];
        let ways = ways.map(|(namespace, kind, way)| {
            let name = format!("sentinel-{way}-{}", self.number);
            (namespace, kind, name)
        });
        let mut objects = Vec::new();
        for (namespace, kind, name) in &ways {
            let rule = json!({"verbs": ["know"], "apiGroups": [""], "resources": ["sentinels"]});
            objects.push(Object::role(namespace, name, &[rule]));
            let user = json!({"kind": "User", "name": name});
            let role = role_ref(kind, name);
            objects.push(Object::binding(namespace, name, &role, &[user]));
        }
        self.write(&objects);
        for (namespace, _, name) in &ways {
            let asked = json!({"verb": "know", "resource": "sentinels", "namespace": namespace});
            let spec = json!({"user": name, "resourceAttributes": asked});
            self.admin.wait("the authorizer knows", || {
                self.review(&self.admin, &spec)["allowed"] == true
            });
        }
    }

    fn write(&mut self, objects: &[Object]) {
        self.written.extend_from_slice(objects);
        self.clients.each(objects, |client, object| {
            let path = collection(object.plural, &object.namespace);
            let reply = client.send("POST", &path, JSON, Some(&object.body));
            assert_eq!(reply.code, 201, "{object:?}: {reply:?}");
        });
    }

    /// Removes what was written.
    fn clear(&mut self) {
        for reply in self.delete() {
            assert_eq!(reply.code, 200, "{reply:?}");
        }
    }

    /// Who gathers goes first, the last written before those that feed it: else the controller
    /// would have rules for somebody who is gone, and makes a role of that name to hold them.
    fn delete(&mut self) -> Vec<Reply> {
        let delete =
            |client: &Client, object: &Object| client.send("DELETE", &path_of(object), "", None);
        let written = std::mem::take(&mut self.written);
        let (gathering, others): (Vec<Object>, Vec<Object>) = written
            .into_iter()
            .partition(|object| object.body.get("aggregationRule").is_some());
        let mut replies: Vec<Reply> = gathering
            .iter()
            .rev()
            .map(|object| delete(&self.admin, object))
            .collect();
        replies.extend(self.clients.each(&others, delete));
        replies
    }

    fn list(&self) -> Listed {
        Listed(PLURALS.iter().map(|plural| self.list_of(plural)).collect())
    }

    fn list_of(&self, plural: &str) -> Value {
        let reply = self.admin.send("GET", &collection(plural, ""), "", None);
        assert_eq!(reply.code, 200, "{reply:?}");
        reply.body
    }

    /// The status of an access review.
    pub(crate) fn review(&self, client: &Client, spec: &Value) -> Value {
        let body = json!({
            "apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec,
        });
        let mut reply = client.send("POST", REVIEWS, JSON, Some(&body));
        assert_eq!(reply.code, 201, "{spec}: {reply:?}");
        reply.body["status"].take()
    }
}

/// Also after a failure: the next test wants a server without this one's objects.
impl Drop for Plane {
    fn drop(&mut self) {
        self.delete();
    }
}

pub(crate) fn collection(plural: &str, namespace: &str) -> String {
    match namespace {
        "" => format!("{RBAC}/{plural}"),
        namespace => format!("{RBAC}/namespaces/{namespace}/{plural}"),
    }
}

pub(crate) fn path_of(object: &Object) -> String {
    let name: String = object
        .name()
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect();
    format!("{}/{name}", collection(object.plural, &object.namespace))
}
