//! IAM policies: one for each resource, whichever way it is spelled.

mod check;
mod limits;
mod lint;
mod model;
mod read;
mod write;

pub(crate) use check::supports;
pub(crate) use lint::lint;
pub(crate) use model::{Condition, Policy};
pub(crate) use read::{get, test};
pub(crate) use write::set;
