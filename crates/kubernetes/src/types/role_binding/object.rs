use serde::Deserialize;

use crate::remote::{RemoteMeta, RemoteRoleRef, RemoteSubject, nullable};

/// The part of a RoleBinding that is read.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct RoleBindingObject {
    pub(super) metadata: RemoteMeta,
    pub(super) role_ref: RemoteRoleRef,
    #[serde(deserialize_with = "nullable")]
    pub(super) subjects: Vec<RemoteSubject>,
}
