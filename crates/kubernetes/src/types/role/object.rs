use serde::Deserialize;

use crate::remote::{RemoteMeta, RemoteRule, nullable};

/// The part of a Role that is read.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct RoleObject {
    pub(super) metadata: RemoteMeta,
    #[serde(deserialize_with = "nullable")]
    pub(super) rules: Vec<RemoteRule>,
}
