//! What the planner decides, and in which order it would be carried out.

mod careful;
mod decisions;
mod order;
mod recovered;
mod support;
