//! The Google half, over HTTP.

mod access;
mod accounts;
mod client;
mod clusters;
mod containers;
mod credentials;
mod evaluator;
mod faults;
mod limits;
mod members;
mod persistence;
mod policies;
mod roles;
mod targets;
