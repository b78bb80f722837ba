//! The provider against servers: every scenario on the sandbox, and on a real API server wherever
//! `tests/control-plane` has been built.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

#[path = "../../../../tests/support/control_plane.rs"]
mod control_plane;

mod faults;
mod life;
mod login;
mod preconditions;
mod proxy;
mod reading;
mod world;
