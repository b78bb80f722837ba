//! The sandbox over HTTP, in the words of kube-apiserver 1.36.3 and of Google.

// A helper outside a test function fails its test by panicking, too.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod aggregation;
mod apply;
mod client;
mod escalation;
mod faults;
mod google;
mod identity;
mod namespaces;
mod objects;
mod persistence;
mod preconditions;
mod reads;
mod reviews;
mod service_accounts;
mod validation;
