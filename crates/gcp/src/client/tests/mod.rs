//! The client against a Google in memory, on a clock of its own: no sockets, no waiting.

mod accounts;
mod contention;
mod faults;
mod google;
mod isolation;
mod lookups;
mod policies;
mod reads;
mod roles;
mod steps;
mod tokens;
