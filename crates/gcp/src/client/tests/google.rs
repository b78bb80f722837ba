//! A Google in memory: policies with etags, accounts, roles, and faults on request.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use http::{HeaderMap, Method, StatusCode};
use rbacform_provider::{ErrorKind, ProviderError};
use serde_json::{Value as Json, json};

use crate::client::endpoint::Endpoints;
use crate::client::transport::{Failure, Outgoing, Reply, Transport};
use crate::client::{ConnectOptions, GcpProvider};
use crate::target::Api;

/// The world. Clones share it.
#[derive(Clone, Default)]
pub(super) struct Google(Arc<Mutex<World>>);

#[derive(Default)]
pub(super) struct World {
    /// By path without version and verb: `projects/acme-ml`.
    pub(super) policies: BTreeMap<String, Json>,
    /// By unique id; `deleted` where it is soft-deleted.
    pub(super) accounts: BTreeMap<String, Json>,
    pub(super) roles: BTreeMap<String, Json>,
    pub(super) projects: BTreeMap<String, String>,
    /// Members that policies refuse.
    pub(super) refused: Vec<String>,
    pub(super) latency: Duration,
    faults: Vec<Fault>,
    pub(super) requests: Vec<String>,
    pub(super) authorizations: Vec<Option<String>>,
    pub(super) bodies: Vec<Json>,
    etags: u64,
    ids: u64,
}

/// What happens to some requests instead, once.
struct Fault {
    /// What the request's method and path contain.
    on: &'static str,
    effect: Effect,
}

#[derive(Clone)]
pub(super) enum Effect {
    /// Answered so, and nothing done.
    Answer(u16, Json),
    /// The same, with `Retry-After`.
    Busy(u16, u64),
    /// The connection breaks, before or after it is done.
    Lost { done: bool },
    /// No connection is made.
    Unreached,
    /// It goes through.
    Pass,
}

impl Google {
    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap()
    }

    /// The next request whose method and path contain `on` meets this.
    pub(super) fn fault(&self, on: &'static str, effect: Effect) {
        self.world().faults.push(Fault { on, effect });
    }

    /// A provider on it, with a token that was given.
    pub(super) fn provider(&self) -> GcpProvider {
        self.provider_with(&ConnectOptions {
            access_token: Some("ya29.test".into()),
            ..ConnectOptions::default()
        })
    }

    pub(super) fn provider_with(&self, options: &ConnectOptions) -> GcpProvider {
        let endpoints = Endpoints::new(options).unwrap();
        GcpProvider::over(Arc::new(self.clone()), endpoints, options).unwrap()
    }

    /// A provider on it that needs no token.
    pub(super) fn open_provider(&self) -> GcpProvider {
        let url = |api: Api| (api, format!("http://127.0.0.1:1/google/{}/", api.name()));
        self.provider_with(&ConnectOptions {
            endpoints: Api::ALL.into_iter().map(url).collect(),
            ..ConnectOptions::default()
        })
    }

    /// An account that stands already, and its unique id.
    pub(super) fn account(&self, email: &str) -> String {
        let mut world = self.world();
        world.account(email, &json!({}))
    }

    pub(super) fn grant(&self, resource: &str, role: &str, member: &str) {
        let mut world = self.world();
        let etag = world.etag();
        let policy = world.policies.get_mut(resource).unwrap();
        policy["etag"] = etag.into();
        let bindings = policy["bindings"].as_array_mut().unwrap();
        bindings.push(json!({"role": role, "members": [member]}));
    }

    /// How many members a policy holds.
    pub(super) fn members(&self, resource: &str) -> Vec<String> {
        let world = self.world();
        let bindings = world.policies[resource]["bindings"].as_array().unwrap();
        let members = bindings
            .iter()
            .flat_map(|binding| binding["members"].as_array().unwrap().clone());
        members
            .map(|member| member.as_str().unwrap().to_owned())
            .collect()
    }

    /// The requests since the last call.
    pub(super) fn take_requests(&self) -> Vec<String> {
        std::mem::take(&mut self.world().requests)
    }
}

impl World {
    pub(super) fn policy(&mut self, resource: &str, policy: Json) {
        let mut policy = policy;
        policy["etag"] = self.etag().into();
        self.policies.insert(resource.to_owned(), policy);
    }

    fn etag(&mut self) -> String {
        self.etags += 1;
        format!("BwX{:04}=", self.etags)
    }

