//! A real etcd, kube-apiserver and kube-controller-manager for integration tests.
//!
//! `tests/control-plane/build` makes the binary. Where it has not been built there is no plane, and a
//! test that needs one passes without it, saying so; with `CI=true` that is a failure.
//!
//! ```ignore
//! let Some(plane) = ControlPlane::shared() else { return };
//! let user = plane.new_user();
//! plane.kubeconfig(&path, &[plane.admin(), &user]);
//! let mark = plane.mark();
//! // ... run rbacform ...
//! assert_eq!(plane.requests_by_user_agent(mark, "rbacform/")["list roles"], 1);
//! ```
#![allow(
    dead_code,
    unreachable_pub,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "test support: each test target uses its part, and a plane that fails must fail the test"
)]

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

pub use requests::{Request, count};

#[path = "control_plane/requests.rs"]
mod requests;

const BINARY: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../tests/control-plane/bin/control-plane"
);

/// How many identities [`ControlPlane::new_user`] can hand out.
const POOL: usize = 200;

/// The bound on waiting for the audit lines of requests that have been answered already.
const AUDIT_TIMEOUT: Duration = Duration::from_secs(10);

/// A running control plane, stopped and its folder removed on drop, or when this process ends
/// however it ends: its processes live no longer than a pipe that we hold.
pub struct ControlPlane {
    process: Child,
    directory: PathBuf,
    server: String,
    admin: Identity,
    identities: Vec<Identity>,
    users_handed_out: AtomicUsize,
}

/// Somebody the API server knows.
#[derive(Clone)]
pub struct Identity {
    /// The user name, which is also the name of its context in a kubeconfig, and its uid.
    pub user: String,
    /// Groups besides `system:authenticated`.
    pub groups: Vec<String>,
    /// What it logs in with.
    pub credential: Credential,
}

/// What an [`Identity`] logs in with.
#[derive(Clone)]
pub enum Credential {
    /// A bearer token.
    Token(String),
    /// A client certificate with its key, both PEM in base64, as a kubeconfig's `-data` keys hold them.
    Certificate { certificate: String, key: String },
}

impl Identity {
    /// An identity with a token, for [`ControlPlane::start`].
    pub fn token(token: &str, user: &str, groups: &[&str]) -> Self {
        Self {
            user: user.to_owned(),
            groups: groups.iter().map(|&group| group.to_owned()).collect(),
            credential: Credential::Token(token.to_owned()),
        }
    }
}

