//! Changes: what a plan does to one resource, and what else stands or happened beside it.

use serde::{Deserialize, Serialize};

use crate::{Address, Difference, ObjectId, Text, Value, Writer};

/// What is done to one resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// It is made.
    Create,
    /// It is changed in place.
    Update,
    /// It is made anew, because what changes is immutable.
    Replace,
    /// It is deleted.
    Delete,
    /// It exists and is taken over.
    Adopt,
    /// Only its address changes; nothing is sent.
    Move,
    /// It is no longer managed, and stays.
    Forget,
    /// Nothing is done.
    NoOp,
}

/// Why an action was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Declared, and not in the world.
    Declared,
    /// Managed, but somebody deleted it.
    DeletedOutside,
    /// Its arguments changed.
    ArgumentsChanged,
    /// Somebody changed it in the world.
    Drifted,
    /// Its mark was taken off.
    MarkMissing,
    /// An attribute changes that cannot change in place.
    Immutable,
    /// No longer declared.
    NotDeclared,
    /// Its `until` is past.
    Expired,
    /// The plan is to destroy everything.
    Destroy,
    /// It carries this stack's mark, but state does not know it: an interrupted apply made it.
    MarkedOurs,
    /// The world makes it by itself.
    BuiltIn,
    /// `--adopt` was given.
    AdoptRequested,
    /// A grant that stands already: from now on removing it from the stack revokes it.
    AlreadyThere,
    /// A grant that stands already, and that stays when it is no longer declared.
    AlreadyThereAndStays,
    /// Another address for the same object.
    AddressChanged,
    /// No longer declared by itself: another resource of the stack decides over it now.
    CoveredByAnother,
    /// No longer declared, and gone already.
    AlreadyGone,
    /// No longer declared, and `on_destroy` is `abandon`.
    Abandoned,
    /// The world is what the stack says.
    Unchanged,
}

impl Reason {
    /// A sentence for people.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Declared => "declared, and not there yet",
            Self::DeletedOutside => "somebody deleted it",
            Self::ArgumentsChanged => "its arguments changed",
            Self::Drifted => "somebody changed it",
            Self::MarkMissing => "somebody took its mark off",
            Self::Immutable => "what changes cannot be changed in place",
            Self::NotDeclared => "no longer declared",
            Self::Expired => "its `until` is past",
            Self::Destroy => "everything is to be destroyed",
            Self::MarkedOurs => "it carries this stack's mark and is not in the state",
            Self::BuiltIn => "it appears by itself",
            Self::AdoptRequested => "`--adopt` was given",
            Self::AlreadyThere => {
                "it stands already; from now on removing it from the stack revokes it"
            }
            Self::AlreadyThereAndStays => {
                "it stands already, and stays when it is no longer declared"
            }
            Self::AddressChanged => "it has another address now",
            Self::CoveredByAnother => "another resource of this stack decides over it now",
            Self::AlreadyGone => "no longer declared, and gone already",
            Self::Abandoned => "no longer declared, and left in place",
            Self::Unchanged => "nothing to do",
        }
    }
}

/// Before and after of one resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Its name in the stack.
    pub address: Address,
    /// The name it had, where that differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_address: Option<Address>,
    /// Its type.
    #[serde(rename = "type")]
    pub type_name: Text,
    /// Its identity.
    pub object: ObjectId,
    /// What is done.
    pub action: Action,
    /// Why.
    pub reason: Reason,
    /// What the stack owns of it now; null where it does not exist.
    pub before: Value,
    /// What it becomes; null where it goes.
    pub after: Value,
    /// Where they differ.
    pub differences: Vec<Difference>,
    /// The resources it waits for.
    pub depends_on: Vec<Address>,
}

/// What happened behind the stack's back to one resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drift {
    /// Its name in the stack.
    pub address: Address,
    /// Its identity.
    pub object: ObjectId,
    /// Modified or deleted.
    pub kind: DriftKind,
    /// From what was applied to what is there now.
    pub differences: Vec<Difference>,
    /// Who last wrote it, other than us, where the server tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Writer>,
}

/// The kinds of drift.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DriftKind {
    /// It is there, but not as it was applied.
    Modified,
    /// It is gone.
    Deleted,
}

/// Access that the stack touches and nobody declares: a binding to a declared role or in a
/// declared namespace, a grant on a policy that the stack touches.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Unmanaged {
    /// `kubernetes` or `gcp`.
    pub platform: String,
    /// `binding` or `grant`.
    pub kind: String,
    /// The binding, or the grant.
    pub object: ObjectId,
    /// Who holds it.
    pub subject: String,
    /// Which role: `ClusterRole view`, `roles/viewer`.
    pub role: String,
    /// Where it holds.
    #[serde(flatten)]
    pub place: UnmanagedPlace,
    /// The expression it holds under, where it is conditional.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
}

/// Where unmanaged access holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnmanagedPlace {
    /// Of a binding: a namespace or `cluster`.
    Scope(String),
    /// Of a grant: the resource whose policy has it.
    Resource(String),
}

impl UnmanagedPlace {
    /// The name of the place.
    pub fn name(&self) -> &str {
        match self {
            Self::Scope(name) | Self::Resource(name) => name,
        }
    }
}
