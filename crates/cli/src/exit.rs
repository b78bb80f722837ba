//! Exit codes: what scripts and CI may rely on. Documented in `docs/reference/exit-codes.md`.

use std::process::ExitCode;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done, nothing pending.
    Done,
    /// Failed, nothing changed.
    Failed,
    /// Changes pending (`plan --detailed-exitcode`) or drift found (`drift`).
    Pending,
    /// Partly applied, state saved.
    Partial,
    /// The lock is held, or the plan is stale.
    Stale,
    /// An assertion failed; a preflight or a gate refused.
    Refused,
    /// The command line itself was wrong.
    Usage,
    /// A bug of this program.
    Bug,
    /// Interrupted, nothing changed.
    Interrupted,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Pending => 2,
            Exit::Partial => 3,
            Exit::Stale => 4,
            Exit::Refused => 5,
            Exit::Usage => 64,
            Exit::Bug => 70,
            Exit::Interrupted => 130,
        })
    }
}
