//! The roles and bindings that an API server creates by itself.

use serde::Deserialize;
use serde_json::Value;

use crate::Version;

/// The newest version whose bootstrap objects are known.
pub const VERSION: &str = "1.36";

const V1_36: &str = include_str!("bootstrap/v1.36.json");
/// What each version before has otherwise than the one after it.
const EARLIER: &str = include_str!("bootstrap/earlier.json");

/// The bootstrap objects of Kubernetes 1.36 (listed from kube-apiserver v1.36.3 with default feature
/// gates and the Node and RBAC authorizers), whole, as the server's JSON without what differs from
/// cluster to cluster (uid, resourceVersion, times, managedFields): cluster roles, cluster role
/// bindings, roles and role bindings.
pub fn objects() -> Vec<Value> {
    // The text is part of this crate and read by a test, so it parses.
    serde_json::from_str(V1_36).unwrap_or_default()
}

/// The same of another version, aggregated roles without what they gather (from
/// `plugin/pkg/auth/authorizer/rbac/bootstrappolicy/testdata` of v1.35.4, v1.34.4, v1.33.13 and
/// v1.32.13; that of v1.36.3 is what its server lists). A version without a table of its own has
/// that of the nearest one.
pub fn objects_of(version: Version) -> Vec<Value> {
    let mut objects = objects();
    if version >= Version::NEWEST {
        return objects;
    }
    let earlier: Vec<Step> = serde_json::from_str(EARLIER).unwrap_or_default();
    for step in earlier
        .into_iter()
        .filter(|step| step.minor >= version.minor)
    {
        let is_gone = |object: &Value| {
            let is = |gone: &Id| gone.is_of(object);
            step.without.iter().any(is) || step.with.iter().any(|new| Id::of(new).is_of(object))
        };
        objects.retain(|object| !is_gone(object));
        objects.extend(step.with);
    }
    for object in &mut objects {
        if object.get("aggregationRule").is_some()
            && let Some(fields) = object.as_object_mut()
        {
            fields.remove("rules");
        }
    }
    objects
}

/// From one version back to the one before.
#[derive(Deserialize)]
struct Step {
    minor: u32,
    without: Vec<Id>,
    with: Vec<Value>,
}

#[derive(Deserialize, PartialEq)]
struct Id {
    kind: String,
    namespace: String,
    name: String,
}

impl Id {
    fn of(object: &Value) -> Self {
        let text = |at: &str| {
            object
                .pointer(at)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        Self {
            kind: text("/kind").to_owned(),
            namespace: text("/metadata/namespace").to_owned(),
            name: text("/metadata/name").to_owned(),
        }
    }

    fn is_of(&self, object: &Value) -> bool {
        *self == Self::of(object)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn counts(objects: Vec<Value>) -> [usize; 4] {
        let mut counts = BTreeMap::new();
        for object in objects {
            *counts
                .entry(object["kind"].as_str().unwrap().to_owned())
                .or_insert(0) += 1;
            let metadata = object["metadata"].as_object().unwrap();
            assert!(!metadata.contains_key("uid") && !metadata.contains_key("managedFields"));
        }
        ["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"].map(|kind| counts[kind])
    }

    #[test]
    fn the_objects_are_those_that_a_server_of_the_version_creates() {
        assert_eq!(counts(objects()), [69, 50, 7, 7]);
        for (minor, expected) in [
            (36, [69, 50, 7, 7]),
            (35, [68, 49, 7, 7]),
            (34, [68, 49, 7, 7]),
            (33, [66, 47, 7, 7]),
            (32, [64, 45, 7, 7]),
        ] {
            assert_eq!(counts(objects_of(Version { minor })), expected, "1.{minor}");
        }
    }

    #[test]
    fn a_role_is_that_of_its_version() {
        // Kubernetes 1.36 gives a controller of its own to the eviction of pods by device taints.
        let has = |minor| {
            let name = "system:controller:device-taint-eviction-controller";
            let objects = objects_of(Version { minor });
            objects
                .iter()
                .any(|object| object["metadata"]["name"] == name)
        };
        assert!(has(36) && !has(35));
    }
}
