use super::object::ClusterRoleBindingObject;
use crate::remote::{Remote, RemoteMeta, binding};
use rbacform_core::Map;

impl Remote for ClusterRoleBindingObject {
    fn split(self) -> (RemoteMeta, Map) {
        let attributes = binding(&self.role_ref, &self.subjects, None);
        (self.metadata, attributes)
    }
}
