//! Desired: what the stack says, fully resolved.

use serde::{Deserialize, Serialize};

use crate::{Address, ObjectId, Span, Text, Value};

/// One resource of a stack, resolved and in canonical form.
#[derive(Clone, Debug)]
pub struct DesiredResource {
    /// Its name in the stack.
    pub address: Address,
    /// Its identity in the world.
    pub object: ObjectId,
    /// The attributes that the stack owns, in the provider's canonical form: equal meaning, equal
    /// value.
    pub attributes: Value,
    /// Objects that must exist before it, known from identity: the namespace it is in, the role
    /// it binds, its service accounts. Objects that nobody declares are harmless here.
    pub requires: Vec<ObjectId>,
    /// Addresses it refers to, or names in `depends_on`.
    pub depends_on: Vec<Address>,
    /// How it lives and dies.
    pub lifecycle: Lifecycle,
    /// Whether the world makes it by itself, so that it is adopted without asking and never
    /// deleted: the service account `default`.
    pub built_in: bool,
    /// Where it is declared.
    pub span: Span,
}

/// The `lifecycle` argument of any resource.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lifecycle {
    /// Refuse every plan that would delete or replace it.
    pub prevent_destroy: bool,
    /// Paths of attributes that are left as they are in the world once created.
    pub ignore_changes: Vec<Text>,
    /// What happens when it is no longer declared. The type's default where not set.
    pub on_destroy: Option<OnDestroy>,
}

/// What happens to an object that is no longer declared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnDestroy {
    /// It is deleted.
    #[default]
    Delete,
    /// Our mark is taken off and the object is forgotten.
    Abandon,
}
