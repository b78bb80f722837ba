//! A running sandbox.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::oneshot;

use crate::builder::SandboxBuilder;
use crate::faults::{Faults, RequestMatch};
use crate::google::{GoogleApi, ResourceError};
use crate::hold::{Hold, HoldPoint};
use crate::requests::RequestCounts;
use crate::server::Shared;

/// A Kubernetes API server and a Google half on loopback. Dropping it stops it.
pub struct Sandbox {
    pub(crate) address: SocketAddr,
    pub(crate) admin_token: String,
    pub(crate) world_id: String,
    pub(crate) shared: Arc<Shared>,
    /// Only for what its drop does.
    pub(crate) _running: Running,
}

/// The token stays out of debug output.
impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl Sandbox {
    /// Settings to start one with.
    pub fn builder() -> SandboxBuilder {
        SandboxBuilder::new()
    }

    /// The base URL, `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The base URL of a Google API, to be joined with its versioned path:
    /// `http://127.0.0.1:PORT/google/iam/`.
    pub fn google_url(&self, api: GoogleApi) -> String {
        format!("{}/google/{}/", self.url(), api.name())
    }

    /// The environment that points gcloud and rbacform at the Google half: variable and value.
    pub fn google_environment(&self) -> Vec<(String, String)> {
        let overrides = GoogleApi::ALL.into_iter().filter_map(|api| {
            let variable = api.override_variable()?;
            Some((variable, self.google_url(api)))
        });
        let no_credentials = ("CLOUDSDK_AUTH_DISABLE_CREDENTIALS", "true");
        let no_credentials = (no_credentials.0.to_owned(), no_credentials.1.to_owned());
        overrides.chain([no_credentials]).collect()
    }

    /// Makes a Google resource exist from now on, as [`SandboxBuilder::google_resource`] does; for
    /// one that exists it does nothing.
    ///
    /// # Errors
    ///
    /// [`ResourceError`] where the sandbox serves nothing of that name, or cannot keep it.
    pub fn google_resource(&self, name: &str) -> Result<(), ResourceError> {
        self.shared.google.ensure(name)
    }

    /// Moves the clock of the Google half on: windows end, tokens expire, conditions change. It
    /// is not kept: a sandbox that starts anew has the machine's time.
    pub fn advance_google_clock(&self, by: Duration) {
        self.shared.google.advance(by);
    }

    /// The bearer token of a member of `system:masters`, and of the owner of the Google half; new
    /// at each start.
    pub fn admin_token(&self) -> &str {
        &self.admin_token
    }

    /// The uid of `kube-system`; it stays as long as the world is kept.
    pub fn world_id(&self) -> &str {
        &self.world_id
    }

    /// How many requests were received since the start or the last reset.
    pub fn requests(&self) -> RequestCounts {
        self.shared.counter.snapshot()
    }

    /// Counts from zero again.
    pub fn reset_requests(&self) {
        self.shared.counter.reset();
    }

    /// The faults to inject.
    pub fn faults(&self) -> &Faults {
        &self.shared.faults
    }

    /// Holds the nth matching request from now on, counted from 1, until it is released.
    pub fn hold(&self, on: RequestMatch, nth: u64, point: HoldPoint) -> Hold {
        self.shared.holds.add(on, nth, point)
    }

    /// Stops serving and lets go of the world's directory.
    pub fn shutdown(self) {}
}

/// The serving thread; stopped and waited for when dropped.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) stop: Option<oneshot::Sender<()>>,
    pub(crate) thread: Option<JoinHandle<()>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // The other end is gone only where serving has ended by itself.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
