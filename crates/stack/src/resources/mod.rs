//! Resources: declared, spread over `for_each`, checked, resolved.

mod check;
mod declare;
mod instances;
mod lifecycle;

pub(crate) use check::check_arguments;
pub(crate) use declare::{Declaration, declare};
pub(crate) use instances::{Surroundings, elements, evaluate, is_declared};
