//! Roles: custom ones, and Google's own as far as the sandbox was told of them.

mod create;
mod delete;
mod grantable;
mod model;
mod patch;
mod read;

pub(crate) use create::create;
pub(crate) use delete::{delete, undelete};
pub(crate) use grantable::{query_grantable, query_testable};
pub(crate) use model::CustomRole;
pub(crate) use patch::patch;
pub(crate) use read::{get, get_predefined, list, list_predefined};

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::google::call::Call;
use crate::google::etag;
use crate::google::failure::Failure;
use crate::google::name;

const STAGES: [&str; 6] = ["ALPHA", "BETA", "GA", "DEPRECATED", "DISABLED", "EAP"];
const MAX_PERMISSIONS: usize = 3_000;
/// Title, description and permissions together, in bytes.
const MAX_SIZE: usize = 64 * 1024;

/// A role as a client sends it.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
struct Given {
    name: String,
    title: Option<String>,
    description: Option<String>,
    included_permissions: Option<Vec<String>>,
    stage: Option<String>,
    etag: Option<String>,
    #[serde(rename = "deleted")]
    _deleted: bool,
}

/// The name that a request is about, with its project's id.
fn asked(call: &mut Call<'_>) -> Result<String, Failure> {
    let name = call.operation.name.clone();
    call.in_project(&name)
}

/// `projects/P` or `organizations/N` of a role's or a collection's name.
fn parent(name: &str) -> String {
    name.split('/').take(2).collect::<Vec<_>>().join("/")
}

/// The custom role that a request names, deleted or not, if the caller may.
fn named(call: &mut Call<'_>, permission: &str) -> Result<CustomRole, Failure> {
    let name = asked(call)?;
    call.require(permission, &parent(&name))?;
    let known = call
        .cloud
        .role(&name)
        .filter(|role| !role.is_purged(call.now));
    known
        .cloned()
        .ok_or_else(|| Failure::not_found(format!("The role named {name} was not found.")))
}

/// Refuses an etag that is not the role's.
fn compare(given: &str, role: &CustomRole) -> Result<(), Failure> {
    match given.is_empty() || etag::same(given, &role.etag) {
        true => Ok(()),
        false => Err(Failure::aborted(format!(
            "There were concurrent changes to the role {}. Please retry the whole \
             read-modify-write with exponential backoff.",
            role.name
        ))),
    }
}

/// The rules that every custom role keeps.
fn check(call: &Call<'_>, role: &CustomRole, added: &BTreeSet<String>) -> Result<(), Failure> {
    if role.title.len() > 100 {
        return Err(Failure::invalid(
            "The role title must be at most 100 bytes long.",
        ));
    }
    if role.description.len() > 300 {
        return Err(Failure::invalid(
            "The role description must be at most 300 bytes long.",
        ));
    }
    if !STAGES.contains(&role.stage.as_str()) {
        return Err(Failure::invalid(format!(
            "Invalid value at 'role.stage' (type.googleapis.com/google.iam.admin.v1.Role.\
             RoleLaunchStage), \"{}\"",
            role.stage
        )));
    }
    let count = role.permissions.len();
    if count > MAX_PERMISSIONS {
        return Err(Failure::invalid(format!(
            "The number of permissions in the role ({count}) is larger than the maximum allowed \
             size {MAX_PERMISSIONS}."
        )));
    }
    let names: usize = role.permissions.iter().map(String::len).sum();
    if role.title.len() + role.description.len() + names > MAX_SIZE {
        return Err(Failure::invalid(
            "The role is larger than the maximum allowed size of 64 KB.",
        ));
    }
    let known = |permission: &str| match call.roles() {
        Some(table) => table.knows_permission(permission),
        None => {
            permission
                .split('.')
                .filter(|part| !part.is_empty())
                .count()
                >= 3
        }
    };
    match added.iter().find(|permission| !known(permission)) {
        Some(permission) => Err(Failure::invalid(format!(
            "Permission {permission} is not valid."
        ))),
        None => Ok(()),
    }
}

/// The id at the end of a role's name.
fn check_id(id: &str) -> Result<(), Failure> {
    let letters = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.');
    match (3..=64).contains(&id.len()) && id.bytes().all(letters) {
        true => Ok(()),
        false => Err(Failure::invalid(format!(
            "The role_id ({}) must be 3 to 64 of letters, digits, underscores and periods.",
            name::last(id)
        ))),
    }
}
