//! Whether what a policy names exists and belongs there.

use std::collections::BTreeSet;

use super::model::{Binding, Policy};
use crate::google::api::GoogleApi;
use crate::google::call::{Call, Place};
use crate::google::condition;
use crate::google::failure::Failure;
use crate::google::member;
use crate::google::name;
use crate::google::predefined::is_basic;
use crate::google::target::Target;

/// Refuses roles that mean nothing here, members that do not exist, conditions that cannot be.
/// What stood before is not asked about again.
pub(super) fn check(
    call: &mut Call<'_>,
    place: &Place,
    next: &Policy,
    standing: &Policy,
) -> Result<(), Failure> {
    let old_roles: BTreeSet<&str> = standing.bindings.iter().map(|b| b.role.as_str()).collect();
    let old_members: BTreeSet<&String> = standing.members().collect();
    let mut roles = BTreeSet::new();
    let mut conditions = BTreeSet::new();
    for binding in &next.bindings {
        if !old_roles.contains(binding.role.as_str()) && roles.insert(&binding.role) {
            role(call, place, &binding.role)?;
        }
        if binding.condition.is_some() && conditions.insert(&binding.condition) {
            conditional(binding, place.target)?;
        }
        unconditional_only(binding)?;
    }
    let mut members = BTreeSet::new();
    for member in next
        .members()
        .filter(|member| !old_members.contains(member))
    {
        if members.insert(member) {
            member::must_exist(member, call.cloud)?;
            newcomer(call, member)?;
        }
    }
    Ok(())
}

/// Whether a role can be granted on a sort of resource: `None` where there is no such role.
pub(crate) fn supports(call: &Call<'_>, target: &Target, role: &str) -> Option<bool> {
    let permissions: Vec<String> = match call.cloud.role(role) {
        Some(custom) if custom.deleted.is_some() => return None,
        Some(custom) => custom.permissions.iter().cloned().collect(),
        None if !role.starts_with("roles/") => return None,
        None => match call.roles() {
            Some(table) => table.permissions(role)?,
            // Nothing is known of any role, so nothing can be said against one.
            None => return is_well_formed(role).then_some(true),
        },
    };
    // Of some of Google's own the permissions are not public.
    if permissions.is_empty() || target.meaningful.is_empty() {
        return Some(true);
    }
    let prefixes = target.meaningful.iter();
    let mut here = permissions.iter().map(|permission| {
        prefixes
            .clone()
            .any(|prefix| permission.starts_with(prefix))
    });
    Some(here.any(|here| here))
}

fn role(call: &Call<'_>, place: &Place, role: &str) -> Result<(), Failure> {
    let absent = || {
        let message = format!("Role ({role}) does not exist in the resource's hierarchy.");
        Err(Failure::invalid(message))
    };
    if role.is_empty() {
        return Err(Failure::invalid("Role must not be empty."));
    }
    // A project's own roles can be granted within that project alone. Which project a bucket is
    // in, its name does not tell.
    let owner = name::project_of(role).filter(|_| place.target.api != GoogleApi::Storage);
    if owner.is_some_and(|owner| name::project_of(&place.name) != Some(owner)) {
        return absent();
    }
    match supports(call, place.target, role) {
        None => absent(),
        Some(true) => Ok(()),
        Some(false) => {
            let message = format!("Role {role} is not supported for this resource.");
            Err(Failure::invalid(message))
        }
    }
}

fn conditional(binding: &Binding, target: &Target) -> Result<(), Failure> {
    if !target.conditions {
        return Err(Failure::invalid(
            "Conditions are not supported for this resource.",
        ));
    }
    let fault = binding.condition.as_ref().and_then(condition::fault);
    match fault {
        Some((_, why)) => Err(Failure::invalid(why)),
        None => Ok(()),
    }
}

/// Basic roles and the public are granted without conditions or not at all.
fn unconditional_only(binding: &Binding) -> Result<(), Failure> {
    if binding.condition.is_none() {
        return Ok(());
    }
    if is_basic(&binding.role) {
        return Err(Failure::invalid(
            "Conditions can't be set on primitive roles.",
        ));
    }
    let public = binding
        .members
        .iter()
        .find(|m| matches!(m.as_str(), "allUsers" | "allAuthenticatedUsers"));
    match public {
        Some(member) => Err(Failure::invalid(format!(
            "Conditions can't be set on bindings for {member}."
        ))),
        None => Ok(()),
    }
}

/// An account created a moment ago is refused for a while where a script says so.
fn newcomer(call: &mut Call<'_>, member: &str) -> Result<(), Failure> {
    let Some(email) = member.strip_prefix("serviceAccount:") else {
        return Ok(());
    };
    let id = call
        .cloud
        .living(email)
        .map(|account| account.unique_id.clone());
    match id.is_some_and(|id| call.newcomers.is_refused(&id)) {
        true => Err(member::does_not_exist(email)),
        false => Ok(()),
    }
}

fn is_well_formed(role: &str) -> bool {
    let name = role.trim_start_matches("roles/");
    let letters = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    !name.is_empty() && name.bytes().all(letters) && !name.contains("_withcond_")
}
