//! Deleting service accounts, and having them back within 30 days.

use serde_json::{Value, json};

use super::model::Account;
use super::named;
use crate::google::call::Call;
use crate::google::failure::Failure;
use crate::google::journal::Change;
use crate::google::name;
use crate::google::policy::Policy;

/// `projects.serviceAccounts.delete`. Policies name the account as deleted from then on.
pub(crate) fn delete(call: &mut Call<'_>) -> Result<Value, Failure> {
    let mut account = named(call, "iam.serviceAccounts.delete")?;
    let mut changes = renamed(call, &account.member(), &account.deleted_member());
    account.deleted = Some(call.now);
    changes.push(Change::Account(account));
    call.cloud.commit(changes, call.now)?;
    Ok(json!({}))
}

/// `projects.serviceAccounts.undelete`, by unique id. Policies name it as living again.
pub(crate) fn undelete(call: &mut Call<'_>) -> Result<Value, Failure> {
    let path = call.in_project(&call.operation.name)?;
    let project = name::project_of(&path).unwrap_or_default();
    call.require(
        "iam.serviceAccounts.undelete",
        &format!("projects/{project}"),
    )?;
    let id = name::last(&path);
    let known = call
        .cloud
        .account(id)
        .filter(|account| account.project == project);
    let mut account = match known {
        Some(account) if account.deleted.is_some() => account.clone(),
        Some(_) => return Err(Failure::precondition("The service account is not deleted.")),
        None => return Err(Failure::not_found("Unknown service account")),
    };
    if call.cloud.living(&account.email).is_some() {
        let email = &account.email;
        return Err(Failure::exists(
            format!("A service account with the email {email} already exists."),
            &account.name(),
        ));
    }
    let mut changes = renamed(call, &account.deleted_member(), &account.member());
    account.deleted = None;
    changes.push(Change::Account(Account::clone(&account)));
    call.cloud.commit(changes, call.now)?;
    Ok(json!({"restoredAccount": account.to_json()}))
}

/// The policies that name a member, with another name in its place.
fn renamed(call: &mut Call<'_>, from: &str, to: &str) -> Vec<Change> {
    let mut touched = Vec::new();
    for (key, policy) in call.cloud.policies() {
        if policy.members().any(|member| member == from) {
            let mut policy = Policy::clone(policy);
            policy.rename(from, to);
            touched.push((key.clone(), policy));
        }
    }
    let stamped = touched.into_iter().map(|(key, mut policy)| {
        policy.etag = Some(call.cloud.next_etag(call.now));
        Change::Policy { key, policy }
    });
    stamped.collect()
}
