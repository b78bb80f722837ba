//! Disabling and enabling service accounts.

use serde_json::{Value, json};

use super::named;
use crate::google::call::Call;
use crate::google::failure::Failure;
use crate::google::journal::Change;

/// `projects.serviceAccounts.disable`; its tokens rest.
pub(crate) fn disable(call: &mut Call<'_>) -> Result<Value, Failure> {
    switch(call, "iam.serviceAccounts.disable", true)
}

/// `projects.serviceAccounts.enable`.
pub(crate) fn enable(call: &mut Call<'_>) -> Result<Value, Failure> {
    switch(call, "iam.serviceAccounts.enable", false)
}

fn switch(call: &mut Call<'_>, permission: &str, disabled: bool) -> Result<Value, Failure> {
    let mut account = named(call, permission)?;
    if account.disabled != disabled {
        account.disabled = disabled;
        call.cloud
            .commit(vec![Change::Account(account)], call.now)?;
    }
    Ok(json!({}))
}
