use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rbacform_core::{Diagnostic, Location};

use crate::LockInfo;

/// What went wrong with state, its lock or its journal.
///
/// Cloned to everybody who waits for a journal that failed, hence the shared source.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StateError {
    /// The file system refused.
    #[error("cannot {doing} `{}`: {source}", path.display())]
    Io {
        /// What was tried: `read`, `write`, `make durable`…
        doing: &'static str,
        /// On which file.
        path: PathBuf,
        /// What the system said.
        source: Arc<io::Error>,
    },
    /// A file that is not what it should be.
    #[error("{what} `{}` cannot be read: {why}", path.display())]
    Broken {
        /// `the state file` or `the journal`.
        what: &'static str,
        /// Which one.
        path: PathBuf,
        /// The line, from 1.
        line: u32,
        /// The column, from 1.
        column: u32,
        /// What is wrong there.
        why: String,
        /// What to do.
        help: String,
    },
    /// A format that this version does not know.
    #[error(
        "`{}` has the format `{found}`{}, and this version {} reads only `{ours}`",
        path.display(),
        writer.as_ref().map(|v| format!(", written by rbacform {v}")).unwrap_or_default(),
        env!("CARGO_PKG_VERSION")
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: String,
        /// The program version that wrote it.
        writer: Option<String>,
        /// The format known here.
        ours: &'static str,
    },
    /// State of another stack or environment.
    #[error("`{}` is the state of {found}, not of {wanted}", path.display())]
    OtherStack {
        /// The file.
        path: PathBuf,
        /// Whose it is.
        found: String,
        /// Whose it should be.
        wanted: String,
    },
    /// A journal of another state.
    #[error(
        "the journal `{}` belongs to a state of lineage `{found}`, and {}",
        path.display(),
        if current.is_empty() { "there is no state".to_owned() }
        else { format!("the state here has lineage `{current}`") }
    )]
    OtherLineage {
        /// The journal.
        path: PathBuf,
        /// Its lineage.
        found: String,
        /// The state's.
        current: String,
    },
    /// Somebody holds the lock.
    #[error("the state is locked: {holder}")]
    Held {
        /// Who.
        holder: Box<LockInfo>,
        /// The lock file.
        path: PathBuf,
    },
    /// Nobody holds the lock.
    #[error("the state is not locked: there is no `{}`", path.display())]
    NotLocked {
        /// The lock file that is not there.
        path: PathBuf,
    },
    /// The lock has another id.
    #[error("the lock's id is `{found}`, not `{given}`")]
    OtherLock {
        /// The id it has.
        found: String,
        /// The id that was given.
        given: String,
    },
    /// Somebody else changed the state since it was read.
    #[error(
        "somebody changed the state `{}` since it was read: it was serial {expected} and is {found}",
        path.display()
    )]
    Changed {
        /// The state file.
        path: PathBuf,
        /// The serial that was read.
        expected: u64,
        /// What is there now.
        found: String,
    },
    /// A state that must not be written.
    #[error("this state cannot be written: {0}")]
    Unwritable(String),
}

impl StateError {
    pub(crate) fn io<'a>(
        doing: &'static str,
        path: &'a Path,
    ) -> impl FnOnce(io::Error) -> Self + use<'a> {
        move |source| Self::Io {
            doing,
            path: path.to_owned(),
            source: Arc::new(source),
        }
    }

    /// Whether another run is the reason (exit code 4), so that trying later may help.
    pub fn is_contention(&self) -> bool {
        matches!(self, Self::Held { .. } | Self::Changed { .. })
    }

    /// A stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "state-io",
            Self::Broken { .. } => "state-broken",
            Self::Newer { .. } => "state-newer",
            Self::OtherStack { .. } => "state-other-stack",
            Self::OtherLineage { .. } => "state-other-lineage",
            Self::Held { .. } => "state-locked",
            Self::NotLocked { .. } => "state-not-locked",
            Self::OtherLock { .. } => "state-other-lock",
            Self::Changed { .. } => "state-changed",
            Self::Unwritable(_) => "state-unwritable",
        }
    }

    /// What to do.
    pub fn help(&self) -> String {
        match self {
            Self::Io { path, .. } => format!(
                "mend the cause (space, permissions, the disk) and run the command again; what was \
                 done is kept in the state or the journal beside `{}`",
                path.display()
            ),
            Self::Broken { help, .. } => help.clone(),
            Self::Newer { .. } => "use that version of rbacform; nothing was written".to_owned(),
            Self::OtherStack { .. } => {
                "check `[stack] name`, `--env` and `--state`; nothing was written".to_owned()
            }
            Self::OtherLineage { current, .. } if current.is_empty() => {
                "put the state it belongs to back, or rebuild it with `rbacform state recover`"
                    .to_owned()
            }
            Self::OtherLineage { path, .. } => format!(
                "put the state it belongs to back, or move `{}` away",
                path.display()
            ),
            Self::Held { holder, .. } => format!(
                "wait for it to end; if you are sure that it no longer runs: `rbacform unlock {}`",
                holder.id
            ),
            Self::NotLocked { .. } => "there is nothing to unlock".to_owned(),
            Self::OtherLock { found, .. } => {
                format!(
                    "somebody else holds it now; to remove that lock: `rbacform unlock {found}`"
                )
            }
            Self::Changed { .. } => "run the command again: it plans anew and finds by their mark \
                                     the objects that this run made"
                .to_owned(),
            Self::Unwritable(_) => "nothing was written".to_owned(),
        }
    }

    /// The diagnostic that says this, with its place where there is one.
    pub fn diagnostic(&self) -> Diagnostic {
        let diagnostic = Diagnostic::error(self.code(), self.to_string()).help(self.help());
        match self {
            Self::Broken {
                path, line, column, ..
            } => diagnostic.in_file(Location {
                file: path.display().to_string(),
                line: *line,
                column: *column,
            }),
            Self::Newer { path, .. } | Self::OtherStack { path, .. } => {
                diagnostic.in_file(Location {
                    file: path.display().to_string(),
                    line: 1,
                    column: 1,
                })
            }
            _ => diagnostic,
        }
    }
}
