//! Findings: declared roles and bindings that do not do what they seem to.
//!
//! - [`dead_rules`]: rules, or parts of them, that no request ever matches.
//! - [`idle_in_namespaces`]: rules of which nothing is in any namespace.
//! - [`redundant_grants`]: bindings that give a subject only what it has anyway.
//!
//! Only what is certain is told of. A rule that is unusual, or that only a server of some version
//! would match, is not dead.

mod dead;
mod idle;
mod known;
mod redundant;

pub use dead::{DeadRule, dead_rules};
pub use idle::idle_in_namespaces;
pub use redundant::{Redundant, redundant_grants};
