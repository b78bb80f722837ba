//! The provider contract: how the executor reads a world and writes to it.
//!
//! A provider has two halves. The pure one is [`rbacform_core::Semantics`]: schemas, canonical
//! forms, no I/O. The other is [`Provider`], the only door to the world. Only the command line's
//! read phase calls [`Provider::read`]; only the executor calls [`Provider::write`].

mod error;
mod query;
mod write;

pub use error::{ErrorKind, ProviderError};
pub use query::{Observation, Query, Target};
pub use write::{WriteOutcome, Written};

use async_trait::async_trait;
use rbacform_core::{ObjectId, ObservedObject, Step};

/// A connection to one world.
#[async_trait]
pub trait Provider: Send + Sync {
    /// Reads what a plan needs, with as few requests as the question allows.
    ///
    /// May be called again for kinds not asked for before; a kind is never listed twice.
    async fn read(&self, query: &Query) -> Result<Observation, ProviderError>;

    /// Reads one object afresh: to settle an open intent, or to see whether a refused write is
    /// stale. `None` where it does not exist.
    async fn read_one(&self, object: &ObjectId) -> Result<Option<ObservedObject>, ProviderError>;

    /// Who the server says we are.
    async fn identity(&self) -> Result<String, ProviderError>;

    /// Carries out one step. Retries what is safe to repeat, within the provider's bound; reads a
    /// create whose answer was lost before sending it again; on a conflict reads again and goes on
    /// only where the step's precondition still holds.
    ///
    /// The outcome is per edit, in the step's order: a coalesced write may fail for one member
    /// and do the others.
    async fn write(&self, step: &Step) -> Vec<WriteOutcome>;

    /// How many requests were sent so far, retries included.
    fn requests(&self) -> u64;
}
