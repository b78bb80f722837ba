//! What the end-to-end tests share: worlds, repositories, and somebody else at the same server.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "test support: each test target uses its part, and what fails must fail the test"
)]

pub mod client;
pub mod control_plane;
pub mod repo;
pub mod scene;
pub mod terminal;
pub mod world;
