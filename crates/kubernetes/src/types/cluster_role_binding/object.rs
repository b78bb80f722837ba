use serde::Deserialize;

use crate::remote::{RemoteMeta, RemoteRoleRef, RemoteSubject, nullable};

/// The part of a ClusterRoleBinding that is read.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct ClusterRoleBindingObject {
    pub(super) metadata: RemoteMeta,
    pub(super) role_ref: RemoteRoleRef,
    #[serde(deserialize_with = "nullable")]
    pub(super) subjects: Vec<RemoteSubject>,
}
