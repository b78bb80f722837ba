//! Creating service accounts.

use serde::Deserialize;
use serde_json::Value;

use super::check_texts;
use super::model::Account;
use crate::google::call::Call;
use crate::google::failure::Failure;
use crate::google::journal::Change;
use crate::google::name;

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
struct CreateRequest {
    account_id: String,
    service_account: Given,
}

/// What a client may send of an account; only two fields of it can be chosen.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Given {
    pub(super) display_name: String,
    pub(super) description: String,
    #[serde(rename = "name")]
    _name: String,
    #[serde(rename = "projectId")]
    _project_id: String,
    #[serde(rename = "uniqueId")]
    _unique_id: String,
    #[serde(rename = "email")]
    _email: String,
    #[serde(rename = "etag")]
    _etag: String,
    #[serde(rename = "oauth2ClientId")]
    _oauth2_client_id: String,
    #[serde(rename = "disabled")]
    _disabled: bool,
}

/// `projects.serviceAccounts.create`.
pub(crate) fn create(call: &mut Call<'_>) -> Result<Value, Failure> {
    let request: CreateRequest = call.json()?;
    let name = call.in_project(&call.operation.name)?;
    let project = name::project_of(&name).unwrap_or_default().to_owned();
    call.require("iam.serviceAccounts.create", &format!("projects/{project}"))?;
    check_id(&request.account_id)?;
    let given = request.service_account;
    check_texts(&given.display_name, &given.description)?;
    let mut account = grown(&project, &request.account_id);
    account.display_name = given.display_name;
    account.description = given.description;
    if call.cloud.living(&account.email).is_some() {
        let id = &request.account_id;
        return Err(Failure::exists(
            format!("Service account {id} already exists within project projects/{project}."),
            &account.name(),
        ));
    }
    call.cloud
        .commit(vec![Change::Account(account.clone())], call.now)?;
    call.newcomers
        .add(&account.unique_id, &call.settings.new_accounts);
    Ok(account.to_json())
}

/// A new account, with an id that no other ever had.
pub(crate) fn grown(project: &str, account_id: &str) -> Account {
    let twenty_digits = uuid::Uuid::new_v4().as_u128() % 10_u128.pow(20);
    Account {
        unique_id: format!("1{twenty_digits:020}"),
        project: project.to_owned(),
        email: format!("{account_id}@{}", name::account_domain(project)),
        display_name: String::new(),
        description: String::new(),
        disabled: false,
        deleted: None,
    }
}

/// 6 to 30 of `[a-z]([-a-z0-9]*[a-z0-9])`.
fn check_id(id: &str) -> Result<(), Failure> {
    let letters = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let well_formed = (6..=30).contains(&id.len())
        && id.starts_with(|first: char| first.is_ascii_lowercase())
        && id.bytes().all(letters)
        && !id.ends_with('-');
    match well_formed {
        true => Ok(()),
        false => Err(Failure::invalid(format!(
            "Invalid service account ID \"{id}\": it must be 6-30 characters long, and match the \
             regular expression `[a-z]([-a-z0-9]*[a-z0-9])`."
        ))),
    }
}
