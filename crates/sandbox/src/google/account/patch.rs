//! Changing what people call a service account.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::create::Given;
use super::{check_texts, named};
use crate::google::call::{Call, in_mask};
use crate::google::failure::Failure;
use crate::google::journal::Change;

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
struct PatchRequest {
    service_account: Given,
    #[serde(alias = "update_mask")]
    update_mask: String,
}

/// `projects.serviceAccounts.patch`. The reply holds what was patched and the name, no more.
pub(crate) fn patch(call: &mut Call<'_>) -> Result<Value, Failure> {
    let request: PatchRequest = call.json()?;
    let mut account = named(call, "iam.serviceAccounts.update")?;
    if request.update_mask.trim().is_empty() {
        return Err(Failure::invalid("The update mask must not be empty."));
    }
    let given = request.service_account;
    let mut reply = Map::new();
    reply.insert("name".to_owned(), json!(account.name()));
    for path in request.update_mask.split(',') {
        let (field, value, slot) = match path {
            path if in_mask(path, "displayName") => (
                "displayName",
                &given.display_name,
                &mut account.display_name,
            ),
            path if in_mask(path, "description") => {
                ("description", &given.description, &mut account.description)
            }
            other => {
                let message = format!("Invalid field mask path: {}.", other.trim());
                return Err(Failure::invalid(message));
            }
        };
        slot.clone_from(value);
        if !value.is_empty() {
            reply.insert(field.to_owned(), json!(value));
        }
    }
    check_texts(&account.display_name, &account.description)?;
    call.cloud
        .commit(vec![Change::Account(account)], call.now)?;
    Ok(Value::Object(reply))
}

/// `projects.serviceAccounts.update`, which takes the display name alone.
pub(crate) fn update(call: &mut Call<'_>) -> Result<Value, Failure> {
    let given: Given = call.json()?;
    let mut account = named(call, "iam.serviceAccounts.update")?;
    check_texts(&given.display_name, "")?;
    account.display_name = given.display_name;
    call.cloud
        .commit(vec![Change::Account(account.clone())], call.now)?;
    Ok(account.to_json())
}
