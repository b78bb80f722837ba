use rbacform_core::Map;

use super::object::ClusterRoleObject;
use crate::remote::{Remote, RemoteMeta, rules, selectors};

impl Remote for ClusterRoleObject {
    /// Aggregated rules are there too: a role that stops to aggregate must compare them. Nobody
    /// owns them before that.
    fn split(self) -> (RemoteMeta, Map) {
        let mut attributes = Map::from_iter([("rules", rules(self.rules))]);
        if let Some(rule) = self.aggregation_rule {
            attributes.insert("aggregate", selectors(rule.cluster_role_selectors));
        }
        (self.metadata, attributes)
    }
}