impl ControlPlane {
    /// The plane that all tests of one test binary share; `None` where it has not been built.
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<ControlPlane>> = OnceLock::new();
        SHARED.get_or_init(|| Self::start(&[])).as_ref()
    }

    /// A plane of one's own with further token identities; `None` where it has not been built.
    ///
    /// # Panics
    /// With `CI=true` where it has not been built, and where it does not start.
    pub fn start(identities: &[Identity]) -> Option<Self> {
        if !Path::new(BINARY).is_file() {
            let ci = std::env::var("CI").is_ok_and(|value| value == "true");
            assert!(
                !ci,
                "the real API server is not optional in CI: run tests/control-plane/build"
            );
            eprintln!("skipped on the real API server: run tests/control-plane/build to have one");
            return None;
        }
        let mut identities = identities.to_vec();
        identities.extend((1..=POOL).map(|number| {
            Identity::token(
                &format!("token-of-user-{number}"),
                &format!("user-{number}"),
                &[],
            )
        }));
        Some(Self::launch(identities))
    }

    fn launch(identities: Vec<Identity>) -> Self {
        // The plane itself removes the folder: it also outlives a test binary that was killed.
        let directory = tempfile::Builder::new()
            .prefix("control-plane-")
            .tempdir()
            .unwrap()
            .keep();
        let tokens = directory.join("further-tokens.csv");
        write_private(&tokens, &token_lines(&identities));
        let mut process = Command::new(BINARY)
            .args(["plane", "--ephemeral", "--tokens"])
            .args([&tokens, &directory])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0) // Ctrl-C in a terminal is for the tests; the plane follows them
            .spawn()
            .expect("tests/control-plane/bin/control-plane starts");
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let Ok(ready) = serde_json::from_str::<Value>(&line) else {
            let mut error = String::new();
            process
                .stderr
                .take()
                .unwrap()
                .read_to_string(&mut error)
                .unwrap();
            panic!("the control plane did not start: {error}");
        };
        let admin = Identity::token(text(&ready, "/admin_token"), "admin", &["system:masters"]);
        Self {
            process,
            directory,
            server: text(&ready, "/server").to_owned(),
            admin,
            identities,
            users_handed_out: AtomicUsize::new(0),
        }
    }

    /// `https://127.0.0.1:PORT`.
    pub fn server_url(&self) -> &str {
        &self.server
    }

    /// The authority that signed the server's certificate, PEM.
    pub fn ca_pem(&self) -> String {
        fs::read_to_string(self.directory.join("ca.crt")).unwrap()
    }

    /// The user `admin` of the group `system:masters`.
    pub fn admin(&self) -> &Identity {
        &self.admin
    }

    /// A token identity that was given to [`Self::start`].
    ///
    /// # Panics
    /// Where there is none of that name.
    pub fn identity(&self, user: &str) -> &Identity {
        self.identities
            .iter()
            .find(|identity| identity.user == user)
            .unwrap_or_else(|| panic!("no identity `{user}` was given to the control plane"))
    }

    /// A token identity without groups or access, which no other test of this plane gets.
    pub fn new_user(&self) -> Identity {
        let number = self.users_handed_out.fetch_add(1, Ordering::Relaxed) + 1;
        self.identity(&format!("user-{number}")).clone()
    }

    /// A new identity, of any name and groups, that logs in with a client certificate.
    pub fn certificate(&self, user: &str, groups: &[&str]) -> Identity {
        let output = Command::new(BINARY)
            .arg("certificate")
            .args([&self.directory, Path::new(user)])
            .args(groups)
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let data: Value = serde_json::from_slice(&output.stdout).unwrap();
        Identity {
            credential: Credential::Certificate {
                certificate: text(&data, "/client-certificate-data").to_owned(),
                key: text(&data, "/client-key-data").to_owned(),
            },
            ..Identity::token("", user, groups)
        }
    }

    /// Writes a kubeconfig, mode 0600, with a context named after each identity; the first is current.
    pub fn kubeconfig(&self, path: &Path, identities: &[&Identity]) {
        write_private(path, &self.kubeconfig_value(identities).to_string());
    }

    /// What [`Self::kubeconfig`] writes, for tests that change it (exec plugins, broken files).
    pub fn kubeconfig_value(&self, identities: &[&Identity]) -> Value {
        let users: Vec<_> = identities
            .iter()
            .map(|identity| kubeconfig_user(identity))
            .collect();
        let contexts: Vec<_> = identities
            .iter()
            .map(|Identity { user, .. }| {
                json!({"name": user, "context": {"cluster": "control-plane", "user": user}})
            })
            .collect();
        let authority = self.directory.join("ca.crt");
        json!({
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{
                "name": "control-plane",
                "cluster": {"server": self.server, "certificate-authority": authority},
            }],
            "users": users,
            "contexts": contexts,
            "current-context": identities.first().map_or("", |identity| &identity.user),
        })
    }

    /// A place in the audit log, to count only the requests after it.
    pub fn mark(&self) -> Mark {
        Mark(fs::metadata(self.audit_log()).unwrap().len())
    }

    /// The answered requests after `mark` that are `wanted`, in the order of their arrival.
    ///
    /// The server logs a request before it answers, so none that a client has seen answered is
    /// missing; how it ended is logged just after, and waited for.
    /// Choose by who and what, not by `code`, which is 0 until then.
    pub fn requests_since(&self, mark: Mark, wanted: impl Fn(&Request) -> bool) -> Vec<Request> {
        let deadline = Instant::now() + AUDIT_TIMEOUT;
        loop {
            let log = fs::read(self.audit_log()).unwrap();
            let since = log.get(usize::try_from(mark.0).unwrap()..).unwrap();
            let mut requests = requests::read_requests(&String::from_utf8_lossy(since));
            requests.retain(&wanted);
            let open: Vec<_> = requests
                .iter()
                .filter(|request| request.code == 0)
                .collect();
            if open.is_empty() {
                return requests;
            }
            assert!(
                Instant::now() < deadline,
                "requests without an end: {open:?}"
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// How many requests after `mark` each user agent beginning with `prefix` made, by verb and
    /// resource: `{"list roles": 1, "create serviceaccounts/token": 2, "get /version": 1}`.
    pub fn requests_by_user_agent(&self, mark: Mark, prefix: &str) -> BTreeMap<String, usize> {
        count(&self.requests_since(mark, |request| request.user_agent.starts_with(prefix)))
    }

    fn audit_log(&self) -> PathBuf {
        self.directory.join("audit.log")
    }
}

impl Drop for ControlPlane {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

/// A place in the audit log.
#[derive(Clone, Copy)]
pub struct Mark(u64);

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

fn kubeconfig_user(identity: &Identity) -> Value {
    let login = match &identity.credential {
        Credential::Token(token) => json!({"token": token}),
        Credential::Certificate { certificate, key } => json!({
            "client-certificate-data": certificate,
            "client-key-data": key,
        }),
    };
    json!({"name": identity.user, "user": login})
}

/// The lines of the API server's token file: `token,user,uid,"group1,group2"`.
fn token_lines(identities: &[Identity]) -> String {
    let line = |Identity {
                    user,
                    groups,
                    credential,
                }: &Identity| match credential {
        Credential::Token(token) => format!("{token},{user},{user},\"{}\"\n", groups.join(",")),
        Credential::Certificate { .. } => {
            panic!("`{user}` logs in with a certificate, not a token")
        }
    };
    identities.iter().map(line).collect()
}

fn write_private(path: &Path, content: &str) {
    let mut options = fs::OpenOptions::new();
    let mut file = options
        .create(true)
        .truncate(true)
        .write(true)
        .mode(0o600)
        .open(path)
        .unwrap();
    file.write_all(content.as_bytes()).unwrap();
}