    fn account(&mut self, email: &str, given: &Json) -> String {
        self.ids += 1;
        let id = format!("{:021}", 100 + self.ids);
        let project = email.split(['@', '.']).nth(1).unwrap().to_owned();
        let mut account = given.clone();
        account["name"] = format!("projects/{project}/serviceAccounts/{email}").into();
        account["email"] = email.into();
        account["uniqueId"] = id.clone().into();
        account["projectId"] = project.into();
        self.accounts.insert(id.clone(), account);
        let resource = format!(
            "projects/{}/serviceAccounts/{email}",
            email.split(['@', '.']).nth(1).unwrap()
        );
        self.policy(&resource, json!({"bindings": []}));
        id
    }

    fn answer(&mut self, request: &Outgoing) -> (u16, Json) {
        let path = request.url.path().trim_start_matches('/');
        let path = path
            .strip_prefix("google/")
            .map_or(path, |rest| rest.split_once('/').unwrap().1);
        let Some((_, path)) = path.split_once('/') else {
            return (404, json!({}));
        };
        let body: Json = serde_json::from_slice(&request.body).unwrap_or_default();
        if let Some(resource) = path.strip_suffix(":getIamPolicy") {
            return match self.policies.get(resource) {
                Some(policy) => (200, policy.clone()),
                None => missing(resource),
            };
        }
        if let Some(resource) = path.strip_suffix(":setIamPolicy") {
            return self.set(resource, &body["policy"]);
        }
        let segments: Vec<&str> = path.split('/').collect();
        match (request.method.as_str(), segments.as_slice()) {
            ("GET", ["projects", project]) => match self.projects.get(*project) {
                Some(number) => (
                    200,
                    json!({"name": format!("projects/{number}"), "projectId": project}),
                ),
                None => error(
                    403,
                    "PERMISSION_DENIED",
                    "The caller does not have permission",
                ),
            },
            (method, ["projects", _, "serviceAccounts", rest @ ..]) => {
                self.accounts_answer(method, rest.first().copied(), &body)
            }
            (method, [_, _, "roles", rest @ ..]) => {
                let parent = segments[..2].join("/");
                self.roles_answer(method, &parent, rest.first().copied(), &body)
            }
            _ => error(404, "NOT_FOUND", "Method not found."),
        }
    }

    fn set(&mut self, resource: &str, wanted: &Json) -> (u16, Json) {
        let Some(policy) = self.policies.get(resource) else {
            return missing(resource);
        };
        if policy["etag"] != wanted["etag"] {
            return error(409, "ABORTED", "There were concurrent policy changes.");
        }
        let text = wanted.to_string();
        if let Some(member) = self.refused.iter().find(|member| text.contains(*member)) {
            let bare = member.split_once(':').unwrap().1.to_owned();
            let words = format!("Service account {bare} does not exist.");
            return error(400, "INVALID_ARGUMENT", &words);
        }
        let mut wanted = wanted.clone();
        wanted["etag"] = self.etag().into();
        self.policies.insert(resource.to_owned(), wanted.clone());
        (200, wanted)
    }

    fn accounts_answer(&mut self, method: &str, key: Option<&str>, body: &Json) -> (u16, Json) {
        let (key, verb) = key.map_or((None, ""), |key| {
            let (key, verb) = key.split_once(':').unwrap_or((key, ""));
            (Some(key.to_owned()), verb)
        });
        let Some(key) = key else {
            if method == "GET" {
                let live = self.accounts.values().filter(|it| it["deleted"].is_null());
                return (200, json!({"accounts": live.collect::<Vec<_>>()}));
            }
            let email = format!(
                "{}@acme-ml.iam.gserviceaccount.com",
                body["accountId"].as_str().unwrap()
            );
            if self.find(&email).is_some() {
                return error(409, "ALREADY_EXISTS", "Service account already exists");
            }
            let id = self.account(&email, &body["serviceAccount"]);
            return (200, self.accounts[&id].clone());
        };
        if verb == "undelete" {
            return match self.accounts.get_mut(&key) {
                Some(account) if !account["deleted"].is_null() => {
                    account["deleted"] = Json::Null;
                    (200, json!({"restoredAccount": account}))
                }
                _ => missing(&key),
            };
        }
        let Some(id) = self.find(&key) else {
            return missing(&key);
        };
        let account = self.accounts.get_mut(&id).unwrap();
        match (method, verb) {
            ("GET", "") => return (200, account.clone()),
            ("POST", "disable") => account["disabled"] = true.into(),
            ("POST", "enable") => account["disabled"] = false.into(),
            ("DELETE", "") => account["deleted"] = true.into(),
            ("PATCH", "") => {
                for field in body["updateMask"].as_str().unwrap().split(',') {
                    account[field] = body["serviceAccount"][field].clone();
                }
            }
            _ => return error(404, "NOT_FOUND", "Method not found."),
        }
        (200, json!({}))
    }

