//! Runs against a world in memory, or in a file where the process is killed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod apply;
mod cancel;
mod crash;
mod grants;
mod grants_crash;
mod order;
mod policies;
mod world;
