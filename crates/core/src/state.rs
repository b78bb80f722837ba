//! Prior: what state recorded at the last apply. The model; its file format is the state crate's.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Address, Mark, ObjectId, OnDestroy, Text, Value};

/// The state of one stack (and environment).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateSnapshot {
    /// The stack's name.
    pub stack: String,
    /// The environment, where there is one.
    pub env: Option<String>,
    /// Who this state is; made at the first apply and never changed. Empty before that.
    pub lineage: String,
    /// Counts the changes of this state, from 1. Zero before the first apply.
    pub serial: u64,
    /// Which worlds it was applied to: by provider instance for a cluster, by
    /// `INSTANCE:projects/ID` for a Google project.
    pub worlds: BTreeMap<String, WorldPin>,
    /// What is managed, by identity.
    pub resources: BTreeMap<ObjectId, StateResource>,
    /// The outputs of the last apply.
    pub outputs: BTreeMap<String, Value>,
}

/// One managed object, as it was last applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateResource {
    /// The address it had.
    pub address: Address,
    /// Its identity.
    pub object: ObjectId,
    /// The uid it had.
    pub uid: Text,
    /// The attributes the stack owned, as applied.
    pub attributes: Value,
    /// The objects it required.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requires: Vec<ObjectId>,
    /// The addresses it depended on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub depends_on: Vec<Address>,
    /// Whether it may be destroyed; kept here so that removing the block does not remove the
    /// protection.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub prevent_destroy: bool,
    /// What happens when it is no longer declared.
    #[serde(default)]
    pub on_destroy: OnDestroy,
    /// Paths that were ignored.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ignore_changes: Vec<Text>,
}

/// A world that a provider instance speaks to, so that another one under the same name is noticed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorldPin {
    /// The server's URL.
    pub server: String,
    /// The world's own id: the uid of the namespace `kube-system`, a project's number. Empty where
    /// it may not be read.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub uid: String,
    /// A digest of the certificate authority; pins the world, with the server's URL, where the
    /// uid may not be read.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub ca: String,
}

impl WorldPin {
    /// Whether two pins may be of one world. Ids decide; without one on either side, URL and CA do.
    pub fn same_world(&self, other: &Self) -> bool {
        if !self.uid.is_empty() && !other.uid.is_empty() {
            return self.uid == other.uid;
        }
        self.server == other.server && self.ca == other.ca
    }
}

impl StateSnapshot {
    /// The state of a stack that was never applied.
    pub fn empty(stack: impl Into<String>, env: Option<String>) -> Self {
        Self {
            stack: stack.into(),
            env,
            lineage: String::new(),
            serial: 0,
            worlds: BTreeMap::new(),
            resources: BTreeMap::new(),
            outputs: BTreeMap::new(),
        }
    }

    /// The mark that this state's objects carry.
    pub fn mark(&self) -> Mark {
        Mark::new(&self.stack, self.env.as_deref(), self.lineage.clone())
    }

    /// Whether anything was ever applied.
    pub fn exists(&self) -> bool {
        !self.lineage.is_empty()
    }
}
