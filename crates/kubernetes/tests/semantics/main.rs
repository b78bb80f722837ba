//! What the types mean: the pure half, through its public door.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

mod canonical;
mod manifests;
mod places;
mod refused;
mod source;
