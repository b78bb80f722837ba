//! The mark: how an object says which stack manages it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The annotation that names the stack: `NAME` or `NAME/ENV`.
pub const STACK_ANNOTATION: &str = "rbacform.io/stack";
/// The annotation that carries the state's lineage.
pub const LINEAGE_ANNOTATION: &str = "rbacform.io/lineage";

/// The label that goes with the mark where nobody else set it, and our value of it.
pub const MANAGED_BY: (&str, &str) = ("app.kubernetes.io/managed-by", "rbacform");

/// Which stack, environment and lineage manage an object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Mark {
    /// `NAME` or `NAME/ENV`.
    pub stack: String,
    /// The lineage of the stack's state. Two repositories may both have a stack `quickstart`;
    /// their lineages differ.
    pub lineage: String,
}

impl Mark {
    /// The mark of a stack.
    pub fn new(stack: &str, env: Option<&str>, lineage: impl Into<String>) -> Self {
        let stack = match env {
            Some(env) => format!("{stack}/{env}"),
            None => stack.to_owned(),
        };
        Self {
            stack,
            lineage: lineage.into(),
        }
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "stack `{}`, lineage `{}`", self.stack, self.lineage)
    }
}
