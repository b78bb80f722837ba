//! Roles and cluster roles.

use std::collections::BTreeMap;

use crate::{LabelSelector, PolicyRule};

/// A namespaced role.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Role {
    /// The namespace it lives in.
    pub namespace: String,
    /// Its name in that namespace.
    pub name: String,
    /// What it grants.
    pub rules: Vec<PolicyRule>,
}

/// A cluster-wide role.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClusterRole {
    /// Its name.
    pub name: String,
    /// Labels, by which aggregated roles select it.
    pub labels: BTreeMap<String, String>,
    /// What it grants; on an aggregated role, what was last computed.
    pub rules: Vec<PolicyRule>,
    /// The selectors of its `aggregationRule`; `None` on an ordinary role.
    pub aggregation: Option<Vec<LabelSelector>>,
}
