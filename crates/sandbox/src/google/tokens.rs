//! Access tokens that the sandbox minted. They are kept in memory alone and end with the process.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use super::caller::Member;
use super::clock::Moment;
use super::cloud::Cloud;

/// The living tokens.
#[derive(Default)]
pub(crate) struct Tokens(BTreeMap<String, Minted>);

/// What is known of a token.
#[derive(Debug, Clone)]
pub(crate) struct Minted {
    pub(crate) member: Member,
    /// Of a service account: the token ends with it.
    pub(crate) unique_id: Option<String>,
    pub(crate) expires: Moment,
    pub(crate) scopes: Vec<String>,
}

/// Tokens stay out of debug output.
impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tokens({})", self.0.len())
    }
}

impl Tokens {
    /// A new token, and until when it lives.
    pub(crate) fn mint(
        &mut self,
        member: Member,
        unique_id: Option<String>,
        scopes: Vec<String>,
        lifetime: Duration,
        now: Moment,
    ) -> (String, Moment) {
        self.0.retain(|_, minted| minted.expires > now);
        let expires = now.plus(lifetime);
        let random = || uuid::Uuid::new_v4().simple().to_string();
        let token = format!("ya29.sandbox.{}{}", random(), random());
        let minted = Minted {
            member,
            unique_id,
            expires,
            scopes,
        };
        self.0.insert(token.clone(), minted);
        (token, expires)
    }

    /// A token that has not ended; that of a service account ends with it, and rests while it is
    /// disabled.
    pub(crate) fn living(&self, token: &str, cloud: &Cloud, now: Moment) -> Option<&Minted> {
        let minted = self.0.get(token).filter(|minted| minted.expires > now)?;
        match &minted.unique_id {
            Some(id) => cloud
                .living(id)
                .filter(|account| !account.disabled)
                .map(|_| minted),
            None => Some(minted),
        }
    }
}
