//! Creating custom roles.

use serde::Deserialize;
use serde_json::Value;

use super::{CustomRole, Given, asked, check, check_id, parent};
use crate::google::call::Call;
use crate::google::failure::Failure;
use crate::google::journal::Change;

/// Of a project, and of an organization; deleted ones count until they are purged.
const MAX_ROLES: usize = 300;

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
struct CreateRequest {
    role_id: String,
    role: Given,
}

/// `projects.roles.create` and `organizations.roles.create`.
pub(crate) fn create(call: &mut Call<'_>) -> Result<Value, Failure> {
    let request: CreateRequest = call.json()?;
    let parent = parent(&asked(call)?);
    call.require("iam.roles.create", &parent)?;
    let id = &request.role_id;
    check_id(id)?;
    if !request.role.name.is_empty() {
        return Err(Failure::invalid(
            "The role name must not be set when creating a role.",
        ));
    }
    let name = format!("{parent}/roles/{id}");
    match call.cloud.role(&name) {
        Some(role) if role.deleted.is_some() => {
            return Err(Failure::precondition(format!(
                "You can't create a role with role_id ({id}) where there is an existing role with \
                 that role_id in a deleted state."
            )));
        }
        Some(_) => {
            let message = format!("A role named {id} in {parent} already exists.");
            return Err(Failure::exists(message, &name));
        }
        None => {}
    }
    let counted = call
        .cloud
        .roles_of(&parent)
        .filter(|role| !role.is_purged(call.now));
    if counted.count() >= MAX_ROLES {
        let message = format!("Maximum number of roles reached. Maximum is: {MAX_ROLES}");
        return Err(Failure::exhausted(message));
    }
    let given = request.role;
    let stage = given.stage.filter(|stage| !stage.is_empty());
    let role = CustomRole {
        name,
        title: given.title.unwrap_or_default(),
        description: given.description.unwrap_or_default(),
        stage: stage.unwrap_or_else(|| "ALPHA".to_owned()),
        permissions: given
            .included_permissions
            .unwrap_or_default()
            .into_iter()
            .collect(),
        etag: call.cloud.next_etag(call.now),
        deleted: None,
    };
    check(call, &role, &role.permissions)?;
    call.cloud
        .commit(vec![Change::Role(role.clone())], call.now)?;
    Ok(role.to_json(true))
}
