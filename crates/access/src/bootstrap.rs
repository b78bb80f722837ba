//! The roles and bindings that an API server creates by itself.

use serde_json::Value;

/// The newest version whose bootstrap objects are known.
pub const VERSION: &str = "1.36";

const V1_36: &str = include_str!("bootstrap/v1.36.json");

/// The bootstrap objects of Kubernetes 1.36, whole, as the server's JSON without what differs from
/// cluster to cluster (uid, resourceVersion, times, managedFields): cluster roles, cluster role
/// bindings, roles and role bindings.
pub fn objects() -> Vec<Value> {
    // The text is part of this crate and read by a test, so it parses.
    serde_json::from_str(V1_36).unwrap_or_default()
}
