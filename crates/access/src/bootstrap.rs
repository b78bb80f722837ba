//! The roles and bindings that an API server creates by itself.

use serde_json::Value;

/// The newest version whose bootstrap objects are known.
pub const VERSION: &str = "1.36";

const V1_36: &str = include_str!("bootstrap/v1.36.json");

/// The bootstrap objects of Kubernetes 1.36 (listed from kube-apiserver v1.36.3 with default feature
/// gates and the Node and RBAC authorizers), whole, as the server's JSON without what differs from
/// cluster to cluster (uid, resourceVersion, times, managedFields): cluster roles, cluster role
/// bindings, roles and role bindings.
pub fn objects() -> Vec<Value> {
    // The text is part of this crate and read by a test, so it parses.
    serde_json::from_str(V1_36).unwrap_or_default()
}

/// The same of another version.
pub fn objects_of(_version: crate::Version) -> Vec<Value> {
    objects()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn the_objects_are_those_that_a_server_of_this_version_creates() {
        let mut counts = BTreeMap::new();
        for object in objects() {
            *counts
                .entry(object["kind"].as_str().unwrap().to_owned())
                .or_insert(0) += 1;
            let metadata = object["metadata"].as_object().unwrap();
            assert!(!metadata.contains_key("uid") && !metadata.contains_key("managedFields"));
        }
        let expected = [
            ("ClusterRole", 69),
            ("ClusterRoleBinding", 50),
            ("Role", 7),
            ("RoleBinding", 7),
        ];
        assert_eq!(
            counts,
            expected
                .map(|(kind, count)| (kind.to_owned(), count))
                .into()
        );
    }
}
