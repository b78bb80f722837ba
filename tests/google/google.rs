//! Somebody else at Google: a client that shares no code with rbacform's, and no table of targets.

use serde_json::{Value, json};
use ureq::http::Request;

/// A client of the sandbox's Google half.
pub(crate) struct Google {
    agent: ureq::Agent,
    server: String,
    token: String,
}

/// What was answered.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) code: u16,
    pub(crate) body: Value,
}

/// A call on the policy of a resource: `get` and its body, `set` and whether the policy is bare.
struct PolicyCalls {
    base: String,
    get: (&'static str, String, Option<Value>),
    set: (&'static str, String),
}

impl Google {
    pub(crate) fn new(server: &str, token: &str) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None);
        Self {
            agent: config.build().new_agent(),
            server: server.to_owned(),
            token: token.to_owned(),
        }
    }

    /// Any call: `POST`, `iam/v1/projects/p/serviceAccounts`.
    pub(crate) fn send(&self, verb: &str, path: &str, body: Option<&Value>) -> Reply {
        let request = Request::builder()
            .method(verb)
            .uri(format!("{}/google/{path}", self.server))
            .header("Authorization", format!("Bearer {}", self.token))
            .header("User-Agent", "somebody-else/1");
        let answered = match body {
            None => self.agent.run(request.body(()).unwrap()),
            Some(body) => self.agent.run(
                request
                    .header("Content-Type", "application/json")
                    .body(body.to_string().into_bytes())
                    .unwrap(),
            ),
        };
        let mut response = answered.unwrap_or_else(|error| panic!("{verb} {path}: {error}"));
        let code = response.status().as_u16();
        let text = response.body_mut().read_to_string().unwrap();
        Reply {
            code,
            body: serde_json::from_str(&text).unwrap_or(Value::String(text)),
        }
    }

    /// The same, which is to succeed.
    #[track_caller]
    pub(crate) fn done(&self, verb: &str, path: &str, body: Option<&Value>) -> Value {
        let reply = self.send(verb, path, body);
        assert_eq!(reply.code, 200, "{verb} {path}: {:#}", reply.body);
        reply.body
    }

    /// The policy of a resource, in version 3.
    pub(crate) fn policy(&self, resource: &str) -> Value {
        let PolicyCalls { base, get, .. } = calls(resource);
        self.done(get.0, &format!("{base}{}", get.1), get.2.as_ref())
    }

    /// Reads a policy, changes it and writes it back, as gcloud does.
    pub(crate) fn change(&self, resource: &str, change: impl Fn(&mut Value)) {
        let PolicyCalls { base, set, .. } = calls(resource);
        loop {
            let mut policy = self.policy(resource);
            change(&mut policy);
            policy["version"] = json!(3);
            let body = match set.0 {
                "PUT" => policy,
                _ => json!({"policy": policy, "updateMask": mask(resource)}),
            };
            let body = match body["updateMask"].is_null() {
                true if set.0 == "POST" => json!({"policy": body["policy"]}),
                _ => body,
            };
            let reply = self.send(set.0, &format!("{base}{}", set.1), Some(&body));
            match reply.code {
                200 => return,
                409 => {}
                _ => panic!("{resource}: {reply:?}"),
            }
        }
    }

    /// Adds a member without a condition.
    pub(crate) fn grant(&self, resource: &str, role: &str, member: &str) {
        self.change(resource, |policy| {
            let bindings = bindings(policy);
            let there = bindings
                .iter_mut()
                .find(|binding| binding["role"] == role && binding["condition"].is_null());
            match there {
                Some(binding) => binding["members"]
                    .as_array_mut()
                    .unwrap()
                    .push(member.into()),
                None => bindings.push(json!({"role": role, "members": [member]})),
            }
        });
    }

    /// Takes a member out of a role, whatever the condition.
    pub(crate) fn revoke(&self, resource: &str, role: &str, member: &str) {
        self.change(resource, |policy| {
            for binding in bindings(policy).iter_mut().filter(|it| it["role"] == role) {
                let members = binding["members"].as_array_mut().unwrap();
                members.retain(|other| other != member);
            }
            bindings(policy).retain(|binding| binding["members"] != json!([]));
        });
    }

