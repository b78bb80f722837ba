//! A custom role as it is kept and as it is sent.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::google::clock::Moment;
use crate::google::etag;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How long a deleted role can be had back; so long it counts, and so long its bindings stay.
pub(crate) const UNDELETE_WINDOW: Duration = DAY.saturating_mul(7);

/// How long after its deletion a role's id cannot be used again.
pub(crate) const ID_WINDOW: Duration = DAY.saturating_mul(37);

/// A custom role, living or deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CustomRole {
    /// `projects/P/roles/ID` or `organizations/N/roles/ID`.
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) title: String,
    #[serde(default)]
    pub(crate) description: String,
    /// A launch stage; never empty.
    pub(crate) stage: String,
    #[serde(default)]
    pub(crate) permissions: BTreeSet<String>,
    pub(crate) etag: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) deleted: Option<Moment>,
}

impl CustomRole {
    /// Whether bindings of it have an effect.
    pub(crate) fn grants(&self, permission: &str) -> bool {
        self.deleted.is_none() && self.stage != "DISABLED" && self.permissions.contains(permission)
    }

    /// Whether it is gone for good, and only its id is still taken.
    pub(crate) fn is_purged(&self, now: Moment) -> bool {
        self.deleted
            .is_some_and(|deleted| deleted.plus(UNDELETE_WINDOW) <= now)
    }

    pub(crate) fn frees_its_id(&self, now: Moment) -> bool {
        self.deleted
            .is_some_and(|deleted| deleted.plus(ID_WINDOW) <= now)
    }

    /// `full` shows the permissions too.
    pub(crate) fn to_json(&self, full: bool) -> Value {
        let mut out = Map::new();
        let mut put = |key: &str, value: Value| out.insert(key.to_owned(), value);
        put("name", json!(self.name));
        for (key, text) in [("title", &self.title), ("description", &self.description)] {
            if !text.is_empty() {
                put(key, json!(text));
            }
        }
        if full && !self.permissions.is_empty() {
            put("includedPermissions", json!(self.permissions));
        }
        // ALPHA is the zero value, and those are left out.
        if self.stage != "ALPHA" {
            put("stage", json!(self.stage));
        }
        put("etag", json!(self.etag));
        if self.deleted.is_some() {
            put("deleted", json!(true));
        }
        Value::Object(out)
    }
}

/// A role of Google's own, as it is sent.
pub(crate) fn predefined_json(name: &str, title: &str, permissions: Option<&[String]>) -> Value {
    let mut out = json!({
        "name": name, "title": title, "stage": "GA", "etag": etag::PREDEFINED_ROLE,
    });
    if let (Some(out), Some(permissions)) = (out.as_object_mut(), permissions) {
        out.insert("includedPermissions".to_owned(), json!(permissions));
    }
    out
}
