//! Service accounts. `iam.projects.serviceAccounts`, v1.

mod read;
mod visible;
mod write;

use rbacform_core::{Map, ObjectId, ObservedObject, Text, Value};
use serde::Deserialize;

use crate::ident::SERVICE_ACCOUNT;

/// A service account as Google answers it. A patch's reply holds only what was patched, so nothing
/// but a whole read is decoded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Account {
    pub(super) name: String,
    pub(super) email: String,
    pub(super) unique_id: String,
    pub(super) display_name: String,
    pub(super) description: String,
    pub(super) disabled: bool,
    pub(super) etag: String,
}

impl Account {
    /// The observed object. Texts that are empty are not set.
    pub(super) fn observed(&self, instance: &Text, project: &str) -> ObservedObject {
        let account_id = self.email.split_once('@').map_or("", |(id, _)| id);
        let mut attributes: Map = [("account_id", account_id), ("project", project)]
            .into_iter()
            .collect();
        for (key, text) in [
            ("display_name", &self.display_name),
            ("description", &self.description),
        ] {
            if !text.is_empty() {
                attributes.insert(key, text.as_str());
            }
        }
        attributes.insert("disabled", self.disabled);
        ObservedObject {
            object: ObjectId {
                instance: instance.clone(),
                kind: SERVICE_ACCOUNT.into(),
                ident: format!("projects/{project}/serviceAccounts/{}", self.email).into(),
            },
            uid: self.unique_id.as_str().into(),
            version: self.etag.as_str().into(),
            attributes: Value::Map(attributes),
            mark: None,
            managed_by: None,
            last_writer: None,
            terminating: false,
            bootstrap: false,
        }
    }
}

/// The project and the address in `projects/P/serviceAccounts/EMAIL`.
pub(super) fn parts(object: &ObjectId) -> Option<(&str, &str)> {
    object
        .ident
        .strip_prefix("projects/")?
        .split_once("/serviceAccounts/")
}
