//! The Google client over real sockets: what is on the wire, and where tokens come from.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

mod credentials;
mod log;
mod server;
mod wire;
mod world;
