//! The access change: who gains and who loses what.

use serde::{Deserialize, Serialize};

use crate::ObjectId;

/// The change in effective access. What nobody here can evaluate is in the third list: never
/// silence.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessChange {
    /// What somebody gains.
    pub gained: Vec<AccessEntry>,
    /// What somebody loses.
    pub lost: Vec<AccessEntry>,
    /// What may change for somebody, nobody here can say how.
    pub cannot_tell: Vec<AccessEntry>,
}

/// One thing that a subject gains or loses: verbs on a resource where it is known what a role gives
/// (Kubernetes), the role itself otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AccessEntry {
    /// `kubernetes` or `gcp`.
    pub platform: String,
    /// Who, as stack files spell it; `*` for everybody who holds the role through bindings that
    /// could not be read.
    pub subject: String,
    /// The Google account as which the pods of `subject` hold it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acting_as: Option<String>,
    /// Kubernetes' verbs; `*` for every one but those in `except`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub verbs: Vec<String>,
    /// Google's permissions, where they are told one by one: of a role that changed, those that are
    /// new, or gone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub permissions: Vec<String>,
    /// The role, e.g. `roles/viewer`, `ClusterRole view`, where that is all that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// What of: `pods`, `pods/log`, a URL; `*` where the role decides.
    pub resource: String,
    /// The resource's API group, `""` for core, `*` for every one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_group: Option<String>,
    /// Objects by name; all of them where empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    /// Where: a namespace, `cluster`, or a resource's full name.
    pub scope: String,
    /// The expression it holds under, where it is conditional.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    /// What of it is not meant, in words: `verbs get, list`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<String>,
    /// Namespaces in which nothing of it changes, where the scope is the cluster.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub but_in: Vec<String>,
    /// What of it does not change in some namespaces, where the scope is the cluster.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub except_in: Vec<ExceptIn>,
    /// Through which bindings.
    pub via: Vec<Via>,
}

/// What of an entry about the whole cluster is not meant in some namespaces.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ExceptIn {
    /// The namespaces.
    pub namespaces: Vec<String>,
    /// What the subject holds there on the other side, in words: `get secrets`.
    pub except: Vec<String>,
}

/// A binding and its role, on the way from a subject to its access.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Via {
    /// The binding.
    pub binding: ObjectId,
    /// The role.
    pub role: ObjectId,
    /// The file that declares the binding, else the role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The line, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
}
