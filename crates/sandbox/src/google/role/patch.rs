//! Changing custom roles.

use serde_json::Value;

use super::{Given, check, compare, named};
use crate::google::call::{Call, in_mask};
use crate::google::failure::Failure;
use crate::google::journal::Change;

/// `roles.patch`: what the mask names; without one, what the body holds.
pub(crate) fn patch(call: &mut Call<'_>) -> Result<Value, Failure> {
    let given: Given = call.json()?;
    let old = named(call, "iam.roles.update")?;
    if old.deleted.is_some() {
        let message = format!("The role {} is deleted and can't be updated.", old.name);
        return Err(Failure::precondition(message));
    }
    compare(given.etag.as_deref().unwrap_or_default(), &old)?;
    let mask = call.query.get("updateMask");
    let paths = mask
        .split(',')
        .map(str::trim)
        .filter(|path| !path.is_empty());
    for path in paths {
        let fields = [
            "title",
            "description",
            "includedPermissions",
            "stage",
            "etag",
            "name",
        ];
        if !fields.iter().any(|field| in_mask(path, field)) {
            return Err(Failure::invalid(format!(
                "Invalid field mask path: {path}."
            )));
        }
    }
    let wanted = |field: &str, is_given: bool| match mask.is_empty() {
        true => is_given,
        false => in_mask(mask, field),
    };
    let mut role = old.clone();
    if wanted("title", given.title.is_some()) {
        role.title = given.title.unwrap_or_default();
    }
    if wanted("description", given.description.is_some()) {
        role.description = given.description.unwrap_or_default();
    }
    if wanted("includedPermissions", given.included_permissions.is_some()) {
        let permissions = given.included_permissions.unwrap_or_default();
        role.permissions = permissions.into_iter().collect();
    }
    if wanted("stage", given.stage.is_some()) {
        let stage = given.stage.filter(|stage| !stage.is_empty());
        role.stage = stage.unwrap_or_else(|| "ALPHA".to_owned());
    }
    let added = role
        .permissions
        .difference(&old.permissions)
        .cloned()
        .collect();
    check(call, &role, &added)?;
    role.etag = call.cloud.next_etag(call.now);
    call.cloud
        .commit(vec![Change::Role(role.clone())], call.now)?;
    Ok(role.to_json(true))
}
