//! `[policy]`: which risks refuse a plan, and which single ones are let through.

use crate::{Address, Span, Text};

/// The gates of a stack, resolved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// Codes of findings that refuse a plan here, besides the gates that always do.
    pub refuse: Vec<Gate>,
    /// `[[policy.exception]]`, in the order written.
    pub exceptions: Vec<PolicyException>,
}

/// A finding that a stack makes a gate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gate {
    /// The finding's code, e.g. `basic-role`.
    pub code: Text,
    /// Where it is written.
    pub span: Span,
}

/// Lets one gate or finding of one resource pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyException {
    /// The code of the gate or finding.
    pub code: Text,
    /// The resource. Without a key it stands for every instance.
    pub address: Address,
    /// Why it is all right.
    pub reason: String,
    /// Until when, in seconds since 1970; for good where not given.
    pub until: Option<i64>,
    /// Where it is written.
    pub span: Span,
}
