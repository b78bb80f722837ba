//! Ctrl-C: once to stop starting, twice to stop at once.

use rbacform_executor::Canceller;
use tokio::task::JoinHandle;

/// Watches for Ctrl-C and for a polite kill, until aborted.
pub(crate) fn watch(canceller: Canceller, speak: bool) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut presses = 0_u32;
        loop {
            if interrupted().await.is_err() {
                return;
            }
            presses += 1;
            canceller.cancel();
            if speak {
                say(presses);
            }
        }
    })
}

fn say(presses: u32) {
    let words = match presses {
        1 => {
            "\nStopping: what is in flight is finished and recorded. Ctrl-C again stops at once.\n"
        }
        _ => "\nStopping at once: the next run finds out what became of what was in flight.\n",
    };
    // Without a stderr there is nobody to tell.
    let _ = std::io::Write::write_all(&mut std::io::stderr(), words.as_bytes());
}

/// Waits for Ctrl-C, or for a polite kill.
#[cfg(unix)]
pub(crate) async fn interrupted() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        pressed = tokio::signal::ctrl_c() => pressed,
        _ = terminate.recv() => Ok(()),
    }
}

/// Waits for Ctrl-C.
#[cfg(not(unix))]
pub(crate) async fn interrupted() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}
