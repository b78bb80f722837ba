//! The embedded sandbox, for as long as one command needs it.

use std::sync::Arc;
use std::time::Duration;

use rbacform_sandbox::{PersistError, PredefinedRoles, Sandbox, SandboxError};
use tokio::time::{Instant, sleep};

use super::google;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::planning::Request;

/// Starts it on the root's own world. What the stack names and does not declare exists there.
pub(super) async fn open(request: &Request<'_>) -> Result<Sandbox, Failure> {
    let mut queue = Queue::default();
    loop {
        match start(request) {
            Err(SandboxError::World(PersistError::InUse { ref holder, .. }))
                if queue.moves_on(holder, Instant::now()) =>
            {
                sleep(LOOK).await;
            }
            started => return started.map_err(|error| failure(&error)),
        }
    }
}

/// How long one other run may hold the sandbox's world, and how often it is looked for.
const WAIT: Duration = Duration::from_secs(10);
const LOOK: Duration = Duration::from_millis(50);

/// Runs that hold the world one after the other: however many come first, a run waits as long as it
/// moves on.
#[derive(Default)]
struct Queue {
    /// Who holds it, and since when.
    first: Option<(String, Instant)>,
}

impl Queue {
    /// Whether to go on waiting, where this one holds it now.
    fn moves_on(&mut self, holder: &str, now: Instant) -> bool {
        match &self.first {
            // For a moment whoever has come first has not said who it is.
            Some((known, since)) if known == holder || holder == UNSAID => now - *since < WAIT,
            _ => {
                self.first = Some((holder.to_owned(), now));
                true
            }
        }
    }
}

/// The holder of whom no id is read.
const UNSAID: &str = "?";

fn start(request: &Request<'_>) -> Result<Sandbox, SandboxError> {
    let folder = request.loaded.place.sandbox();
    let builder = Sandbox::builder()
        .persist(folder)
        .google_roles(Arc::new(GoogleRoles));
    let named = google::named(&request.loaded.stack);
    let builder = named
        .iter()
        .fold(builder, |builder, name| builder.google_resource(name));
    builder.start()
}

/// Google's own roles, from the table in this program.
#[derive(Debug)]
pub(crate) struct GoogleRoles;

impl PredefinedRoles for GoogleRoles {
    fn names(&self) -> Vec<String> {
        rbacform_gcp::roles::all().collect()
    }

    fn permissions(&self, role: &str) -> Option<Vec<String>> {
        let permissions = rbacform_gcp::roles::permissions(role)?;
        Some(permissions.into_iter().map(str::to_owned).collect())
    }

    fn knows_permission(&self, permission: &str) -> bool {
        rbacform_gcp::roles::permission_exists(permission)
    }
}

/// Why there is no sandbox.
pub(crate) fn failure(error: &SandboxError) -> Failure {
    let busy = matches!(error, SandboxError::World(PersistError::InUse { .. }));
    let first: &dyn std::error::Error = error;
    let message = std::iter::successors(Some(first), |error| error.source())
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ");
    match (busy, error) {
        (true, _) => Failure::error("sandbox-in-use", message)
            .help("wait for the other run to end")
            .exit(Exit::Stale),
        (_, SandboxError::World(_)) => Failure::error("sandbox", message)
            .help("to start afresh, remove the folder `.rbacform/sandbox` of the root"),
        _ => Failure::error("sandbox", message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_waits_as_long_as_others_come_and_go() {
        let began = Instant::now();
        let after = |seconds| began + Duration::from_secs(seconds);
        let mut queue = Queue::default();
        for turn in 0..5 {
            let holder = format!("{}", 100 + turn);
            assert!(queue.moves_on(&holder, after(turn * 9)));
            assert!(queue.moves_on(UNSAID, after(turn * 9 + 8)));
        }
        assert!(queue.moves_on("104", after(45)));
        assert!(!queue.moves_on("104", after(46)), "ten seconds");
        assert!(!queue.moves_on(UNSAID, after(47)), "nobody else came");
    }
}
