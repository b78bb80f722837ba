//! The bridge: one graph over a cluster and Google.
//!
//! A pod's service account acts as a Google service account, which holds roles; and whoever can
//! make a pod, run commands in one, or mint the account's token comes to the same. Edges are
//! "becomes": each is proven by a binding of either side.
//!
//! Google: `kubernetes-engine/docs/how-to/workload-identity`. GKE knows people and service accounts
//! by their Google addresses, so a user of a cluster and a member of a policy are one
//! (`kubernetes-engine/docs/how-to/role-based-access-control`).

mod actor;
mod back;
mod delta;
mod faces;
mod forward;
mod makers;
mod pools;
mod powers;
mod selves;
mod workloads;

#[cfg(test)]
mod delta_tests;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use crate::google;
use crate::{Facts, Grant};

pub use delta::{Acting, Guised};
pub use makers::{ByPods, Candidate};
pub use selves::Own;
pub use workloads::{Workloads, annotation};

/// Both worlds at one moment, ready to be asked.
#[derive(Clone, Copy)]
pub struct Bridge<'f> {
    /// Google's.
    pub google: google::Evaluator<'f>,
    /// The cluster's roles and bindings.
    pub kubernetes: &'f Facts,
    /// The cluster's service accounts, and which cluster it is.
    pub workloads: &'f Workloads,
}

/// How pods act as the Google account of their annotation.
pub const IDENTITY: &str = "Workload Identity";

/// Somebody becomes somebody else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// How: `create pods in namespace training`.
    pub how: String,
    /// As whom one then acts: `serviceaccount:training/trainer`.
    pub becomes: String,
    /// What allows it.
    pub proof: Proof,
}

/// What allows a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// A binding of the cluster.
    Kubernetes(Grant),
    /// A grant at Google.
    Google(google::Grant),
    /// The members of a group.
    Group(String),
}

/// Somebody who gets at what was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reached {
    /// Who, as stack files spell it.
    pub subject: String,
    /// The way; empty for who holds it directly.
    pub steps: Vec<Step>,
    /// The grants that end it.
    pub via: Vec<google::Grant>,
    /// What is missing to be sure; empty where it is sure.
    pub missing: BTreeSet<google::Missing>,
}

/// Everybody who gets at something.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WhoCan {
    /// Who does, those with the shortest way first.
    pub reached: Vec<Reached>,
    /// Controllers and the like, which the platform itself lets make pods: counted, not listed.
    pub platform: usize,
    /// Service accounts that hold it and are disabled or gone: they can do nothing.
    pub disabled: BTreeSet<String>,
    /// What was not read: it may name others, or deny those above.
    pub missing: BTreeSet<google::Missing>,
}

/// A role that somebody gets at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The way; empty for what is held directly.
    pub steps: Vec<Step>,
    /// The role, and where.
    pub holding: google::Holding,
}