    /// The members of a role, whatever the condition, in order.
    pub(crate) fn members(&self, resource: &str, role: &str) -> Vec<String> {
        let mut policy = self.policy(resource);
        let mut members: Vec<String> = bindings(&mut policy)
            .iter()
            .filter(|binding| binding["role"] == role)
            .flat_map(|binding| binding["members"].as_array().unwrap())
            .map(|member| member.as_str().unwrap().to_owned())
            .collect();
        members.sort();
        members
    }

    /// A service account by email or unique id, if it lives.
    pub(crate) fn account(&self, project: &str, id: &str) -> Option<Value> {
        let reply = self.send(
            "GET",
            &format!("iam/v1/projects/{project}/serviceAccounts/{id}"),
            None,
        );
        match reply.code {
            200 => Some(reply.body),
            404 => None,
            _ => panic!("{reply:?}"),
        }
    }

    /// Makes a service account, and says its email.
    pub(crate) fn make_account(&self, project: &str, id: &str) -> String {
        let path = format!("iam/v1/projects/{project}/serviceAccounts");
        let made = self.done("POST", &path, Some(&json!({"accountId": id})));
        made["email"].as_str().unwrap().to_owned()
    }

    /// A custom role, deleted ones too.
    pub(crate) fn role(&self, name: &str) -> Option<Value> {
        let reply = self.send("GET", &format!("iam/v1/{name}"), None);
        match reply.code {
            200 => Some(reply.body),
            404 => None,
            _ => panic!("{reply:?}"),
        }
    }
}

/// The bindings of a policy.
pub(crate) fn bindings(policy: &mut Value) -> &mut Vec<Value> {
    if policy["bindings"].is_null() {
        policy["bindings"] = json!([]);
    }
    policy["bindings"].as_array_mut().unwrap()
}

fn calls(resource: &str) -> PolicyCalls {
    let post = |base: String, body| PolicyCalls {
        get: match body {
            None => (
                "POST",
                ":getIamPolicy?options.requestedPolicyVersion=3".to_owned(),
                None,
            ),
            body => ("POST", ":getIamPolicy".to_owned(), body),
        },
        set: ("POST", ":setIamPolicy".to_owned()),
        base,
    };
    let version = || Some(json!({"options": {"requestedPolicyVersion": 3}}));
    let parts: Vec<&str> = resource.split('/').collect();
    match parts.as_slice() {
        ["projects" | "folders" | "organizations", _] => {
            post(format!("cloudresourcemanager/v3/{resource}"), version())
        }
        [_, _, "serviceAccounts", _] => post(format!("iam/v1/{resource}"), None),
        [_, _, "locations", _, "endpoints", _] => {
            post(format!("aiplatform/v1beta1/{resource}"), None)
        }
        [_, _, "locations", _, "repositories", _] => {
            by_get(format!("artifactregistry/v1/{resource}"))
        }
        [_, _, "locations", ..] => post(format!("aiplatform/v1/{resource}"), None),
        [_, _, "secrets", _] => by_get(format!("secretmanager/v1/{resource}")),
        [_, _, "topics", _] => by_get(format!("pubsub/v1/{resource}")),
        ["buckets", bucket] => PolicyCalls {
            base: format!("storage/storage/v1/b/{bucket}/iam"),
            get: ("GET", "?optionsRequestedPolicyVersion=3".to_owned(), None),
            set: ("PUT", String::new()),
        },
        _ => panic!("no policy: {resource}"),
    }
}

fn by_get(base: String) -> PolicyCalls {
    PolicyCalls {
        base,
        get: (
            "GET",
            ":getIamPolicy?options.requestedPolicyVersion=3".to_owned(),
            None,
        ),
        set: ("POST", ":setIamPolicy".to_owned()),
    }
}

/// What is set of a policy, where the API can be told: audit configs are not among it by default.
fn mask(resource: &str) -> Option<&'static str> {
    let audited = resource.split('/').count() == 2 && !resource.starts_with("buckets/");
    audited.then_some("bindings,etag,auditConfigs")
}
