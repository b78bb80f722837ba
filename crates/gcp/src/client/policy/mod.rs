//! Policies: one get, one set with the etag of what was read.

mod contention;
mod edits;
mod isolate;
mod outcomes;
mod read;
mod set;
mod vertex;
mod write;
