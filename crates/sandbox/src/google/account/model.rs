//! A service account as it is kept and as it is sent.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::google::clock::Moment;
use crate::google::etag;

/// A service account, living or deleted and still to be had back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Account {
    /// 21 digits; never given to another.
    pub(crate) unique_id: String,
    pub(crate) project: String,
    pub(crate) email: String,
    #[serde(default)]
    pub(crate) display_name: String,
    #[serde(default)]
    pub(crate) description: String,
    #[serde(default)]
    pub(crate) disabled: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) deleted: Option<Moment>,
}

impl Account {
    /// `projects/P/serviceAccounts/EMAIL`.
    pub(crate) fn name(&self) -> String {
        format!("projects/{}/serviceAccounts/{}", self.project, self.email)
    }

    /// What its policy is kept under: an account made anew has not the policy of the old one.
    pub(crate) fn policy_key(&self) -> String {
        format!("serviceAccounts/{}", self.unique_id)
    }

    /// How policies name it while it lives.
    pub(crate) fn member(&self) -> String {
        format!("serviceAccount:{}", self.email)
    }

    /// How policies name it when it is deleted.
    pub(crate) fn deleted_member(&self) -> String {
        format!(
            "deleted:serviceAccount:{}?uid={}",
            self.email, self.unique_id
        )
    }

    pub(crate) fn to_json(&self) -> Value {
        let mut out = Map::new();
        let mut put = |key: &str, value: Value| out.insert(key.to_owned(), value);
        put("name", json!(self.name()));
        put("projectId", json!(self.project));
        put("uniqueId", json!(self.unique_id));
        put("email", json!(self.email));
        put("etag", json!(etag::ACCOUNT));
        put("oauth2ClientId", json!(self.unique_id));
        // Like all of Google, it leaves out what is empty.
        for (key, text) in [
            ("displayName", &self.display_name),
            ("description", &self.description),
        ] {
            if !text.is_empty() {
                put(key, json!(text));
            }
        }
        if self.disabled {
            put("disabled", json!(true));
        }
        Value::Object(out)
    }
}
