//! Runs a plan's steps: concurrency, order, the write-ahead journal, cancellation, events. It
//! makes no choices: every one is in the steps.
//!
//! ```text
//! LocalStore::load -> settle_open_intents -> (plan) -> apply -> Applied
//!                                                        `-- execute -> Report
//! ```

mod apply;
mod audit;
mod cancel;
mod event;
mod execute;
mod graph;
mod report;
mod settle;
mod step;

pub use apply::{Applied, Apply, ApplyError, OutputsAfter, apply};
pub use cancel::{Cancel, Canceller, cancel};
pub use event::{Event, Subject};
pub use execute::{Providers, Run, execute};
pub use report::{EditEnd, Failure, NotStarted, Report, Summary};
pub use settle::{SettleError, Settled, settle_open_intents};
