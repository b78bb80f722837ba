//! Policies in Google's own JSON, as values: what they grant, what they become when grants are
//! folded into them, and whether Google would take the result.
//!
//! Unknown fields survive all of it.

mod audit;
mod document;
mod fold;
mod limits;
mod observe;

use std::collections::BTreeSet;

use rbacform_core::Value;

use crate::condition::Condition;
use crate::{ident, member};
use document::Document;

pub(crate) use audit::{AUDIT_CONFIGS, read as read_audit_configs};
pub use fold::fold;
pub use limits::{LimitExceeded, MAX_GROUPS, MAX_MEMBERS, check_limits};
pub(crate) use observe::{binding_attributes, grant_attributes};
pub use observe::{grant_of, observe};

/// One grant of a policy: a role to a member, under a condition or none.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Grant {
    /// The role.
    pub role: String,
    /// The member in canonical form.
    pub member: String,
    /// The condition.
    pub condition: Option<Condition>,
}

/// Every grant of a policy, each once however often it stands there. `deleted:` members included.
pub fn grants(policy: &Value) -> BTreeSet<Grant> {
    let document = Document::read(policy);
    let bindings = document.bindings.iter();
    bindings
        .flat_map(|binding| {
            binding.members.iter().map(|text| Grant {
                role: binding.role.to_string(),
                member: member::canonical(text),
                condition: binding.condition.clone(),
            })
        })
        .collect()
}

/// Whether two policies grant and log the same, so that nothing needs to be sent.
pub fn same(a: &Value, b: &Value) -> bool {
    grants(a) == grants(b) && audit::canonical(a.get(AUDIT)) == audit::canonical(b.get(AUDIT))
}

/// Whether a policy was answered without its conditions, because version 3 was not asked for: such
/// a role has the suffix `_withcond_...`. Setting it back would destroy the conditions.
pub fn is_degraded(policy: &Value) -> bool {
    Document::read(policy)
        .bindings
        .iter()
        .any(|binding| binding.role.contains("_withcond_"))
}

/// Whether a policy has audit configs that edits must not lose.
pub fn has_audit_configs(policy: &Value) -> bool {
    policy
        .get(AUDIT)
        .and_then(Value::as_list)
        .is_some_and(|configs| !configs.is_empty())
}

/// The key of audit configs in a policy.
pub(crate) const AUDIT: &str = "auditConfigs";

impl Grant {
    /// Its identity on a resource.
    pub fn object(&self, instance: &str, resource: &str) -> rbacform_core::ObjectId {
        let condition = self.condition.as_ref();
        ident::iam_member(instance, resource, &self.role, &self.member, condition)
    }
}
