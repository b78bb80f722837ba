//! Expressions: `${CEL}` in any string.

mod compile;
mod data;
mod evaluate;
mod message;
mod references;
mod scan;
mod value;

pub(crate) use compile::{CompileError, Compiler, Program, Template};
pub(crate) use data::{Data, Instance, LaterBody, MapBody};
pub(crate) use evaluate::{Evaluator, Failure, Names};
pub(crate) use references::{Key, Mention, Target};
pub(crate) use scan::has_expression;
