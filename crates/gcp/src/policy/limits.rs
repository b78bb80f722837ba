//! Limits: what Google refuses by count, told before anything is sent.
//!
//! Google: `iam/quotas`.

use std::collections::{BTreeMap, BTreeSet};

use rbacform_core::{Address, Edit, EditKind, Value};

use super::document::Document;
use super::{AUDIT, grants};
use crate::condition::MAX_PER_ROLE_AND_MEMBER;
use crate::ident::Ident;
use crate::member;

/// The most members of one policy, every occurrence counted, exemptions from audit logs included.
pub const MAX_MEMBERS: usize = 1500;
/// The most groups and domains of one policy: each group counts once, a domain every time.
pub const MAX_GROUPS: usize = 250;

/// A limit that a policy would be over.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct LimitExceeded {
    /// A stable code: `policy-limit` or `condition-limit`.
    pub code: &'static str,
    /// What is too many, with both numbers.
    pub message: String,
    /// What to do.
    pub help: &'static str,
    /// The resources whose edits add to it, in order.
    pub addresses: Vec<Address>,
}

/// What of `folded`, the policy that `edits` would make, Google would refuse by count. Nothing is
/// said where no edit adds anything: taking away is never wrong.
pub fn check_limits(folded: &Value, edits: &[Edit]) -> Vec<LimitExceeded> {
    let adding: Vec<&Edit> = edits
        .iter()
        .filter(|edit| matches!(edit.kind, EditKind::Create { .. } | EditKind::Update { .. }))
        .collect();
    if adding.is_empty() {
        return Vec::new();
    }
    let responsible = |of: &dyn Fn(&Edit) -> bool| -> Vec<Address> {
        let addresses: BTreeSet<&Address> = adding
            .iter()
            .filter(|edit| of(edit))
            .map(|edit| &edit.address)
            .collect();
        addresses.into_iter().cloned().collect()
    };
    let resource = edits
        .iter()
        .find_map(|edit| Some(Ident::of(&edit.object)?.resource.to_owned()))
        .unwrap_or_default();
    let mut found = Vec::new();
    let members = occurrences(folded);
    if members.len() > MAX_MEMBERS {
        found.push(LimitExceeded {
            code: "policy-limit",
            message: format!(
                "the policy of `{resource}` would have {} members, Google allows {MAX_MEMBERS}; \
                 every occurrence counts",
                members.len()
            ),
            help: "grant to a group instead of its members, or on the resources below it",
            addresses: responsible(&|_| true),
        });
    }
    let is_group = |text: &&String| text.starts_with("group:");
    let groups: BTreeSet<&String> = members.iter().filter(is_group).collect();
    let domains = members
        .iter()
        .filter(|text| text.starts_with("domain:"))
        .count();
    if groups.len() + domains > MAX_GROUPS {
        found.push(LimitExceeded {
            code: "policy-limit",
            message: format!(
                "the policy of `{resource}` would name {} groups and domains, Google allows \
                 {MAX_GROUPS}",
                groups.len() + domains
            ),
            help: "put groups into one group, and grant to that",
            addresses: responsible(&|edit| names_group(edit)),
        });
    }
    for ((role, member), count) in conditions(folded) {
        if count > MAX_PER_ROLE_AND_MEMBER {
            found.push(LimitExceeded {
                code: "condition-limit",
                message: format!(
                    "`{member}` would hold `{role}` on `{resource}` under {count} conditions, \
                     Google allows {MAX_PER_ROLE_AND_MEMBER}"
                ),
                help: "join conditions with `||`",
                addresses: responsible(&|edit| touches(edit, &role, &member)),
            });
        }
    }
    found
}

/// Every occurrence of a member, exemptions from audit logs included.
fn occurrences(policy: &Value) -> Vec<String> {
    let bound = Document::read(policy).bindings.into_iter();
    let bound = bound
        .flat_map(|binding| binding.members)
        .map(|text| member::canonical(&text));
    let list = |value: &Value, key: &str| -> Vec<Value> {
        value
            .get(key)
            .and_then(Value::as_list)
            .unwrap_or_default()
            .to_vec()
    };
    let logs = list(policy, AUDIT)
        .into_iter()
        .flat_map(move |config| list(&config, "auditLogConfigs"));
    let exempted = logs.flat_map(move |log| list(&log, "exemptedMembers"));
    let exempted = exempted.filter_map(|member| member.as_str().map(member::canonical));
    bound.chain(exempted).collect()
}

/// Under how many conditions each member holds each role.
fn conditions(policy: &Value) -> BTreeMap<(String, String), usize> {
    let mut found = BTreeMap::new();
    for grant in grants(policy)
        .into_iter()
        .filter(|grant| grant.condition.is_some())
    {
        *found.entry((grant.role, grant.member)).or_default() += 1;
    }
    found
}

fn names_group(edit: &Edit) -> bool {
    mentions(edit, &|text| {
        text.starts_with("group:") || text.starts_with("domain:")
    })
}

fn touches(edit: &Edit, role: &str, member: &str) -> bool {
    let about =
        Ident::of(&edit.object).is_some_and(|about| about.role.is_empty() || about.role == role);
    about && mentions(edit, &|text| text == member)
}

/// Whether what an edit makes mentions such a text.
fn mentions(edit: &Edit, wanted: &dyn Fn(&str) -> bool) -> bool {
    fn any(value: &Value, wanted: &dyn Fn(&str) -> bool) -> bool {
        match value {
            Value::String(text) => wanted(text),
            Value::List(items) => items.iter().any(|item| any(item, wanted)),
            Value::Map(map) => map.iter().any(|(_, value)| any(value, wanted)),
            _ => false,
        }
    }
    match &edit.kind {
        EditKind::Create { attributes, .. } | EditKind::Update { attributes, .. } => {
            any(attributes, wanted)
        }
        EditKind::Delete | EditKind::Abandon { .. } | EditKind::Record => false,
    }
}