    /// The live account of an address or unique id.
    fn find(&self, key: &str) -> Option<String> {
        let live = |account: &&Json| account["deleted"].is_null();
        let mut accounts = self.accounts.values().filter(live);
        let found = accounts.find(|account| account["email"] == key || account["uniqueId"] == key);
        Some(found?["uniqueId"].as_str()?.to_owned())
    }

    fn roles_answer(
        &mut self,
        method: &str,
        parent: &str,
        key: Option<&str>,
        body: &Json,
    ) -> (u16, Json) {
        let Some(key) = key else {
            if method == "GET" {
                let roles: Vec<_> = self.roles.values().cloned().collect();
                return (200, json!({"roles": roles}));
            }
            let name = format!("{parent}/roles/{}", body["roleId"].as_str().unwrap());
            match self.roles.get(&name).map(|role| role["deleted"] == true) {
                Some(true) => {
                    let words = "You can't create a role where one is in a deleted state.";
                    return error(400, "FAILED_PRECONDITION", words);
                }
                Some(false) => return error(409, "ALREADY_EXISTS", "A role already exists"),
                None => {}
            }
            let mut role = body["role"].clone();
            role["name"] = name.clone().into();
            role["etag"] = self.etag().into();
            self.roles.insert(name, role.clone());
            return (200, role);
        };
        let (id, verb) = key.split_once(':').unwrap_or((key, ""));
        let name = format!("{parent}/roles/{id}");
        let etag = self.etag();
        let Some(role) = self.roles.get_mut(&name) else {
            return missing(&name);
        };
        match (method, verb) {
            ("GET", "") => {}
            ("POST", "undelete") => role["deleted"] = false.into(),
            ("DELETE", "") => role["deleted"] = true.into(),
            ("PATCH", "") => {
                if body["etag"] != role["etag"] {
                    return error(409, "ABORTED", "There were concurrent changes.");
                }
                for (field, value) in body.as_object().unwrap() {
                    role[field.as_str()] = value.clone();
                }
                role["etag"] = etag.into();
            }
            _ => return error(404, "NOT_FOUND", "Method not found."),
        }
        (200, role.clone())
    }

    fn effect(&mut self, request: &str) -> Effect {
        let met = self
            .faults
            .iter()
            .position(|fault| request.contains(fault.on));
        met.map_or(Effect::Pass, |index| self.faults.remove(index).effect)
    }
}

pub(super) fn error(code: u16, status: &str, message: &str) -> (u16, Json) {
    let error = json!({"code": code, "status": status, "message": message});
    (code, json!({ "error": error }))
}

fn missing(what: &str) -> (u16, Json) {
    error(404, "NOT_FOUND", &format!("{what} does not exist."))
}

fn reply((code, body): (u16, Json), retry_after: Option<u64>) -> Result<Reply, Failure> {
    let mut headers = HeaderMap::new();
    if let Some(seconds) = retry_after {
        headers.insert("retry-after", seconds.into());
    }
    Ok(Reply {
        status: StatusCode::from_u16(code).unwrap(),
        headers,
        body: body.to_string().into_bytes(),
    })
}

#[async_trait]
impl Transport for Google {
    async fn exchange(&self, request: Outgoing) -> Result<Reply, Failure> {
        let latency = self.world().latency;
        if !latency.is_zero() {
            tokio::time::sleep(latency).await;
        }
        let mut world = self.world();
        let line = format!("{} {}", request.method, request.url.path());
        let effect = world.effect(&line);
        world.requests.push(line);
        let authorization = request.headers.get("authorization");
        let authorization = authorization.map(|value| value.to_str().unwrap().to_owned());
        world.authorizations.push(authorization);
        if request.method != Method::GET {
            world
                .bodies
                .push(serde_json::from_slice(&request.body).unwrap_or_default());
        }
        let broken = || ProviderError::new(ErrorKind::Unavailable, "the connection broke");
        match effect {
            Effect::Pass => reply(world.answer(&request), None),
            Effect::Answer(code, body) => reply((code, body), None),
            Effect::Busy(code, seconds) => {
                reply(error(code, "RESOURCE_EXHAUSTED", "later"), Some(seconds))
            }
            Effect::Lost { done } => {
                if done {
                    world.answer(&request);
                }
                Err(Failure::Lost(broken()))
            }
            Effect::Unreached => Err(Failure::Unreached(broken())),
        }
    }
}
