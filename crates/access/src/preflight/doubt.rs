//! Doubts: writes that RBAC, as far as it is known, does not let through.

use rbacform_core::plan::Verdict;
use rbacform_core::{Address, ObjectId};

use super::rules::Needed;
use crate::{PolicyRule, Request};

/// Why one write may be refused, and what would clear it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// The resource that the write belongs to.
    pub address: Address,
    /// The object written.
    pub object: ObjectId,
    /// What it comes to where nothing clears it.
    pub verdict: Verdict,
    /// Why, in the server's words.
    pub reason: String,
    /// What the actor lacks.
    pub missing: Vec<String>,
    /// The least that lets it pass.
    pub grant: Vec<Needed>,
    /// Each clears it, if the server says so.
    pub ways: Vec<Way>,
}

/// Questions that clear a doubt if each is answered with yes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// What to ask the server about ourselves.
    pub requests: Vec<Request>,
    /// Whether only RBAC's own yes counts: what a writer holds through another authorizer covers
    /// nothing.
    pub by_rbac: bool,
}

/// Rules as the server prints them.
pub(super) fn printed(rules: &[PolicyRule]) -> Vec<String> {
    rules.iter().map(ToString::to_string).collect()
}
