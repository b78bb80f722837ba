use rbacform_core::Map;

use super::object::NamespaceObject;
use crate::remote::{Remote, RemoteMeta};

impl Remote for NamespaceObject {
    fn split(self) -> (RemoteMeta, Map) {
        (self.metadata, Map::new())
    }
}
