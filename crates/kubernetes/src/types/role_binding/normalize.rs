use super::object::RoleBindingObject;
use crate::remote::{Remote, RemoteMeta, binding};
use rbacform_core::Map;

impl Remote for RoleBindingObject {
    fn split(self) -> (RemoteMeta, Map) {
        let namespace = Some(self.metadata.namespace.as_str());
        let attributes = binding(&self.role_ref, &self.subjects, namespace);
        (self.metadata, attributes)
    }
}
