//! Durable state: the format, the local store, its lock, the write-ahead journal and the audit
//! record.
//!
//! What must hold, at whatever instant the process is killed:
//!
//! - the state file is whole: replaced by rename, never written in place ([`LocalStore::commit`]);
//! - no writer loses another's work: every commit is compare-and-swap, so the lock is a courtesy
//!   and a zombie cannot commit;
//! - no object is forgotten: an intent is durable before the call that carries it out
//!   ([`Journal`]), and what a killed run left open is settled by live reads ([`settle`]);
//! - success is never reported where durability failed: every failed sync is an error.
//!
//! Nothing here talks to a provider, reads an environment or a clock.

mod audit;
mod checkpoint;
mod durable;
mod error;
mod files;
#[cfg(test)]
mod fixtures;
mod format;
mod journal;
mod lock;
mod record;
mod recover;
mod remains;
mod replay;
mod store;
pub mod surgery;

pub use audit::{AuditEntry, AuditRecord};
pub use checkpoint::{Checkpoint, Point};
pub use error::StateError;
pub use files::Files;
pub use format::{FORMAT, check_writable, decode, encode};
pub use journal::{Journal, JournalHandle, Receipt};
pub use lock::{LockGuard, LockInfo};
pub use record::{Header, Intent, Outcome, Record, RunInfo, Verb};
pub use recover::{Leftover, Loaded};
pub use remains::Remains;
pub use replay::{Replay, apply_outcome, replay, settle};
pub use store::{LocalStore, Version, Versioned};

/// The lineage of a state that is made now: who it is, for ever.
pub fn new_lineage() -> String {
    uuid::Uuid::new_v4().to_string()
}
