//! Who the caller is.

use std::collections::BTreeMap;
use std::fmt;

use rbacform_access::User;
use rbacform_access::subject::{ANONYMOUS, AUTHENTICATED, UNAUTHENTICATED};

use crate::status::Status;
use crate::token;
use crate::world::World;

/// An authenticated caller, with what only reviews show.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Caller {
    pub(crate) user: User,
    pub(crate) uid: String,
    pub(crate) extra: BTreeMap<String, Vec<String>>,
}

/// Whom a sandbox was started with.
#[derive(Clone, Default)]
pub(crate) struct Identities {
    tokens: BTreeMap<String, User>,
    /// Who callers without a token are; `system:anonymous` where not set.
    pub(crate) without_token: Option<User>,
}

/// Tokens stay out of debug output.
impl fmt::Debug for Identities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.tokens.values()).finish()
    }
}

impl Identities {
    pub(crate) fn add(&mut self, token: String, user: User) {
        self.tokens.insert(token, user);
    }

    /// Finds the caller of a request by its `Authorization` header.
    pub(crate) fn authenticate(
        &self,
        world: &World,
        authorization: Option<&str>,
    ) -> Result<Caller, Status> {
        let Some(bearer) = bearer(authorization) else {
            if let Some(user) = &self.without_token {
                return Ok(Caller {
                    user: user.clone(),
                    ..Caller::default()
                });
            }
            let groups = vec![UNAUTHENTICATED.to_owned()];
            return Ok(Caller {
                user: User {
                    name: ANONYMOUS.to_owned(),
                    groups,
                },
                ..Caller::default()
            });
        };
        if let Some(user) = self.tokens.get(bearer) {
            let mut user = user.clone();
            let told = [AUTHENTICATED, UNAUTHENTICATED];
            if !user
                .groups
                .iter()
                .any(|group| told.contains(&group.as_str()))
            {
                user.groups.push(AUTHENTICATED.to_owned());
            }
            return Ok(Caller {
                user,
                ..Caller::default()
            });
        }
        token::authenticate(world, bearer).ok_or_else(Status::unauthorized)
    }
}

/// The token of an `Authorization` header.
pub(crate) fn bearer(authorization: Option<&str>) -> Option<&str> {
    let (scheme, token) = authorization?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}
