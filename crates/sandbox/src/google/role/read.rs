//! Reading roles.

use serde_json::Value;

use super::model::predefined_json;
use super::{asked, named, parent};
use crate::google::call::{Call, list_json};
use crate::google::failure::Failure;
use crate::google::predefined::PredefinedRoles;

const PAGE: usize = 300;
const MAX_PAGE: usize = 1_000;

/// `projects.roles.get` and `organizations.roles.get`; deleted roles are shown as such.
pub(crate) fn get(call: &mut Call<'_>) -> Result<Value, Failure> {
    Ok(named(call, "iam.roles.get")?.to_json(true))
}

/// `projects.roles.list` and `organizations.roles.list`.
pub(crate) fn list(call: &mut Call<'_>) -> Result<Value, Failure> {
    let parent = parent(&asked(call)?);
    call.require("iam.roles.list", &parent)?;
    let deleted_too = call.query.flag("showDeleted");
    let shown = call
        .cloud
        .roles_of(&parent)
        .filter(|role| !role.is_purged(call.now) && (deleted_too || role.deleted.is_none()));
    let (page, next) = call.page(shown.collect(), PAGE, MAX_PAGE)?;
    let full = is_full(call.query.get("view"));
    Ok(list_json(
        "roles",
        page.into_iter().map(|role| role.to_json(full)).collect(),
        next,
    ))
}

/// `roles.get`: a role of Google's own.
pub(crate) fn get_predefined(call: &mut Call<'_>) -> Result<Value, Failure> {
    let name = &call.operation.name;
    let table = table(call)?;
    let Some(permissions) = table.permissions(name) else {
        return Err(Failure::not_found(format!(
            "The role named {name} was not found."
        )));
    };
    Ok(predefined_json(
        name,
        &table.title(name),
        Some(&permissions),
    ))
}

/// `roles.list`: Google's own, or those of `parent`.
pub(crate) fn list_predefined(call: &mut Call<'_>) -> Result<Value, Failure> {
    if !call.query.get("parent").is_empty() {
        return Err(Failure::not_modelled("roles.list with `parent`"));
    }
    let table = table(call)?;
    let (page, next) = call.page(table.names(), PAGE, MAX_PAGE)?;
    let full = is_full(call.query.get("view"));
    Ok(list_json("roles", predefined(table, page, full), next))
}

/// Google's own roles of these names.
pub(super) fn predefined(
    table: &dyn PredefinedRoles,
    names: Vec<String>,
    full: bool,
) -> Vec<Value> {
    let shown = names.into_iter().map(|name| {
        let permissions = full.then(|| table.permissions(&name).unwrap_or_default());
        predefined_json(&name, &table.title(&name), permissions.as_deref())
    });
    shown.collect()
}

pub(super) fn is_full(view: &str) -> bool {
    view.eq_ignore_ascii_case("FULL") || view == "1"
}

pub(super) fn table<'a>(call: &'a Call<'_>) -> Result<&'a dyn PredefinedRoles, Failure> {
    let nothing =
        || Failure::not_modelled("reading predefined roles, of which it was told nothing,");
    call.roles().ok_or_else(nothing)
}
