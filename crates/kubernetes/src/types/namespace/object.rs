use serde::Deserialize;

use crate::remote::RemoteMeta;

/// The part of a Namespace that is read.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct NamespaceObject {
    pub(super) metadata: RemoteMeta,
}
