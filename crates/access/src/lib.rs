//! Pure authorization engine: facts in, decision out.
//!
//! The semantics are those of the Kubernetes RBAC authorizer, to the letter of its texts, so that
//! an answer given here can be compared with the reason a real API server gives.
//! Nothing in this crate reads a clock, a file, the environment or the network.
//!
//! - [`Facts`] holds roles and bindings; [`authorize()`] answers one [`Request`] of one [`User`].
//! - [`cover`] answers whether a set of rules holds another; [`escalation`] which writes the server
//!   refuses because of it.
//! - [`aggregate`] computes the rules of aggregated cluster roles.
//! - [`impersonation`] tells what the server asks of whoever acts as somebody else.
//! - [`mod@assert`] tests what a stack says must hold.
//! - [`delta()`] compares two worlds: who gains and who loses what.
//! - [`findings`] tells of rules that never match and of grants that another gives already.
//! - [`preflight`] tells which writes of a plan the server will refuse, and what to grant.
//! - [`google`] answers the same of Google IAM: who holds which permission on which resource.
//! - [`bootstrap`] gives the objects that an API server creates by itself.

pub mod aggregate;
pub mod assert;
pub mod authorize;
pub mod binding;
pub mod bootstrap;
pub mod bridge;
pub mod cover;
pub mod delta;
mod dns;
pub mod escalation;
pub mod evaluator;
pub mod facts;
pub mod findings;
pub mod google;
pub mod impersonation;
pub mod manifest;
pub mod matching;
pub mod near;
pub mod objects;
pub mod preflight;
pub mod quote;
mod reasons;
pub mod request;
pub mod resources;
pub mod review;
pub mod role;
pub mod rule;
pub mod selector;
pub mod subject;
mod version;
mod who;

#[cfg(test)]
mod arbitrary;
mod lenient;

pub use authorize::{Decision, Grant, Missing, Via, authorize, every_grant, rules_for};
pub use binding::{ClusterRoleBinding, RoleBinding, RoleRef, Subject};
pub use delta::{Delta, delta};
pub use evaluator::Evaluator;
pub use facts::Facts;
pub use manifest::InvalidObject;
pub use near::{NearMiss, near_misses};
pub use request::{NonResourceRequest, Request, ResourceRequest, User};
pub use review::{InvalidReview, ReviewSpec};
pub use role::{ClusterRole, Role};
pub use rule::PolicyRule;
pub use selector::LabelSelector;
pub use version::{InvalidVersion, Version};
pub use who::who_can;

/// The API group of the RBAC kinds.
pub const RBAC_GROUP: &str = "rbac.authorization.k8s.io";
