//! Bad days: rbacform killed at any instant, answers lost, servers busy, rights revoked, Ctrl-C.
//!
//! The world is a sandbox in the test's own process, so it outlives every killed run. Whatever
//! happened, the next `apply --yes` goes on without asking, and afterwards world and state agree:
//! every object that carries the stack's mark is in the state, and the other way round.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what fails must fail the test"
)]

#[path = "../support/mod.rs"]
mod support;

mod bridges;
mod crowd;
mod faults;
mod interrupts;
mod kills;
mod moments;
mod races;
mod rights;
mod stage;
mod verify;
