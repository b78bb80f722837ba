//! Custom roles. `iam.projects.roles` and `iam.organizations.roles`, v1.

mod read;
mod write;

use rbacform_core::{Map, ObjectId, ObservedObject, Text, Value};
use serde::Deserialize;

use crate::client::write::NO_UID;
use crate::ident::CUSTOM_ROLE;

/// A custom role as Google answers it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Role {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) description: String,
    pub(super) included_permissions: Vec<String>,
    pub(super) stage: String,
    pub(super) etag: String,
    pub(super) deleted: bool,
}

impl Role {
    /// The observed object. Texts that are empty are not set; Google leaves the stage out where it
    /// is `ALPHA`.
    pub(super) fn observed(&self, instance: &Text) -> ObservedObject {
        let mut attributes = Map::new();
        if let Some((parent, id)) = parts(&self.name) {
            attributes.insert("role_id", id);
            match parent.split_once('/') {
                Some(("organizations", organization)) => {
                    attributes.insert("organization", organization);
                }
                Some((_, project)) => {
                    attributes.insert("project", project);
                }
                None => {}
            }
        }
        for (key, text) in [("title", &self.title), ("description", &self.description)] {
            if !text.is_empty() {
                attributes.insert(key, text.as_str());
            }
        }
        let stage = match self.stage.as_str() {
            "" => "ALPHA",
            stage => stage,
        };
        attributes.insert("stage", stage);
        let mut permissions: Vec<&str> = self
            .included_permissions
            .iter()
            .map(String::as_str)
            .collect();
        permissions.sort_unstable();
        permissions.dedup();
        attributes.insert("permissions", permissions);
        ObservedObject {
            object: ObjectId {
                instance: instance.clone(),
                kind: CUSTOM_ROLE.into(),
                ident: self.name.as_str().into(),
            },
            uid: NO_UID.into(),
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

/// The parent and the id in `projects/P/roles/ID`.
pub(super) fn parts(name: &str) -> Option<(&str, &str)> {
    name.split_once("/roles/")
}
