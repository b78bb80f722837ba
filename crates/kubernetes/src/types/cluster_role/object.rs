use serde::Deserialize;

use crate::remote::{RemoteMeta, RemoteRule, RemoteSelector, nullable};

/// The part of a ClusterRole that is read.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct ClusterRoleObject {
    pub(super) metadata: RemoteMeta,
    #[serde(deserialize_with = "nullable")]
    pub(super) rules: Vec<RemoteRule>,
    pub(super) aggregation_rule: Option<AggregationRule>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct AggregationRule {
    #[serde(deserialize_with = "nullable")]
    pub(super) cluster_role_selectors: Vec<RemoteSelector>,
}
