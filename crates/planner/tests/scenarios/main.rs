//! What the planner decides, and in which order it would be carried out.

mod decisions;
mod order;
mod support;
