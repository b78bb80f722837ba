//! A client of one request a connection, and the objects the tests write.

use std::io::{Read, Write};
use std::net::TcpStream;

use rbacform_sandbox::Sandbox;
use serde_json::{Value, json};

pub(crate) const RBAC: &str = "/apis/rbac.authorization.k8s.io/v1";
pub(crate) const APPLY: &str = "application/apply-patch+yaml";
pub(crate) const MERGE: &str = "application/merge-patch+json";

/// A sandbox and one caller of it.
pub(crate) struct Client<'a> {
    sandbox: &'a Sandbox,
    token: Option<String>,
}

/// A reply.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) code: u16,
    pub(crate) head: String,
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or(Value::Null)
    }

    pub(crate) fn message(&self) -> String {
        self.json()["message"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// Code and message in one, so that a failed assertion shows both.
    pub(crate) fn told(&self) -> (u16, String) {
        (self.code, self.message())
    }

    /// The object, where the request went well.
    pub(crate) fn object(self) -> Value {
        assert!((200..300).contains(&self.code), "{:?}", self.told());
        self.json()
    }
}

pub(crate) fn admin(sandbox: &Sandbox) -> Client<'_> {
    Client {
        sandbox,
        token: Some(sandbox.admin_token().to_owned()),
    }
}

pub(crate) fn caller<'a>(sandbox: &'a Sandbox, token: &str) -> Client<'a> {
    Client {
        sandbox,
        token: Some(token.to_owned()),
    }
}

pub(crate) fn anonymous(sandbox: &Sandbox) -> Client<'_> {
    Client {
        sandbox,
        token: None,
    }
}

impl Client<'_> {
    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send("GET", path, "", None)
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, "application/json", Some(body))
    }

    pub(crate) fn put(&self, path: &str, body: &Value) -> Answer {
        self.send("PUT", path, "application/json", Some(body))
    }

    pub(crate) fn merge(&self, path: &str, body: &Value) -> Answer {
        self.send("PATCH", path, MERGE, Some(body))
    }

    pub(crate) fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, "", None)
    }

    pub(crate) fn delete_if(&self, path: &str, preconditions: Value) -> Answer {
        let body = json!({"preconditions": preconditions});
        self.send("DELETE", path, "application/json", Some(&body))
    }

    /// Server-side apply; `manager` may go on with further parameters.
    pub(crate) fn apply(&self, path: &str, manager: &str, body: &Value) -> Answer {
        self.send(
            "PATCH",
            &format!("{path}?fieldManager={manager}"),
            APPLY,
            Some(body),
        )
    }

    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        content_type: &str,
        body: Option<&Value>,
    ) -> Answer {
        let body = body.map(Value::to_string).unwrap_or_default();
        let headers = format!("Content-Type: {content_type}\r\n");
        self.exchange(method, path, &headers, &body).unwrap()
    }

    /// `None` where the connection ended without a reply.
    pub(crate) fn exchange(
        &self,
        method: &str,
        path: &str,
        headers: &str,
        body: &str,
    ) -> Option<Answer> {
        let url = self.sandbox.url();
        let host = url.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(host).unwrap();
        let authorization = match &self.token {
            Some(token) => format!("Authorization: Bearer {token}\r\n"),
            None => String::new(),
        };
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: tester/1\r\n\
             Connection: close\r\n{authorization}{headers}Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut reply = Vec::new();
        // A cut connection may end in an error; what counts is that no reply came.
        let _ = stream.read_to_end(&mut reply);
        let split = reply.windows(4).position(|window| window == b"\r\n\r\n")?;
        let head = String::from_utf8(reply[..split].to_vec()).unwrap();
        let code = head.split(' ').nth(1).unwrap().parse().unwrap();
        Some(Answer {
            code,
            head,
            bytes: reply[split + 4..].to_vec(),
        })
    }
}

pub(crate) fn roles(namespace: &str) -> String {
    format!("{RBAC}/namespaces/{namespace}/roles")
}

pub(crate) fn role_bindings(namespace: &str) -> String {
    format!("{RBAC}/namespaces/{namespace}/rolebindings")
}

pub(crate) fn cluster_role_path(name: &str) -> String {
    format!("{RBAC}/clusterroles/{name}")
}

pub(crate) fn namespace(name: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
}

pub(crate) fn role(name: &str, rules: Value) -> Value {
    json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
        "metadata": {"name": name}, "rules": rules,
    })
}

pub(crate) fn cluster_role(name: &str, rules: Value) -> Value {
    json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
        "metadata": {"name": name}, "rules": rules,
    })
}

pub(crate) fn binding(name: &str, role_kind: &str, role: &str, subjects: Value) -> Value {
    json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
        "metadata": {"name": name}, "subjects": subjects,
        "roleRef": {
            "apiGroup": "rbac.authorization.k8s.io", "kind": role_kind, "name": role,
        },
    })
}

pub(crate) fn cluster_binding(name: &str, role: &str, user: &str) -> Value {
    let mut binding = binding(
        name,
        "ClusterRole",
        role,
        json!([{"kind": "User", "name": user}]),
    );
    binding["kind"] = json!("ClusterRoleBinding");
    binding
}

pub(crate) fn get_rule(resources: &[&str]) -> Value {
    json!({"apiGroups": [""], "resources": resources, "verbs": ["get"]})
}

/// An object with something laid over its top level.
pub(crate) fn with(mut object: Value, field: &str, value: Value) -> Value {
    object[field] = value;
    object
}

/// An object with something laid over its metadata.
pub(crate) fn with_meta(mut object: Value, field: &str, value: Value) -> Value {
    object["metadata"][field] = value;
    object
}

pub(crate) fn meta<'a>(object: &'a Value, field: &str) -> &'a str {
    object["metadata"][field].as_str().unwrap_or_default()
}

/// A sandbox with the namespace `n`, and namespaces that end with their deletion's reply.
pub(crate) fn sandbox() -> Sandbox {
    let sandbox = Sandbox::builder()
        .namespace_delay(std::time::Duration::ZERO)
        .identity("token-ana", "ana", &["dev"])
        .identity("token-carl", "carl", &[])
        .start()
        .unwrap();
    admin(&sandbox)
        .post("/api/v1/namespaces", &namespace("n"))
        .object();
    sandbox
}
