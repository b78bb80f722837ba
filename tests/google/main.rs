//! The Google side, end to end: the real `rbacform` against the sandbox, every request and reply
//! held against Google's published API descriptions and read by Google's own models.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what fails must fail the test"
)]

#[path = "../support/mod.rs"]
mod support;

mod discovery;
mod google;
mod reader;
mod stage;
mod wire;

mod accounts;
mod assertions;
mod bindings;
mod canaries;
mod crowd;
mod every_target;
mod faults;
mod limits;
mod lockout;
mod members;
mod needs;
mod policies;
mod preflight;
mod requests;
mod roles;
mod targets;
