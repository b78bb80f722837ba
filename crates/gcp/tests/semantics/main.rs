//! What the types mean: the pure half, through its public door.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

mod canonical;
mod fold;
mod limits;
mod names;
mod observe;
mod places;
mod projects;
mod refused;
mod settings;
mod source;
mod together;
mod warned;
mod writers;
