//! What the planner decides, and in which order it would be carried out.

#![allow(clippy::unwrap_used)]

mod adoption;
mod authority;
mod careful;
mod cloud;
mod decisions;
mod gates;
mod order;
mod recovered;
mod support;
