//! What Kubernetes says of itself in public, case by case: its documentation and its own tests, as
//! tables of ours. Each names where it is from; Kubernetes 1.36.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what fails must fail the test"
)]

mod authorizer;
mod coverage;
mod documentation;
mod escalation;
mod matching;
mod notation;
mod subjects;
