use rbacform_core::Text;
use serde::Deserialize;

use crate::remote::{RemoteMeta, nullable};

/// The part of a ServiceAccount that is read.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct ServiceAccountObject {
    pub(super) metadata: RemoteMeta,
    #[serde(deserialize_with = "nullable")]
    pub(super) image_pull_secrets: Vec<SecretName>,
    pub(super) automount_service_account_token: Option<bool>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct SecretName {
    pub(super) name: Text,
}
