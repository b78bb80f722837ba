//! Somebody else at the same API server: an HTTP client that shares no code with rbacform's.

use std::fmt;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use ureq::http::Request;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

/// How long to wait for what controllers do by themselves.
const PATIENCE: Duration = Duration::from_secs(60);

/// A client with one bearer token.
#[derive(Clone)]
pub struct Client {
    agent: ureq::Agent,
    server: String,
    token: String,
    impersonated: Vec<(&'static str, String)>,
}

/// What the server answered.
#[derive(Clone, Debug)]
pub struct Reply {
    pub code: u16,
    pub body: Value,
}

/// Where an object is: `roles`, its namespace (none where cluster-scoped), its name.
#[derive(Clone, Copy)]
pub struct Place<'a>(pub &'a str, pub &'a str, pub &'a str);

impl Client {
    /// A client; `authority` is the PEM of who signed the server's certificate, for https.
    pub fn new(server: &str, authority: Option<&str>, token: &str) -> Self {
        let mut config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None)
            .timeout_global(Some(Duration::from_secs(30)));
        if let Some(pem) = authority {
            let root = Certificate::from_pem(pem.as_bytes()).unwrap();
            let roots = RootCerts::new_with_certs(&[root]);
            config = config.tls_config(TlsConfig::builder().root_certs(roots).build());
        }
        Self {
            agent: config.build().new_agent(),
            server: server.to_owned(),
            token: token.to_owned(),
            impersonated: Vec::new(),
        }
    }

    /// The same connections, acting as somebody else, as `kubectl --as --as-group` does.
    pub fn acting_as(&self, user: &str, groups: &[String]) -> Self {
        let groups = groups.iter().cloned();
        let mut impersonated = vec![("Impersonate-User", user.to_owned())];
        impersonated.extend(groups.map(|group| ("Impersonate-Group", group)));
        Self {
            impersonated,
            ..self.clone()
        }
    }

    /// Any request; `manager` is the field manager that writes are recorded under.
    pub fn send(&self, method: &str, path: &str, kind: &str, body: Option<&Value>) -> Reply {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.server))
            .header("Authorization", format!("Bearer {}", self.token))
            .header("User-Agent", "somebody-else/1")
            .header("Accept", "application/json");
        for (header, value) in &self.impersonated {
            request = request.header(*header, value);
        }
        let answered = match body {
            None => self.agent.run(request.body(()).unwrap()),
            Some(body) => {
                let body = body.to_string().into_bytes();
                self.agent
                    .run(request.header("Content-Type", kind).body(body).unwrap())
            }
        };
        let mut response = answered.unwrap_or_else(|error| panic!("{method} {path}: {error}"));
        let code = response.status().as_u16();
        let text = response
            .body_mut()
            .with_config()
            .limit(64 << 20)
            .read_to_string()
            .unwrap();
        Reply {
            code,
            body: serde_json::from_str(&text).unwrap_or(Value::String(text)),
        }
    }

    /// The object, if it exists.
    pub fn get(&self, place: Place<'_>) -> Option<Value> {
        let reply = self.send("GET", &place.path(), "", None);
        match reply.code {
            200 => Some(reply.body),
            404 => None,
            _ => panic!("{place:?}: {reply:?}"),
        }
    }

    /// The object, which exists.
    pub fn object(&self, place: Place<'_>) -> Value {
        self.get(place)
            .unwrap_or_else(|| panic!("{place:?} does not exist"))
    }

    /// Every object of a kind, in one namespace or (`""`) all.
    pub fn list(&self, plural: &str, namespace: &str) -> Vec<Value> {
        let reply = self.send("GET", &Place(plural, namespace, "").path(), "", None);
        assert_eq!(reply.code, 200, "{reply:?}");
        reply.body["items"].as_array().unwrap().clone()
    }

    /// The objects of a kind, wherever they are, that have a label.
    pub fn list_labelled(&self, plural: &str, label: &str) -> Vec<Value> {
        let label = label.replace('/', "%2F").replace('=', "%3D");
        let path = format!("{}?labelSelector={label}", Place(plural, "", "").path());
        let reply = self.send("GET", &path, "", None);
        assert_eq!(reply.code, 200, "{reply:?}");
        reply.body["items"].as_array().unwrap().clone()
    }

    /// Makes an object as `kubectl create` does.
    pub fn create(&self, plural: &str, namespace: &str, body: &Value) -> Value {
        let path = Place(plural, namespace, "").path();
        let reply = self.send(
            "POST",
            &format!("{path}?fieldManager=kubectl-create"),
            "application/json",
            Some(&with_kind(plural, body)),
        );
        assert_eq!(reply.code, 201, "{reply:?}");
        reply.body
    }

    /// Changes an object as `kubectl edit` does: read, change, write it all back.
    pub fn edit(&self, place: Place<'_>, change: impl Fn(&mut Value)) -> Value {
        self.edit_as("kubectl-edit", place, change)
    }

    /// The same under another field manager.
    pub fn edit_as(&self, manager: &str, place: Place<'_>, change: impl Fn(&mut Value)) -> Value {
        let path = format!("{}?fieldManager={manager}", place.path());
        let deadline = Instant::now() + PATIENCE;
        loop {
            let mut object = self.object(place);
            change(&mut object);
            let reply = self.send("PUT", &path, "application/json", Some(&object));
            // A controller was quicker.
            if reply.code == 409 && Instant::now() < deadline {
                continue;
            }
            assert_eq!(reply.code, 200, "{reply:?}");
            return reply.body;
        }
    }

    /// Merges into an object as `kubectl patch --type merge` does.
    pub fn merge(&self, place: Place<'_>, patch: &Value) -> Value {
        let path = format!("{}?fieldManager=kubectl-patch", place.path());
        let reply = self.send("PATCH", &path, "application/merge-patch+json", Some(patch));
        assert_eq!(reply.code, 200, "{reply:?}");
        reply.body
    }

    /// Deletes an object and waits until it is gone.
    pub fn delete(&self, place: Place<'_>) {
        let reply = self.send("DELETE", &place.path(), "", None);
        assert!(matches!(reply.code, 200 | 202), "{reply:?}");
        self.wait(&format!("{place:?} is gone"), || self.get(place).is_none());
    }

    /// Whether the server's authorizer lets somebody do something, as a SubjectAccessReview says.
    pub fn may(
        &self,
        user: &str,
        groups: &[&str],
        verb: &str,
        resource: &str,
        namespace: &str,
    ) -> bool {
        let body = json!({
            "apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview",
            "spec": {
                "user": user, "groups": groups,
                "resourceAttributes": {"verb": verb, "resource": resource, "namespace": namespace},
            },
        });
        let path = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
        let reply = self.send("POST", path, "application/json", Some(&body));
        assert_eq!(reply.code, 201, "{reply:?}");
        reply.body["status"]["allowed"].as_bool().unwrap()
    }

    /// Waits until something is so.
    pub fn wait(&self, what: &str, mut so: impl FnMut() -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !so() {
            assert!(Instant::now() < deadline, "not within {PATIENCE:?}: {what}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Place<'_> {
    /// The path of its URL.
    pub fn path(&self) -> String {
        let Self(plural, namespace, name) = self;
        let base = match *plural {
            "namespaces" | "serviceaccounts" | "secrets" => "/api/v1".to_owned(),
            _ => "/apis/rbac.authorization.k8s.io/v1".to_owned(),
        };
        let namespace = match *namespace {
            "" => String::new(),
            namespace => format!("/namespaces/{namespace}"),
        };
        let name = if name.is_empty() {
            String::new()
        } else {
            format!("/{name}")
        };
        format!("{base}{namespace}/{plural}{name}")
    }
}

impl fmt::Debug for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path())
    }
}

/// The resources that the stacks of these tests manage, by plural and kind.
pub const KINDS: [(&str, &str); 6] = [
    ("namespaces", "Namespace"),
    ("serviceaccounts", "ServiceAccount"),
    ("roles", "Role"),
    ("clusterroles", "ClusterRole"),
    ("rolebindings", "RoleBinding"),
    ("clusterrolebindings", "ClusterRoleBinding"),
];

fn with_kind(plural: &str, body: &Value) -> Value {
    let kind = KINDS
        .iter()
        .find(|(known, _)| *known == plural)
        .map_or("Secret", |(_, kind)| kind);
    let core = matches!(plural, "namespaces" | "serviceaccounts" | "secrets");
    let mut body = body.clone();
    body["kind"] = json!(kind);
    body["apiVersion"] = json!(if core {
        "v1"
    } else {
        "rbac.authorization.k8s.io/v1"
    });
    body
}
