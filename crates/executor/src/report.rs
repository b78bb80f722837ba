use std::collections::BTreeMap;
use std::fmt;

use rbacform_core::{Address, EditKind, Step, Text};
use rbacform_provider::{ErrorKind, ProviderError};
use rbacform_state::StateError;

/// What became of every edit of a run.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Per step, in the plan's order, per edit, in the step's order.
    pub edits: Vec<Vec<EditEnd>>,
    /// The steps that ended by themselves, in the order in which they did.
    pub finished: Vec<usize>,
    /// Whether the run was asked to stop before it had started everything.
    pub interrupted: bool,
    /// Whether anything was, or may have been, changed.
    pub wrote_anything: bool,
    /// Why the journal could not be written, where it could not: nothing more was started then.
    pub journal_error: Option<StateError>,
}

/// What became of one edit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EditEnd {
    /// It was done.
    Done {
        /// The object's uid; empty where it was deleted.
        uid: Text,
        /// The server's name for the request.
        request_id: Option<Text>,
    },
    /// It failed. Where the error's kind is `Unknown`, its intent is still open.
    Failed(ProviderError),
    /// The run stopped at once while it was in flight: its intent is still open.
    Open,
    /// It was not started.
    NotStarted(NotStarted),
}

/// Why an edit was not started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotStarted {
    /// What it depends on failed.
    DependencyFailed(Address),
    /// The run was asked to stop.
    Interrupted,
    /// The journal could not be written.
    Journal,
}

impl fmt::Display for NotStarted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DependencyFailed(address) => write!(f, "`{address}` failed"),
            Self::Interrupted => f.write_str("interrupted"),
            Self::Journal => f.write_str("the journal cannot be written"),
        }
    }
}

impl EditEnd {
    /// Whether it was done.
    pub fn is_done(&self) -> bool {
        matches!(self, Self::Done { .. })
    }

    /// Whether only the world knows what became of it.
    pub fn is_open(&self) -> bool {
        match self {
            Self::Open => true,
            Self::Failed(error) => error.kind == ErrorKind::Unknown,
            Self::Done { .. } | Self::NotStarted(_) => false,
        }
    }
}

/// A run by resource, as `rbacform.apply/1` lists it. Every list is in order of address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// All of their edits were done.
    pub done: Vec<Address>,
    /// One of their edits failed, or is open.
    pub failed: Vec<Failure>,
    /// The others, and why.
    pub not_started: Vec<(Address, NotStarted)>,
}

/// A resource that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The resource.
    pub address: Address,
    /// A stable code.
    pub code: &'static str,
    /// What happened.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl Report {
    pub(crate) fn complete(mut self, steps: &[Step]) -> Self {
        self.interrupted = self.edits.iter().flatten().any(|end| {
            matches!(
                end,
                EditEnd::Open | EditEnd::NotStarted(NotStarted::Interrupted)
            )
        });
        self.wrote_anything = steps.iter().zip(&self.edits).any(|(step, ends)| {
            step.edits
                .iter()
                .zip(ends)
                .any(|(edit, end)| changes_something(&edit.kind, end))
        });
        self
    }

    /// Whether everything was done.
    pub fn is_complete(&self) -> bool {
        self.journal_error.is_none() && self.edits.iter().flatten().all(EditEnd::is_done)
    }

    /// The run by resource; `steps` are those it ran.
    pub fn summary(&self, steps: &[Step]) -> Summary {
        let mut worst: BTreeMap<&Address, &EditEnd> = BTreeMap::new();
        for (step, ends) in steps.iter().zip(&self.edits) {
            for (edit, end) in step.edits.iter().zip(ends) {
                let slot = worst.entry(&edit.address).or_insert(end);
                if severity(end) > severity(slot) {
                    *slot = end;
                }
            }
        }
        let mut summary = Summary::default();
        for (address, end) in worst {
            let address = address.clone();
            match end {
                EditEnd::Done { .. } => summary.done.push(address),
                EditEnd::NotStarted(why) => summary.not_started.push((address, why.clone())),
                EditEnd::Failed(error) => summary.failed.push(Failure {
                    address,
                    code: error.kind.code(),
                    message: error.message.clone(),
                    help: error.help.clone(),
                }),
                EditEnd::Open => summary.failed.push(Failure {
                    address,
                    code: ErrorKind::Unknown.code(),
                    message: "interrupted while its request was in flight".to_owned(),
                    help: Some("the next run finds out what became of it".to_owned()),
                }),
            }
        }
        summary
    }
}

fn changes_something(kind: &EditKind, end: &EditEnd) -> bool {
    match end {
        EditEnd::Done { .. } => true,
        end => end.is_open() && *kind != EditKind::Record,
    }
}

fn severity(end: &EditEnd) -> u8 {
    match end {
        EditEnd::Done { .. } => 0,
        EditEnd::NotStarted(_) => 1,
        EditEnd::Open => 2,
        EditEnd::Failed(_) => 3,
    }
}
