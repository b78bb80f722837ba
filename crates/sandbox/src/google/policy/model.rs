//! An IAM policy as it is kept and as it is sent.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::google::etag;

/// A policy as it stands; the default is one that was never set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Policy {
    pub(crate) bindings: Vec<Binding>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) audit_configs: Vec<AuditConfig>,
    /// `None` as long as it was never set.
    pub(crate) etag: Option<String>,
}

/// Members of a role, perhaps under a condition.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Binding {
    #[serde(default)]
    pub(crate) role: String,
    #[serde(default)]
    pub(crate) members: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) condition: Option<Condition>,
}

/// `google.type.Expr`.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Condition {
    pub(crate) expression: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) title: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) description: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) location: String,
}

/// Which accesses are logged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct AuditConfig {
    pub(crate) service: String,
    pub(crate) audit_log_configs: Vec<AuditLogConfig>,
}

/// Which accesses of one sort are logged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct AuditLogConfig {
    pub(crate) log_type: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) exempted_members: Vec<String>,
}

impl Policy {
    pub(crate) fn has_conditions(&self) -> bool {
        self.bindings
            .iter()
            .any(|binding| binding.condition.is_some())
    }

    pub(crate) fn etag(&self) -> &str {
        self.etag.as_deref().unwrap_or(etag::NEVER_SET)
    }

    /// Every member, each as often as it is written, audit exemptions with them.
    pub(crate) fn members(&self) -> impl Iterator<Item = &String> {
        let exempted = self
            .audit_configs
            .iter()
            .flat_map(|config| &config.audit_log_configs);
        let bound = self.bindings.iter().flat_map(|binding| &binding.members);
        bound.chain(exempted.flat_map(|log| &log.exempted_members))
    }

    /// Gives a member another name.
    pub(crate) fn rename(&mut self, from: &str, to: &str) {
        let exempted = self
            .audit_configs
            .iter_mut()
            .flat_map(|c| &mut c.audit_log_configs);
        let bound = self.bindings.iter_mut().map(|binding| &mut binding.members);
        let lists = bound.chain(exempted.map(|log| &mut log.exempted_members));
        for list in lists {
            for member in list.iter_mut().filter(|member| *member == from) {
                *member = to.to_owned();
            }
        }
    }

    /// The policy as it is sent to a client that understands the version. One that does not
    /// understand conditions sees them as a suffix of the role
    /// (<https://cloud.google.com/iam/docs/policies#specifying-version-get>).
    pub(crate) fn to_json(&self, version: i64) -> Map<String, Value> {
        let mut out = Map::new();
        let shown = if self.has_conditions() && version >= 3 {
            3
        } else {
            1
        };
        if self.etag.is_some() {
            out.insert("version".to_owned(), json!(shown));
        }
        out.insert("etag".to_owned(), json!(self.etag()));
        if !self.bindings.is_empty() {
            let bindings = self.bindings.iter().map(|binding| binding.to_json(shown));
            out.insert("bindings".to_owned(), bindings.collect());
        }
        if !self.audit_configs.is_empty() {
            out.insert("auditConfigs".to_owned(), json!(self.audit_configs));
        }
        out
    }
}

impl Binding {
    fn to_json(&self, version: i64) -> Value {
        match &self.condition {
            Some(condition) if version < 3 => {
                let role = format!("{}_withcond_{}", self.role, condition.digest());
                json!({"role": role, "members": self.members})
            }
            _ => json!(self),
        }
    }
}

impl Condition {
    fn digest(&self) -> String {
        let text = format!("{}\0{}\0{}", self.title, self.description, self.expression);
        let hash = Sha256::digest(text.as_bytes());
        hash.iter()
            .take(10)
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}
