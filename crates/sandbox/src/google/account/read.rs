//! Reading service accounts.

use serde_json::Value;

use super::named;
use crate::google::call::{Call, list_json};
use crate::google::failure::Failure;
use crate::google::name;

/// `projects.serviceAccounts.get`, by email or unique id.
pub(crate) fn get(call: &mut Call<'_>) -> Result<Value, Failure> {
    let account = named(call, "iam.serviceAccounts.get")?;
    if !call.newcomers.is_seen(&account.unique_id) {
        return Err(Failure::not_found("Unknown service account"));
    }
    Ok(account.to_json())
}

/// `projects.serviceAccounts.list`: the living ones, in order of emails.
pub(crate) fn list(call: &mut Call<'_>) -> Result<Value, Failure> {
    let name = call.in_project(&call.operation.name)?;
    let project = name::project_of(&name).unwrap_or_default();
    call.require("iam.serviceAccounts.list", &format!("projects/{project}"))?;
    let living = call
        .cloud
        .accounts()
        .filter(|a| a.deleted.is_none() && a.project == project);
    let mut living: Vec<_> = living.collect();
    living.sort_by(|a, b| a.email.cmp(&b.email));
    let (page, next) = call.page(living, 20, 100)?;
    Ok(list_json(
        "accounts",
        page.into_iter().map(|a| a.to_json()).collect(),
        next,
    ))
}
