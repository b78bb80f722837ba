//! Who each server says we are.

use std::collections::BTreeMap;

use rbacform_access::User;
use rbacform_core::Text;
use rbacform_planner::Planned;
use rbacform_provider::{ErrorKind, ProviderError};

use super::read::Reader;
use super::{KUBERNETES, Request};

/// Whoever carries the plan out.
#[derive(Default)]
pub(super) struct Identities {
    /// By provider instance, where it was asked.
    pub(super) names: BTreeMap<Text, String>,
    /// At the cluster, with all groups.
    pub(super) user: Option<User>,
}

impl Identities {
    /// Asks where a plan changes something or is saved.
    pub(super) async fn ask(
        request: &Request<'_>,
        planned: &Planned,
        reader: &mut Reader<'_>,
    ) -> Result<Self, ProviderError> {
        let mut identities = Self::default();
        if !request.ask_identity && planned.summary.pending() == 0 {
            return Ok(identities);
        }
        for instance in reader.connection.providers.keys() {
            match identities.of(instance, reader).await {
                Ok(Some(name)) => {
                    identities.names.insert(instance.as_str().into(), name);
                }
                Ok(None) => {}
                Err(error) => reader.notes.push(unidentified(error)?),
            }
        }
        Ok(identities)
    }

    async fn of(
        &mut self,
        instance: &str,
        reader: &Reader<'_>,
    ) -> Result<Option<String>, ProviderError> {
        let connection = &reader.connection;
        let Some(cluster) = connection.kubernetes().filter(|_| instance == KUBERNETES) else {
            return connection.identity(instance).await;
        };
        let identity = cluster.whoami().await?;
        self.user = Some(User {
            name: identity.username.clone(),
            groups: identity.groups,
        });
        Ok(Some(identity.username))
    }
}

/// Who we are is only told, never needed: a server that refuses to say is no reason not to plan.
fn unidentified(error: ProviderError) -> Result<String, ProviderError> {
    match error.kind {
        ErrorKind::Forbidden | ErrorKind::NotFound => Ok(error.message),
        _ => Err(error),
    }
}
