//! The preflight: which writes of a plan the API server will refuse, before the first one is sent.
//!
//! [`doubts`] follows the plan's steps in their order and judges each write as the server would:
//! first the verbs, then escalation prevention. What earlier writes give the actor counts, and so
//! does what they take. A doubt is not a verdict yet: RBAC may not be known whole, and another
//! authorizer may allow what RBAC does not. An [`Inquiry`] says what to ask the server, as little as
//! it can, and turns the doubts into verdicts.
//!
//! [`lockouts`] tells where a plan takes away what the stack is managed by.
//!
//! [`needs`] is the other side: what somebody must hold so that nothing is refused.

mod doubt;
mod inquiry;
mod judge;
mod kind;
mod lockout;
mod needs;
mod order;
mod question;
pub mod rules;
mod standing;
mod words;
mod write;

use rbacform_core::{ObservedSet, Step};

pub use doubt::{Doubt, Way};
pub use inquiry::{Answer, Inquiry};
pub use lockout::{Lockout, LockoutInput, Lost, lockouts};
pub use needs::{NeedsInput, needs};
pub use rules::{Needed, Place};

use crate::subject::MASTERS;
use crate::{Facts, User};

use judge::Judge;

/// What the preflight follows from.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// Who carries the plan out, groups and all, as the server says it.
    pub user: &'a User,
    /// Roles and bindings as they stand.
    pub facts: &'a Facts,
    /// The plan's writes.
    pub steps: &'a [Step],
    /// What was read, and which kinds were read whole.
    pub observed: &'a ObservedSet,
}

/// The writes that RBAC, as far as it is known, does not let through, in the order of the steps.
/// No authorizer refuses a member of `system:masters` anything.
pub fn doubts(input: &Input<'_>) -> Vec<Doubt> {
    match input.user.groups.iter().any(|group| group == MASTERS) {
        true => Vec::new(),
        false => Judge::new(input).doubts(),
    }
}

#[cfg(test)]
mod scene;
#[cfg(test)]
mod tests;
