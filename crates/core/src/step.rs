//! Steps: what the executor carries out. Data; every choice was made by the planner.

use serde::{Deserialize, Serialize};

use crate::{Address, Digest, Mark, ObjectId, StateResource, Text, Value};

/// One write: usually one edit of one object; several where a provider coalesces (many grants on
/// one policy are one read-modify-write).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Its number, its index in the plan's list.
    pub id: usize,
    /// The provider instance that carries it out.
    pub instance: Text,
    /// What is written, in order of object. Never empty.
    pub edits: Vec<Edit>,
    /// The group key the edits share, where they were coalesced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Steps that must be done before.
    pub depends_on: Vec<usize>,
    /// Whether readers of the server's caches may still lack what the steps before made, so that
    /// this step must wait a moment: the old binding may go only once the new role is seen.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub settle: bool,
}

/// The wanted change of one object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    /// The resource it belongs to; what failures are reported by.
    pub address: Address,
    /// The object written.
    pub object: ObjectId,
    /// What is done.
    pub kind: EditKind,
    /// What must still be so.
    pub precondition: Precondition,
    /// What state records once it is done: the entry, or none where it is to be forgotten. The
    /// entry's uid is filled in from the reply.
    pub records: Option<StateResource>,
    /// Whether state has a say at all: a bridge binding never enters it.
    pub transient: bool,
}

/// The kinds of edit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum EditKind {
    /// Make it; it must not exist, unless it is built in.
    Create {
        /// The attributes.
        attributes: Value,
        /// Our mark.
        mark: Mark,
        /// Whether the world may have made it by itself in the meantime.
        built_in: bool,
    },
    /// Make it so, overwriting what the plan showed. Also adopts.
    Update {
        /// The attributes.
        attributes: Value,
        /// Our mark.
        mark: Mark,
    },
    /// Take our mark off; leave the rest.
    Abandon {
        /// The attributes to leave.
        attributes: Value,
    },
    /// Delete it.
    Delete,
    /// Only state changes: nothing is sent.
    Record,
}

/// What a plan compared, and so what must still be so when it is carried out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Precondition {
    /// The object's uid; none where it must not exist.
    pub uid: Option<Text>,
    /// The compare-and-swap token seen; only a first try, never a reason to refuse.
    pub version: Option<Text>,
    /// Exactly what was compared: the managed part of what was observed. A fresh observation,
    /// projected to this shape, must be equal.
    pub compared: Value,
}

impl Precondition {
    /// The digest of what was compared.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.compared)
    }

    /// Whether a fresh observation is still what the plan compared.
    pub fn holds(&self, uid: &str, observed: &Value) -> bool {
        let projected = crate::compare::project(observed, &self.compared, &Value::Null);
        self.uid.as_deref() == Some(uid) && crate::compare::same(&projected, &self.compared)
    }
}
