//! How much a policy may hold (<https://cloud.google.com/iam/quotas>).

use std::collections::{BTreeMap, BTreeSet};

use super::model::Policy;
use crate::google::failure::Failure;
use crate::google::member::is_group;

const MAX_MEMBERS: usize = 1_500;
const MAX_GROUPS: usize = 250;
const MAX_CONDITIONS: usize = 20;

/// Refuses a policy that holds too much.
pub(super) fn limits(policy: &Policy) -> Result<(), Failure> {
    // Every occurrence counts, those in audit exemptions too.
    let members = policy.members().count();
    if members > MAX_MEMBERS {
        return Err(Failure::invalid(format!(
            "The number of members in the policy ({}) is larger than the maximum allowed size {}.",
            thousands(members),
            thousands(MAX_MEMBERS)
        )));
    }
    // Each group once, each domain as often as it is written.
    let groups: BTreeSet<&String> = policy.members().filter(|member| is_group(member)).collect();
    let domains = policy
        .members()
        .filter(|member| member.starts_with("domain:"))
        .count();
    let both = groups.len() + domains;
    if both > MAX_GROUPS {
        return Err(Failure::invalid(format!(
            "The number of groups and domains in the policy ({both}) is larger than the maximum \
             allowed size {MAX_GROUPS}."
        )));
    }
    let mut conditions: BTreeMap<(&str, &str), BTreeSet<_>> = BTreeMap::new();
    for binding in policy
        .bindings
        .iter()
        .filter(|binding| binding.condition.is_some())
    {
        for member in &binding.members {
            let distinct = conditions.entry((&binding.role, member)).or_default();
            distinct.insert(&binding.condition);
            if distinct.len() > MAX_CONDITIONS {
                return Err(Failure::invalid(format!(
                    "The role {} is granted to {member} under {} different conditions, more than \
                     the maximum of {MAX_CONDITIONS}.",
                    binding.role,
                    distinct.len()
                )));
            }
        }
    }
    Ok(())
}

/// `1,501`, as Google writes it.
fn thousands(number: usize) -> String {
    match number / 1_000 {
        0 => number.to_string(),
        thousands => format!("{thousands},{:03}", number % 1_000),
    }
}
