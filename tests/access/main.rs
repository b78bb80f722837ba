//! The access engine beside the real API server: random worlds are written to it, and random
//! questions and writes are judged by both.
//!
//! Without further ado this asks 5,000 access reviews and tries 500 writes by POST and PUT, and 500 as
//! a plan makes them, each held against the preflight. The whole run is
//!
//! ```sh
//! RBACFORM_ACCESS_QUESTIONS=100000 RBACFORM_ACCESS_WRITES=5000 RBACFORM_ACCESS_SEED=1 \
//!     cargo test -p rbacform --test access -- --nocapture
//! ```
//!
//! A failure names its seed, with which the same worlds and questions come again.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "what fails must fail the test"
)]

#[path = "../support/mod.rs"]
mod support;

mod actors;
mod aggregation;
mod coverage;
mod decisions;
mod impersonation;
mod parallel;
mod plane;
mod preflight;
mod questions;
mod random;
mod resources;
mod scale;
mod smallest;
mod worlds;
mod writes;
