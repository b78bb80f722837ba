//! The command line. Only this crate prints, reads the environment, or exits.

mod args;
mod exit;

fn main() {}
