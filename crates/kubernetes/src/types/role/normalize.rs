use rbacform_core::Map;

use super::object::RoleObject;
use crate::remote::{Remote, RemoteMeta, rules};

impl Remote for RoleObject {
    fn split(self) -> (RemoteMeta, Map) {
        (
            self.metadata,
            Map::from_iter([("rules", rules(self.rules))]),
        )
    }
}
