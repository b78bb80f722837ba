//! Google IAM: who holds which permission on which resource.
//!
//! Pure, as the rest of this crate. [`Facts`] holds what is known of allow and deny policies, of the
//! hierarchy, of roles and groups; an [`Evaluator`] answers for one moment. Answers have three
//! values: what a policy that was not read, a group whose members are not known, or a condition on
//! what only Google sees could change, is never passed off as a no.

mod acting;
mod comparison;
mod condition;
mod delta;
mod deny;
mod document;
mod evaluator;
mod facts;
mod hierarchy;
mod member;
mod near;
mod objects;
mod principal;
mod redundant;
mod resource;
mod roles;
mod standing;
mod taken;
mod verdict;
mod who;
mod window;
mod within;

#[cfg(test)]
mod tests;

pub use acting::{Actor, WAYS, Way};
pub(crate) use comparison::Comparison;
pub use condition::{Attributes, Condition, Moment};
pub(crate) use delta::Former;
pub use delta::{Gain, Gained};
pub use deny::DenyRule;
pub use document::InvalidDocument;
pub use evaluator::{Decision, Evaluator, Grant};
pub use facts::{Binding, Facts, Parent};
pub use near::NearMiss;
pub use principal::{Principal, Workload, canonical};
pub use resource::{InvalidResource, Resource};
pub use roles::{CustomRole, Roles};
pub use taken::Taken;
pub use verdict::{Missing, Verdict};
pub use who::{Holder, Holding, WhoCan};
pub use window::Window;
