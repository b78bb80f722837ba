//! Plans: the immutable result of planning, in the shape that `rbacform.plan/1` prints.

mod access;
mod change;
mod verdicts;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Value;

pub use access::{AccessChange, AccessEntry, ExceptIn, Via};
pub use change::{Action, Change, Drift, DriftKind, Reason, Unmanaged, UnmanagedPlace};
pub use verdicts::{AssertionResult, AssertionStatus, AssertionVia, Finding, Preflight, Verdict};

/// The format name of a plan document.
pub const FORMAT: &str = "rbacform.plan/1";

/// A plan. Keys are in the order that `rbacform.plan/1` prints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// `rbacform.plan/1`.
    pub format: String,
    /// The version of the program that made it.
    pub rbacform_version: String,
    /// The stack's name.
    pub stack: String,
    /// The environment.
    pub env: Option<String>,
    /// What it is for.
    pub mode: Mode,
    /// Counts per action.
    pub summary: Summary,
    /// The changes, in order of address. No-ops are left out.
    pub changes: Vec<Change>,
    /// What happened behind the stack's back.
    pub drift: Vec<Drift>,
    /// What nobody declares.
    pub unmanaged: Vec<Unmanaged>,
    /// How many grants of the platform's own service agents stand on those policies besides:
    /// counted, not listed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub service_agents: usize,
    /// How many subjects of the platform's own bindings there are besides: counted, not listed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unmanaged_bootstrap: usize,
    /// Who gains and who loses what.
    pub access: AccessChange,
    /// Risks and dead rules.
    pub findings: Vec<Finding>,
    /// What the stack's assertions came to.
    pub assertions: Vec<AssertionResult>,
    /// Writes that will or may be refused, in order of address.
    pub preflight: Vec<Preflight>,
    /// The outputs after apply.
    pub outputs: BTreeMap<String, Value>,
    /// Who was asked.
    pub world: World,
    /// When the plan was made, RFC 3339.
    pub now: String,
    /// What it cost.
    pub requests: Requests,
}

/// What a plan is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Make the world what the stack says.
    #[default]
    Apply,
    /// Remove everything the stack manages.
    Destroy,
    /// Make state what the world is; change nothing.
    RefreshOnly,
}

/// How many resources get which action.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Made.
    pub create: usize,
    /// Changed in place.
    pub update: usize,
    /// Made anew.
    pub replace: usize,
    /// Deleted.
    pub delete: usize,
    /// Taken over.
    pub adopt: usize,
    /// Renamed.
    #[serde(rename = "move")]
    pub moved: usize,
    /// No longer managed.
    pub forget: usize,
    /// Left alone.
    pub no_op: usize,
    /// Of those that stay as they are, the ones of which state learns something: only a plan with
    /// `--refresh-only` counts them.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub learn: usize,
}

impl Summary {
    /// Counts one action.
    pub fn count(&mut self, action: Action) {
        let counter = match action {
            Action::Create => &mut self.create,
            Action::Update => &mut self.update,
            Action::Replace => &mut self.replace,
            Action::Delete => &mut self.delete,
            Action::Adopt => &mut self.adopt,
            Action::Move => &mut self.moved,
            Action::Forget => &mut self.forget,
            Action::NoOp => &mut self.no_op,
        };
        *counter += 1;
    }

    /// How many resources change.
    pub fn pending(&self) -> usize {
        let Self {
            create,
            update,
            replace,
            delete,
            adopt,
            moved,
            forget,
            no_op: _,
            learn: _,
        } = self;
        create + update + replace + delete + adopt + moved + forget
    }
}

/// Which worlds were asked, and as whom.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct World {
    /// The clusters.
    pub kubernetes: Vec<KubernetesWorld>,
    /// The Google projects.
    pub gcp: Vec<GcpWorld>,
}

/// One cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KubernetesWorld {
    /// The server's URL.
    pub server: String,
    /// The kubeconfig's context, where one was used.
    pub context: Option<String>,
    /// Who the server says we are; none where it was not asked.
    pub identity: Option<String>,
}

/// One Google project.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GcpWorld {
    /// The project's id.
    pub project: String,
    /// Who we are there.
    pub identity: Option<String>,
}

/// How many requests were sent, per platform.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requests {
    /// To Kubernetes API servers.
    pub kubernetes: u64,
    /// To Google APIs.
    pub gcp: u64,
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}
