//! The worlds that scenarios are played in: the sandbox and, where it has been built, a real API
//! server.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};

use rbacform_sandbox::{Sandbox, SandboxBuilder};
use serde_json::{Value, json};

use super::client::Client;
use super::control_plane::{ControlPlane, Credential, Identity, Mark, count};

/// How many users a world knows before it is asked for them; a sandbox serves one scenario alone.
const SANDBOX_POOL: usize = 8;
const PLANE_POOL: usize = 400;

/// The group that all of them are in.
const GROUP: &str = "testers";

/// A cluster.
pub struct World {
    pub server: Server,
    users: AtomicUsize,
    mark: Mutex<Option<Mark>>,
}

/// Who serves it.
pub enum Server {
    /// Ours, in this process, one for each scenario.
    Sandbox(Box<Sandbox>),
    /// The real one, which all scenarios share.
    ControlPlane(&'static ControlPlane),
}

/// A user who logs in with a token.
#[derive(Clone)]
pub struct Login {
    pub user: String,
    pub token: String,
}

impl World {
    /// A sandbox of one's own.
    pub fn sandbox() -> Self {
        Self::of_sandbox(Sandbox::builder())
    }

    /// A sandbox with settings of one's own.
    pub fn of_sandbox(mut builder: SandboxBuilder) -> Self {
        for number in 1..=SANDBOX_POOL {
            let Login { user, token } = pooled(number);
            builder = builder.identity(&token, &user, &[GROUP]);
        }
        Self::of(Server::Sandbox(Box::new(builder.start().unwrap())))
    }

    /// The real API server; none where it has not been built.
    pub fn control_plane() -> Option<Self> {
        plane().map(|plane| Self::of(Server::ControlPlane(plane)))
    }

    fn of(server: Server) -> Self {
        Self {
            server,
            users: AtomicUsize::new(0),
            mark: Mutex::new(None),
        }
    }

    /// The sandbox that serves it.
    ///
    /// # Panics
    /// Where another server does.
    pub fn as_sandbox(&self) -> &Sandbox {
        match &self.server {
            Server::Sandbox(sandbox) => sandbox,
            Server::ControlPlane(_) => panic!("this needs a sandbox"),
        }
    }

    /// The server's URL.
    pub fn url(&self) -> String {
        match &self.server {
            Server::Sandbox(sandbox) => sandbox.url(),
            Server::ControlPlane(plane) => plane.server_url().to_owned(),
        }
    }

    /// The login of a member of `system:masters`.
    pub fn admin_login(&self) -> Login {
        match &self.server {
            Server::Sandbox(sandbox) => Login {
                user: "sandbox-admin".to_owned(),
                token: sandbox.admin_token().to_owned(),
            },
            Server::ControlPlane(plane) => login(plane.admin()),
        }
    }

    /// A user without any access, whom no other scenario uses.
    pub fn new_user(&self) -> Login {
        let (users, pool) = match &self.server {
            Server::Sandbox(_) => (&self.users, SANDBOX_POOL),
            Server::ControlPlane(_) => (&PLANE_USERS, PLANE_POOL),
        };
        let number = users.fetch_add(1, Ordering::Relaxed) + 1;
        assert!(number <= pool, "no more users in the pool");
        pooled(number)
    }

    /// Somebody else at this server, with a login of these.
    pub fn client(&self, login: &Login) -> Client {
        let authority = match &self.server {
            Server::Sandbox(_) => None,
            Server::ControlPlane(plane) => Some(plane.ca_pem()),
        };
        Client::new(&self.url(), authority.as_deref(), &login.token)
    }

    /// Somebody else, who may do everything.
    pub fn admin(&self) -> Client {
        self.client(&self.admin_login())
    }

    /// A kubeconfig whose contexts are named after the users; the first is current.
    pub fn kubeconfig(&self, logins: &[&Login]) -> Value {
        let mut cluster = json!({"server": self.url()});
        if let Server::ControlPlane(plane) = &self.server {
            cluster["certificate-authority-data"] = json!(base64(plane.ca_pem().as_bytes()));
        }
        let names = || logins.iter().map(|login| &login.user);
        json!({
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "cluster", "cluster": cluster}],
            "users": logins.iter().map(|login| {
                json!({"name": login.user, "user": {"token": login.token}})
            }).collect::<Vec<_>>(),
            "contexts": names().map(|user| {
                json!({"name": user, "context": {"cluster": "cluster", "user": user}})
            }).collect::<Vec<_>>(),
            "current-context": names().next(),
        })
    }

    /// Counts requests from here on.
    pub fn count_from_here(&self) {
        match &self.server {
            Server::Sandbox(sandbox) => sandbox.reset_requests(),
            Server::ControlPlane(plane) => *self.mark.lock().unwrap() = Some(plane.mark()),
        }
    }

    /// What rbacform has asked since, logged in as this user: `{"list roles": 1}`.
    pub fn requests(&self, login: &Login) -> BTreeMap<String, usize> {
        match &self.server {
            Server::Sandbox(sandbox) => {
                let mut counts = BTreeMap::new();
                for (key, number) in sandbox.requests().by_agent("rbacform/").iter() {
                    let sort = format!("{} {}", key.verb, key.resource);
                    *counts.entry(sort).or_default() += usize::try_from(number).unwrap();
                }
                counts
            }
            Server::ControlPlane(plane) => {
                let mark = self.mark.lock().unwrap().expect("counting has begun");
                count(&plane.requests_since(mark, |request| {
                    request.user == login.user && request.user_agent.starts_with("rbacform/")
                }))
            }
        }
    }
}

/// Standard base64, as a kubeconfig's `-data` keys hold.
pub fn base64(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// How many users of the control plane are taken.
static PLANE_USERS: AtomicUsize = AtomicUsize::new(0);

/// The plane that all scenarios of one test binary share.
fn plane() -> Option<&'static ControlPlane> {
    static SHARED: OnceLock<Option<ControlPlane>> = OnceLock::new();
    let pool = (1..=PLANE_POOL).map(pooled);
    let identities = pool.map(|Login { user, token }| Identity::token(&token, &user, &[GROUP]));
    SHARED
        .get_or_init(|| ControlPlane::start(&identities.collect::<Vec<_>>()))
        .as_ref()
}

fn pooled(number: usize) -> Login {
    Login {
        user: format!("tester-{number}"),
        token: format!("token-of-tester-{number}"),
    }
}

fn login(identity: &Identity) -> Login {
    match &identity.credential {
        Credential::Token(token) => Login {
            user: identity.user.clone(),
            token: token.clone(),
        },
        Credential::Certificate { .. } => panic!("`{}` has no token", identity.user),
    }
}
