//! Assertions: a stack's own tests, tried on the world as it will be, and asked of the server.

pub(crate) mod google;
mod live;
mod sight;
mod told;

use std::collections::BTreeSet;

use rbacform_access::assert::{Planned, Policies, Sight, Status, Verdict, check};
use rbacform_access::google::Missing;
use rbacform_access::{Facts, InvalidObject};
use rbacform_core::plan::AssertionResult;
use rbacform_core::{Diagnostic, SourceMap};
use rbacform_stack::Stack;

pub(crate) use live::ask;
pub(crate) use sight::{granted, granted_at_google, of_plan, of_stack};
pub(crate) use told::chain_in_words;

/// What the assertions of a stack come to.
#[derive(Default)]
pub(crate) struct Tested {
    /// One for each, in the order written.
    pub(crate) results: Vec<AssertionResult>,
    /// Errors: those that do not hold.
    pub(crate) failed: Vec<Diagnostic>,
    /// Warnings: those of which nobody here can tell.
    pub(crate) untold: Vec<Diagnostic>,
    /// Kinds that would tell, were they read whole.
    pub(crate) missing: BTreeSet<String>,
    /// What would tell of Google's resources, were it read.
    pub(crate) lacking: BTreeSet<Missing>,
}

/// A world to test assertions on.
pub(crate) struct World<'a> {
    /// Its roles and bindings.
    pub(crate) facts: &'a Facts,
    /// How much of it is known.
    pub(crate) sight: &'a Sight,
    /// The policies of Google resources, where they are known.
    pub(crate) policies: Option<Policies<'a>>,
    /// Whether a part of the stack is left out of it (`--target`): what it grants is not there.
    pub(crate) is_part: bool,
}

/// Tests every assertion of a stack.
pub(crate) fn test(
    stack: &Stack,
    world: &World<'_>,
    sources: &SourceMap,
) -> Result<Tested, InvalidObject> {
    let mut planned = Planned::new(world.facts, world.sight)?;
    if let Some(policies) = world.policies {
        planned = planned.with_policies(policies);
    }
    let teller = told::Teller::new(&stack.resources, sources);
    let mut tested = Tested::default();
    for assertion in &stack.assertions {
        let mut verdict = check(assertion, &planned);
        if world.is_part && verdict.status == Status::Fail && is_lacking(&verdict) {
            verdict.status = Status::CannotTell;
            verdict.message += "; `--target` leaves out a part of the stack";
        }
        tested.missing.extend(verdict.missing.iter().cloned());
        tested.lacking.extend(verdict.lacking.iter().cloned());
        tested.results.push(teller.result(assertion, &verdict));
        match verdict.status {
            Status::Pass => {}
            Status::Fail => tested.failed.push(teller.failure(assertion, &verdict)),
            Status::CannotTell => tested.untold.push(teller.warning(assertion, &verdict)),
        }
    }
    Ok(tested)
}

/// Whether it fails for want of something.
fn is_lacking(verdict: &Verdict) -> bool {
    verdict.via.is_empty() && verdict.grants.is_empty()
}
