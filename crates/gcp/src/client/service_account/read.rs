//! Reading service accounts: one list a project.

use rbacform_core::ObjectId;
use rbacform_provider::ProviderError;
use serde::Deserialize;

use super::{Account, parts};
use crate::client::encoded;
use crate::client::errors::unreadable;
use crate::client::http::{Call, Http};
use crate::target::Api;

/// A list is followed no further: Google lets a project have some hundreds of accounts.
const PAGES: usize = 1_000;

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Page {
    accounts: Vec<Account>,
    next_page_token: String,
}

impl Http {
    /// Every service account of a project. Those deleted softly are not listed by Google.
    pub(in crate::client) async fn service_accounts(
        &self,
        project: &str,
    ) -> Result<Vec<Account>, ProviderError> {
        let mut accounts = Vec::new();
        let mut next = String::new();
        for _ in 0..PAGES {
            let mut path = format!("v1/projects/{project}/serviceAccounts?pageSize=100");
            if !next.is_empty() {
                path = format!("{path}&pageToken={}", encoded(&next));
            }
            let call = Call::get(Api::Iam, path, format!("projects/{project}"));
            let page: Page = self.fetch(&call).await?;
            accounts.extend(page.accounts);
            next = page.next_page_token;
            if next.is_empty() {
                return Ok(accounts);
            }
        }
        Err(unreadable(&format!("projects/{project}")))
    }

    /// A service account by its address or unique id; `None` where there is none.
    pub(in crate::client) async fn service_account(
        &self,
        object: &ObjectId,
        unique_id: Option<&str>,
    ) -> Result<Option<Account>, ProviderError> {
        let Some((project, email)) = parts(object) else {
            return Ok(None);
        };
        let call = account_call(project, unique_id.unwrap_or(email), email);
        let account: Option<Account> = self.fetch_if_there(&call).await?;
        match account {
            Some(account) if account.unique_id.is_empty() => Err(unreadable(email)),
            account => Ok(account),
        }
    }
}

/// Reads one account.
pub(super) fn account_call(project: &str, key: &str, email: &str) -> Call {
    let path = format!("v1/projects/{project}/serviceAccounts/{key}");
    Call::get(Api::Iam, path, email)
}
