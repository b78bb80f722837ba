//! A server, an administrator, and objects to write.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use rbacform_core::{
    Edit, EditKind, Mark, ObjectId, ObservedObject, Precondition, Step, Value, compare,
};
use rbacform_kubernetes::{ConnectOptions, KubeconfigSource, KubernetesProvider};
use rbacform_provider::{Provider, Query, WriteOutcome};
use rbacform_sandbox::Sandbox;
use serde_json::{Value as Json, json};
use tempfile::TempDir;

use crate::control_plane::{ControlPlane, Identity};

static NAMES: AtomicUsize = AtomicUsize::new(0);

/// One server, seen by one test.
pub(crate) struct World {
    server: Server,
    folder: TempDir,
}

enum Server {
    Sandbox(Sandbox),
    Real(&'static ControlPlane),
}

/// Whoever may do nothing until a binding says so.
pub(crate) const NOBODY: &str = "nobody";

impl World {
    /// The sandbox.
    pub(crate) fn sandbox() -> Self {
        let sandbox = Sandbox::builder()
            .identity("token-of-nobody", NOBODY, &[])
            .start()
            .unwrap();
        Self {
            server: Server::Sandbox(sandbox),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// Every server that there is.
    pub(crate) fn all() -> Vec<Self> {
        let mut worlds = vec![Self::sandbox()];
        worlds.extend(ControlPlane::shared().map(|plane| Self {
            server: Server::Real(plane),
            folder: tempfile::tempdir().unwrap(),
        }));
        worlds
    }

    pub(crate) fn as_sandbox(&self) -> &Sandbox {
        match &self.server {
            Server::Sandbox(sandbox) => sandbox,
            Server::Real(_) => panic!("this world is a real server"),
        }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn url(&self) -> String {
        match &self.server {
            Server::Sandbox(sandbox) => sandbox.url(),
            Server::Real(plane) => plane.server_url().to_owned(),
        }
    }

    /// A kubeconfig whose user has these fields.
    pub(crate) fn kubeconfig(&self, user: &Json) -> ConnectOptions {
        let mut cluster = json!({"server": self.url()});
        if let Server::Real(plane) = &self.server {
            std::fs::write(self.folder().join("ca.crt"), plane.ca_pem()).unwrap();
            cluster["certificate-authority"] = "ca.crt".into();
        }
        let config = json!({
            "clusters": [{"name": "c", "cluster": cluster}],
            "users": [{"name": "u", "user": user}],
            "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
            "current-context": "x",
        });
        let path = self.folder().join("kubeconfig");
        std::fs::write(&path, config.to_string()).unwrap();
        ConnectOptions {
            kubeconfig: KubeconfigSource::File(path),
            ..ConnectOptions::default()
        }
    }

    pub(crate) fn token(&self, token: &str) -> KubernetesProvider {
        let options = self.kubeconfig(&json!({"token": token}));
        KubernetesProvider::connect(&options).unwrap()
    }

    pub(crate) fn admin_token(&self) -> String {
        match &self.server {
            Server::Sandbox(sandbox) => sandbox.admin_token().to_owned(),
            Server::Real(plane) => token_of(plane.admin()),
        }
    }

    /// The administrator's provider.
    pub(crate) fn admin(&self) -> KubernetesProvider {
        self.token(&self.admin_token())
    }

    /// Name and token of somebody without any access.
    pub(crate) fn nobody(&self) -> (String, String) {
        match &self.server {
            Server::Sandbox(_) => (NOBODY.to_owned(), "token-of-nobody".to_owned()),
            Server::Real(plane) => {
                let user = plane.new_user();
                let token = token_of(&user);
                (user.user, token)
            }
        }
    }
}

fn token_of(identity: &Identity) -> String {
    match &identity.credential {
        crate::control_plane::Credential::Token(token) => token.clone(),
        crate::control_plane::Credential::Certificate { .. } => panic!("no token"),
    }
}

/// A name that no other test uses.
pub(crate) fn fresh(prefix: &str) -> String {
    format!(
        "{prefix}-{}-{}",
        std::process::id(),
        NAMES.fetch_add(1, Ordering::Relaxed)
    )
}

pub(crate) fn value(json: &Json) -> Value {
    Value::from_json(json)
}

pub(crate) fn mark() -> Mark {
    Mark::new("test", None, "lineage-1")
}

pub(crate) fn namespaced(kind: &str, namespace: &str, name: &str) -> ObjectId {
    ObjectId::namespaced("kubernetes", kind, namespace, name)
}

pub(crate) fn cluster(kind: &str, name: &str) -> ObjectId {
    ObjectId::cluster("kubernetes", kind, name)
}

pub(crate) fn step(object: &ObjectId, kind: EditKind, precondition: Precondition) -> Step {
    Step {
        id: 0,
        instance: "kubernetes".into(),
        edits: vec![Edit {
            address: "kubernetes.role.test".parse().unwrap(),
            object: object.clone(),
            kind,
            precondition,
            records: None,
            transient: false,
        }],
        group: None,
        depends_on: Vec::new(),
        settle: false,
    }
}

pub(crate) fn create(object: &ObjectId, attributes: &Json) -> Step {
    let kind = EditKind::Create {
        attributes: value(attributes),
        mark: mark(),
        built_in: false,
    };
    step(object, kind, Precondition::default())
}

/// What a plan would have compared of `observed`, where the stack owns `owned`.
pub(crate) fn compared(observed: &ObservedObject, owned: &Json) -> Precondition {
    Precondition {
        uid: Some(observed.uid.clone()),
        version: Some(observed.version.clone()),
        compared: compare::project(&observed.attributes, &value(owned), &Value::Null),
    }
}

pub(crate) fn update(observed: &ObservedObject, owned: &Json, attributes: &Json) -> Step {
    let kind = EditKind::Update {
        attributes: value(attributes),
        mark: mark(),
    };
    step(&observed.object, kind, compared(observed, owned))
}

pub(crate) fn delete(observed: &ObservedObject, owned: &Json) -> Step {
    step(
        &observed.object,
        EditKind::Delete,
        compared(observed, owned),
    )
}

pub(crate) async fn write(provider: &KubernetesProvider, step: &Step) -> WriteOutcome {
    let mut outcomes = provider.write(step).await;
    assert_eq!(outcomes.len(), 1);
    outcomes.remove(0)
}

pub(crate) async fn read(provider: &KubernetesProvider, object: &ObjectId) -> ObservedObject {
    provider.read_one(object).await.unwrap().unwrap()
}

/// Makes a namespace of its own for a test.
pub(crate) async fn namespace(provider: &KubernetesProvider) -> String {
    let name = fresh("n");
    write(provider, &create(&cluster("Namespace", &name), &json!({})))
        .await
        .unwrap();
    name
}

pub(crate) fn query(kinds: &[&str], objects: &[ObjectId]) -> Query {
    Query {
        kinds: kinds.iter().map(|kind| (*kind).into()).collect(),
        objects: objects.iter().cloned().collect::<BTreeSet<_>>(),
        ..Query::default()
    }
}

/// What other people do: by another field manager, as the administrator.
impl World {
    /// Server-side apply by `somebody`.
    pub(crate) async fn apply(&self, object: &ObjectId, body: &Json) {
        let mut whole = body.clone();
        let (api, _) = paths(object);
        whole["apiVersion"] = api.into();
        whole["kind"] = object.kind.as_str().into();
        whole["metadata"]["name"] = object.name().into();
        self.send(object, "application/apply-patch+yaml", &whole)
            .await;
    }

    /// A merge patch by `somebody`.
    pub(crate) async fn merge(&self, object: &ObjectId, patch: &Json) {
        self.send(object, "application/merge-patch+json", patch)
            .await;
    }

    async fn send(&self, object: &ObjectId, content_type: &str, body: &Json) {
        let (_, path) = paths(object);
        let uri: http::Uri = self.url().parse().unwrap();
        let mut config = kube::Config::new(uri);
        config.accept_invalid_certs = true;
        config.auth_info.token = Some(self.admin_token().into());
        let client = kube::Client::try_from(config).unwrap();
        let request = http::Request::patch(format!("{path}?fieldManager=somebody"))
            .header("content-type", content_type)
            .body(body.to_string().into_bytes())
            .unwrap();
        client.request_text(request).await.unwrap();
    }

    /// Lets a user do anything with those resources in a namespace.
    pub(crate) async fn allow(&self, user: &str, namespace: &str, resources: &[&str]) {
        let rule = json!({"apiGroups": ["rbac.authorization.k8s.io"], "resources": resources,
            "verbs": ["get", "list", "create", "update", "patch", "delete"]});
        self.grant(user, namespace, &rule).await;
    }

    /// Lets a user read one role.
    pub(crate) async fn allow_reading(&self, user: &str, namespace: &str, name: &str) {
        let rule = json!({"apiGroups": ["rbac.authorization.k8s.io"], "resources": ["roles"],
            "verbs": ["get"], "resourceNames": [name]});
        self.grant(user, namespace, &rule).await;
    }

    async fn grant(&self, user: &str, namespace: &str, rule: &Json) {
        let name = fresh("grant");
        self.apply(
            &namespaced("Role", namespace, &name),
            &json!({"rules": [rule]}),
        )
        .await;
        let binding = json!({
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": user}],
        });
        self.apply(&namespaced("RoleBinding", namespace, &name), &binding)
            .await;
    }

    /// Writes until the authorizer has seen a grant: it reads caches.
    pub(crate) async fn until_allowed(
        &self,
        provider: &KubernetesProvider,
        step: &Step,
    ) -> WriteOutcome {
        for _ in 0..200 {
            let outcome = write(provider, step).await;
            match &outcome {
                Err(error) if error.message.contains("cannot patch resource") => {
                    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
                }
                _ => return outcome,
            }
        }
        panic!("the grant is never seen");
    }

    /// Reads until the authorizer has seen every grant, and so finds that many objects.
    pub(crate) async fn until_readable(
        &self,
        provider: &KubernetesProvider,
        query: &Query,
        objects: usize,
    ) -> rbacform_provider::Observation {
        let mut last = None;
        for _ in 0..200 {
            match provider.read(query).await {
                Ok(read) if read.observed.len() == objects => return read,
                other => last = Some(other),
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        panic!("the grant is never seen: {last:?}");
    }
}

fn paths(object: &ObjectId) -> (&'static str, String) {
    let plural = format!("{}s", object.kind.to_lowercase());
    let (api, root) = match object.kind.as_str() {
        "Namespace" | "ServiceAccount" => ("v1", "/api/v1"),
        _ => (
            "rbac.authorization.k8s.io/v1",
            "/apis/rbac.authorization.k8s.io/v1",
        ),
    };
    let path = match object.namespace() {
        Some(namespace) => format!("{root}/namespaces/{namespace}/{plural}/{}", object.name()),
        None => format!("{root}/{plural}/{}", object.name()),
    };
    (api, path)
}
