use rbacform_core::Map;

use super::object::ServiceAccountObject;
use crate::remote::{Remote, RemoteMeta};
use crate::rule;

impl Remote for ServiceAccountObject {
    fn split(self) -> (RemoteMeta, Map) {
        let mut attributes = Map::new();
        if !self.image_pull_secrets.is_empty() {
            let secrets = self
                .image_pull_secrets
                .into_iter()
                .map(|secret| secret.name);
            attributes.insert("image_pull_secrets", rule::string_set(secrets.collect()));
        }
        if let Some(automount) = self.automount_service_account_token {
            attributes.insert("automount_token", automount);
        }
        (self.metadata, attributes)
    }
}
