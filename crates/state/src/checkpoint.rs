use std::fmt;
use std::sync::Arc;

/// The instants of an apply at which a crash would differ. A test kills the process at each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Point {
    /// The lock is held.
    Lock,
    /// The journal exists and its header is durable.
    Header,
    /// An intent is about to be journaled.
    Intent,
    /// An intent is durable; its call was not sent.
    AfterIntent,
    /// A call was answered; its outcome is not journaled.
    Call,
    /// An outcome is durable.
    Outcome,
    /// The new state is written beside the old one, and durable there.
    CommitTemp,
    /// The new state took the old one's place.
    CommitRename,
    /// The audit record is durable.
    Audit,
    /// The journal is removed.
    JournalRemoved,
}

/// A hook called at every [`Point`]. Does nothing unless a test wires it.
#[derive(Clone, Default)]
pub struct Checkpoint(Option<Arc<dyn Fn(Point) + Send + Sync>>);

impl Checkpoint {
    /// Calls `hook` at every point. Calls may come from several threads at once.
    pub fn new(hook: impl Fn(Point) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(hook)))
    }

    /// Tells that `point` is reached.
    pub fn reach(&self, point: Point) {
        if let Some(hook) = &self.0 {
            hook(point);
        }
    }
}

impl fmt::Debug for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "wired" } else { "none" })
    }
}
