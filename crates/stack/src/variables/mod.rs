//! Variables: what a stack is told from outside.

mod declare;
mod kind;
mod publish;
mod values;

use std::collections::BTreeMap;

use rbacform_core::{Node, Span, Text};

pub(crate) use declare::declare;
pub(crate) use kind::Kind;
pub(crate) use publish::{hide, publish, validate};
pub(crate) use values::{Assigned, Given, assign};

/// Variables by name.
pub(crate) type Variables = BTreeMap<Text, Variable>;

/// A declared variable.
#[derive(Debug)]
pub(crate) struct Variable {
    /// Where its name is written.
    pub(crate) span: Span,
    pub(crate) kind: Kind,
    pub(crate) default: Option<Node>,
    pub(crate) sensitive: bool,
    pub(crate) validations: Vec<Validation>,
    /// Whether something is wrong with its declaration: then it is not also reported as missing.
    pub(crate) spoilt: bool,
}

/// A condition on a variable's value.
#[derive(Debug)]
pub(crate) struct Validation {
    pub(crate) condition: Node,
    pub(crate) message: Text,
}
