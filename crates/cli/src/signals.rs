//! Ctrl-C: once to stop starting, twice to stop at once.

use rbacform_executor::{Cancel, Canceller};

use crate::failure::Failure;

/// Watches for Ctrl-C and for a polite kill, for as long as the runtime lives. Neither ends the
/// process any more.
pub(crate) fn watch(canceller: Canceller) {
    // Where the system has no signals to watch, Ctrl-C stays what it is: the end.
    let Ok(mut presses) = Presses::new() else {
        return;
    };
    tokio::spawn(async move {
        while presses.next().await {
            canceller.cancel();
        }
    });
}

/// What the work comes to, or that it was interrupted: it is dropped then, wherever it is.
pub(crate) async fn unless_interrupted<T>(
    cancel: &Cancel,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    tokio::select! {
        biased;
        () = cancel.cancelled() => Err(Failure::interrupted()),
        done = work => done,
    }
}

/// Tells a person what each press does while writes are in flight.
pub(crate) async fn tell(cancel: Cancel) {
    cancel.cancelled().await;
    say("\nStopping: what is in flight is finished and recorded. Ctrl-C again stops at once.\n");
    cancel.stopped().await;
    say("\nStopping at once: the next run finds out what became of what was in flight.\n");
}

fn say(words: &str) {
    // Without a stderr there is nobody to tell.
    let _ = std::io::Write::write_all(&mut std::io::stderr(), words.as_bytes());
}

#[cfg(unix)]
struct Presses {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Presses {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// Waits for one; false where none can come any more.
    async fn next(&mut self) -> bool {
        tokio::select! {
            pressed = self.interrupt.recv() => pressed.is_some(),
            asked = self.terminate.recv() => asked.is_some(),
        }
    }
}

#[cfg(not(unix))]
struct Presses;

#[cfg(not(unix))]
impl Presses {
    fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) -> bool {
        tokio::signal::ctrl_c().await.is_ok()
    }
}
