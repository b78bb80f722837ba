use std::collections::{BTreeMap, BTreeSet};

use rbacform_core::{ObjectId, ObservedSet, Text, WorldPin};

/// What a plan must know of one world.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Kinds whose objects are wanted whole, foreign ones included.
    pub kinds: BTreeSet<Text>,
    /// Objects that are declared or in state. Where the identity may not list a kind over the
    /// whole cluster, these say which namespaces to list, then which objects to get.
    pub objects: BTreeSet<ObjectId>,
    /// Whether to learn which world this is.
    pub world: bool,
    /// Worlds that state knows already, as [`Observation::worlds`] names them: where a pin says
    /// all there is to know and cannot change (a project's number), it need not be asked again.
    pub pinned: BTreeMap<String, WorldPin>,
}

/// What was read.
#[derive(Clone, Debug, Default)]
pub struct Observation {
    /// The objects, and which kinds are known whole.
    pub observed: ObservedSet,
    /// Which worlds these are, where asked for: under the instance's name for a cluster, under
    /// `INSTANCE:projects/ID` for each Google project that was asked for its number.
    pub worlds: BTreeMap<String, WorldPin>,
    /// Things a person should know about how it was read: a kind that could not be listed whole.
    pub notes: Vec<String>,
}

/// Where a provider instance points, as far as is known without asking.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// The server's URL.
    pub server: String,
    /// The kubeconfig's context, where one was used.
    pub context: Option<String>,
    /// The kubeconfig's user, or the like: who we are until the server was asked.
    pub user: Option<String>,
}
