//! Assertions: what a stack says must hold, tested on a world.
//!
//! Each comes to one of three: it holds, it does not, or something is missing to tell. What an
//! assertion leaves out is meant in its strongest sense: `can` means every object, namespace and
//! API group, `cannot` any of them. So nothing holds merely because the question was narrower than
//! the words. For the same reason a claim about something that exists nowhere is no pass.
//!
//! RBAC only adds: whatever of a world is known, what it grants is granted. That something is not
//! granted can only be told where all that could grant it is known.

mod asker;
mod beyond;
mod ceiling;
mod claims;
mod control;
mod groups;
mod holders;
mod known;
mod nearest;
mod paths;
mod policies;
mod questions;
mod region;
mod somebody;
mod told;
mod unseen;
mod world;

#[cfg(test)]
mod control_tests;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod words_tests;

pub use asker::user;
pub use control::depends_on_version;
pub use policies::{PermissionQuestion, permission_questions};
pub use questions::{Question, questions};
pub use told::{Chain, Part, Status, Verdict};
pub use world::{Planned, Policies, Sight};

use rbacform_core::{Assertion, Claim};

use control::Control;
use told::nothing_there;

/// Tests one assertion.
pub fn check(assertion: &Assertion, world: &Planned<'_>) -> Verdict {
    if assertion.claim.is_on_policies() {
        return policies::check(assertion, world);
    }
    let controls = control::of_deed(assertion, world);
    let (mut untold, mut doubtful) = (None, None);
    for control in controls {
        match control {
            Control::Exists => {}
            Control::Nowhere(found) => return nothing_there(*found),
            Control::Doubtful(found, reason) => {
                untold = Some(reason);
                doubtful = Some(found);
            }
            Control::Untold(reason) => untold = Some(reason),
        }
    }
    let verdict = claim(assertion, world);
    match (verdict.status, doubtful) {
        (Status::Pass, _) => {}
        // Whoever holds `*` holds what is misspelt too: it says nothing of what was meant.
        (Status::Fail, Some(found)) => return nothing_there(*found),
        _ => return verdict,
    }
    if let Some(reason) = untold {
        return reason.verdict();
    }
    let mut controls = somebody::of_asker(assertion, world).into_iter();
    match controls.find(|control| !matches!(control, Control::Exists)) {
        None | Some(Control::Exists) => verdict,
        Some(Control::Nowhere(found)) => nothing_there(*found),
        Some(Control::Doubtful(_, reason) | Control::Untold(reason)) => reason.verdict(),
    }
}

fn claim(assertion: &Assertion, world: &Planned<'_>) -> Verdict {
    match &assertion.claim {
        Claim::Can(asker, deed) => claims::can(world, asker, deed),
        Claim::Cannot(asker, deed) => claims::cannot(world, asker, deed),
        Claim::CanOnly(asker, limits) => ceiling::can_only(world, asker, limits),
        Claim::WhoCan(deed, holders) => holders::who_can(world, deed, holders),
    }
}
