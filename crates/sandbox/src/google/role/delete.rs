//! Deleting custom roles, and having them back within 7 days.

use serde::Deserialize;
use serde_json::Value;

use super::{compare, named};
use crate::google::call::Call;
use crate::google::failure::Failure;
use crate::google::journal::Change;

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct UndeleteRequest {
    etag: String,
}

/// `roles.delete`. Its bindings stay, without effect.
pub(crate) fn delete(call: &mut Call<'_>) -> Result<Value, Failure> {
    let mut role = named(call, "iam.roles.delete")?;
    if role.deleted.is_some() {
        let message = format!("The role {} is already deleted.", role.name);
        return Err(Failure::precondition(message));
    }
    compare(call.query.get("etag"), &role)?;
    role.deleted = Some(call.now);
    role.etag = call.cloud.next_etag(call.now);
    call.cloud
        .commit(vec![Change::Role(role.clone())], call.now)?;
    Ok(role.to_json(true))
}

/// `roles.undelete`.
pub(crate) fn undelete(call: &mut Call<'_>) -> Result<Value, Failure> {
    let request: UndeleteRequest = call.json()?;
    let mut role = named(call, "iam.roles.undelete")?;
    if role.deleted.is_none() {
        let message = format!("The role {} is not in a deleted state.", role.name);
        return Err(Failure::precondition(message));
    }
    compare(&request.etag, &role)?;
    role.deleted = None;
    role.etag = call.cloud.next_etag(call.now);
    call.cloud
        .commit(vec![Change::Role(role.clone())], call.now)?;
    Ok(role.to_json(true))
}
