//! How a sandbox is set up and started.

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use rbacform_access::User;
use rbacform_access::bootstrap::VERSION;
use rbacform_access::subject::{AUTHENTICATED, MASTERS};
use tokio::sync::oneshot;

use crate::authn::Identities;
use crate::faults::Faults;
use crate::genesis::{fresh_world, world_id};
use crate::google::{
    Google, GoogleQuota, Journal, Member, NewAccounts, OnFirstUse, PredefinedRoles, ResourceError,
    Settings,
};
use crate::hold::Holds;
use crate::persist::{self, PersistError};
use crate::requests::Counter;
use crate::sandbox::{Running, Sandbox};
use crate::server::{Shared, now, serve};
use crate::world::World;

/// Why a sandbox cannot start.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// Its world cannot be read, kept or locked.
    #[error(transparent)]
    World(#[from] PersistError),
    /// Only one version is modelled.
    #[error("the sandbox models Kubernetes {VERSION}, not `{0}`")]
    Version(String),
    /// A Google resource that was asked for cannot be had.
    #[error(transparent)]
    Resource(#[from] ResourceError),
    /// The address cannot be listened on, or threads cannot be had.
    #[error("cannot serve the sandbox on `{address}`: {source}")]
    Serve {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
}

/// Settings of a sandbox to be started.
#[derive(Debug)]
pub struct SandboxBuilder {
    version: String,
    persist: Option<PathBuf>,
    listen: SocketAddr,
    identities: Identities,
    namespace_delay: Duration,
    google: Settings,
}

impl SandboxBuilder {
    pub(crate) fn new() -> Self {
        Self {
            version: VERSION.to_owned(),
            persist: None,
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            identities: Identities::default(),
            namespace_delay: Duration::from_millis(20),
            google: Settings::default(),
        }
    }

    /// The Kubernetes version to be; `1.36` if not set, and only that is modelled.
    pub fn version(mut self, version: &str) -> Self {
        self.version = version.to_owned();
        self
    }

    /// Keeps the world in this directory; in memory if not set.
    pub fn persist(mut self, directory: impl Into<PathBuf>) -> Self {
        self.persist = Some(directory.into());
        self
    }

    /// Where to listen; a free port of 127.0.0.1 if not set.
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self
    }

    /// A caller with a bearer token. `system:authenticated` is added to its groups.
    pub fn identity(mut self, token: &str, user: &str, groups: &[&str]) -> Self {
        let groups = groups.iter().map(ToString::to_string).collect();
        self.identities.add(
            token.to_owned(),
            User {
                name: user.to_owned(),
                groups,
            },
        );
        self
    }

    /// Callers without a token are the sandbox's admin, as at the insecure port of old: kubectl
    /// sends no token over plain http. They are `system:anonymous` if not set.
    pub fn admin_without_token(mut self) -> Self {
        self.identities.without_token = Some(admin());
        self
    }

    /// How long a namespace takes to end: 20 ms if not set; at zero it is gone with the reply.
    pub fn namespace_delay(mut self, delay: Duration) -> Self {
        self.namespace_delay = delay;
        self
    }

    /// What Google's own roles grant. Without a table every well-formed `roles/…` is accepted
    /// everywhere, and reading them answers 501.
    pub fn google_roles(mut self, roles: Arc<dyn PredefinedRoles>) -> Self {
        self.google.roles = Some(roles);
        self
    }

    /// A Google resource that exists from the start, and the project it is in with it:
    /// `projects/P`, `buckets/B`, `projects/P/locations/L/clusters/C`,
    /// `projects/P/serviceAccounts/EMAIL` and so on.
    pub fn google_resource(mut self, name: &str) -> Self {
        self.google.resources.push(name.to_owned());
        self
    }

    /// A project or folder that is in a folder or organization, `folders/1`: what is granted there
    /// counts in it. Both exist from the start. Any other project is in nothing, any other folder in an
    /// organization of its own.
    pub fn google_parent(mut self, child: &str, parent: &str) -> Self {
        let resources = [child, parent].map(str::to_owned);
        self.google.resources.extend(resources);
        self.google.parents.put(child, parent);
        self
    }

    /// What becomes of Google resources that nobody named; projects are created if not set.
    pub fn google_on_first_use(mut self, what: OnFirstUse) -> Self {
        self.google.on_first_use = what;
        self
    }

    /// A caller of the Google half with a bearer token: `user:ana@example.com`, in groups such as
    /// `group:ml@example.com`. Policies say what it may. Callers without a token are the owner.
    pub fn google_identity(mut self, token: &str, member: &str, groups: &[&str]) -> Self {
        let caller = Member {
            member: member.to_owned(),
            groups: groups.iter().map(ToString::to_string).collect(),
        };
        self.google.identities.insert(token.to_owned(), caller);
        self
    }

    /// Who callers of the Google half without a token are: the owner if not set. A program that is
    /// pointed at plain http sends none.
    pub fn google_caller(mut self, member: &str, groups: &[&str]) -> Self {
        self.google.without_token = Some(Member {
            member: member.to_owned(),
            groups: groups.iter().map(ToString::to_string).collect(),
        });
        self
    }

    /// How long after it is overwritten a policy still decides who may do what; not at all if not
    /// set. What `getIamPolicy` answers is never delayed.
    pub fn google_propagation(mut self, window: Duration) -> Self {
        self.google.propagation = window;
        self
    }

    /// How service accounts come into sight; at once if not set.
    pub fn google_new_accounts(mut self, script: NewAccounts) -> Self {
        self.google.new_accounts = script;
        self
    }

    /// How many requests a project may make of each API; any number if not set.
    pub fn google_quota(mut self, quota: GoogleQuota) -> Self {
        self.google.quota = Some(quota);
        self
    }

    /// Starts serving. It runs on threads of its own, so it can be used from any code.
    ///
    /// # Errors
    ///
    /// [`SandboxError`] says what to do about each.
    pub fn start(mut self) -> Result<Sandbox, SandboxError> {
        if self.version != VERSION {
            return Err(SandboxError::Version(self.version));
        }
        let admin_token = format!("sandbox-{}", uuid::Uuid::new_v4().simple());
        self.identities.add(admin_token.clone(), admin());
        self.google.owner_tokens.push(admin_token.clone());
        let world = self.open_world()?;
        let world_id = world_id(&world);
        let journal = match &self.persist {
            Some(directory) => Some(Journal::open(directory)?),
            None => None,
        };
        let google = Google::open(self.google, journal)?;
        google.settle()?;
        let address = self.listen;
        let failed = |source| SandboxError::Serve { address, source };
        let listener = TcpListener::bind(address).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        let bound = listener.local_addr().map_err(failed)?;
        let shared = Arc::new(Shared {
            world: Mutex::new(world),
            identities: self.identities,
            version: self.version,
            namespace_delay: self.namespace_delay,
            counter: Counter::default(),
            faults: Faults::default(),
            holds: Holds::default(),
            google,
            url: format!("http://{bound}"),
        });
        let (stop, thread) = spawn(listener, Arc::clone(&shared)).map_err(failed)?;
        let _running = Running {
            stop: Some(stop),
            thread: Some(thread),
        };
        Ok(Sandbox {
            address: bound,
            admin_token,
            world_id,
            shared,
            _running,
        })
    }

    fn open_world(&self) -> Result<World, PersistError> {
        let Some(directory) = &self.persist else {
            return fresh_world(&now());
        };
        let (known, mut log) = persist::open(directory)?;
        let mut world = match known {
            Some(world) if world_id(&world).is_empty() => {
                return Err(PersistError::CutShort {
                    path: directory.clone(),
                });
            }
            Some(world) => world,
            None => fresh_world(&now())?,
        };
        persist::compact(&mut log, &world)?;
        world.attach(log);
        Ok(world)
    }
}

/// Who the sandbox's owner is to Kubernetes.
fn admin() -> User {
    User {
        name: "sandbox-admin".to_owned(),
        groups: vec![MASTERS.to_owned(), AUTHENTICATED.to_owned()],
    }
}

fn spawn(
    listener: TcpListener,
    shared: Arc<Shared>,
) -> std::io::Result<(oneshot::Sender<()>, JoinHandle<()>)> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("sandbox")
        .enable_all()
        .build()?;
    let listener = {
        let _inside = runtime.enter();
        tokio::net::TcpListener::from_std(listener)?
    };
    let (stop, stopped) = oneshot::channel::<()>();
    let thread = std::thread::Builder::new()
        .name("sandbox".to_owned())
        .spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    _ = serve(listener, shared) => {}
                    _ = stopped => {}
                }
            });
            // Requests in flight are cut off; what they have done stays done.
            runtime.shutdown_timeout(Duration::from_secs(1));
        })?;
    Ok((stop, thread))
}
