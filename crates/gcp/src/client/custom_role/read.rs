//! Reading custom roles: one list a project or organization.

use rbacform_provider::ProviderError;
use serde::Deserialize;

use super::Role;
use crate::client::encoded;
use crate::client::errors::unreadable;
use crate::client::http::{Call, Http};
use crate::target::Api;

/// A list is followed no further: Google lets a parent have 300 roles.
const PAGES: usize = 1_000;

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Page {
    roles: Vec<Role>,
    next_page_token: String,
}

impl Http {
    /// Every custom role of `projects/P` or `organizations/N`, deleted ones included, with their
    /// permissions.
    pub(in crate::client) async fn custom_roles(
        &self,
        parent: &str,
    ) -> Result<Vec<Role>, ProviderError> {
        let mut roles = Vec::new();
        let mut next = String::new();
        for _ in 0..PAGES {
            let mut path = format!("v1/{parent}/roles?pageSize=1000&showDeleted=true&view=FULL");
            if !next.is_empty() {
                path = format!("{path}&pageToken={}", encoded(&next));
            }
            let call = Call::get(Api::Iam, path, parent);
            let page: Page = self.fetch(&call).await?;
            roles.extend(page.roles);
            next = page.next_page_token;
            if next.is_empty() {
                return Ok(roles);
            }
        }
        Err(unreadable(parent))
    }

    /// A custom role, deleted or not, by its full name; `None` where there is none.
    pub(in crate::client) async fn custom_role(
        &self,
        name: &str,
    ) -> Result<Option<Role>, ProviderError> {
        let call = Call::get(Api::Iam, format!("v1/{name}"), name);
        self.fetch_if_there(&call).await
    }
}
