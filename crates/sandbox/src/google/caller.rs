//! Who calls: the sandbox's owner, somebody with a name, or the bearer of a minted token.

use super::clock::Moment;
use super::cloud::Cloud;
use super::failure::Failure;
use super::settings::Settings;
use super::tokens::Tokens;

/// A caller as policies name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Member {
    /// `user:ana@example.com` or `serviceAccount:…`.
    pub(crate) member: String,
    /// The groups it is in: `group:ml@example.com`.
    pub(crate) groups: Vec<String>,
}

/// The caller of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Caller {
    /// May do everything, and stands on no policy.
    Owner,
    Member(Member),
}

/// The owner's email where one must be shown.
pub(crate) const OWNER_EMAIL: &str = "owner@sandbox.invalid";

impl Member {
    pub(crate) fn email(&self) -> &str {
        self.member
            .split_once(':')
            .map_or(self.member.as_str(), |(_, email)| email)
    }

    /// Whether a member of a binding means this caller.
    pub(crate) fn is_meant_by(&self, bound: &str) -> bool {
        bound == "allUsers"
            || bound == "allAuthenticatedUsers"
            || bound == self.member
            || self.groups.iter().any(|group| group == bound)
            || bound.strip_prefix("domain:").is_some_and(|domain| {
                self.member.starts_with("user:") && self.email().rsplit('@').next() == Some(domain)
            })
    }
}

/// The caller behind a bearer token; without one it is the owner.
pub(crate) fn identify(
    bearer: Option<&str>,
    settings: &Settings,
    tokens: &Tokens,
    cloud: &Cloud,
    now: Moment,
) -> Result<Caller, Failure> {
    let Some(bearer) = bearer else {
        let set = settings.without_token.clone();
        return Ok(set.map_or(Caller::Owner, Caller::Member));
    };
    if settings.owner_tokens.iter().any(|token| token == bearer) {
        return Ok(Caller::Owner);
    }
    if let Some(member) = settings.identities.get(bearer) {
        return Ok(Caller::Member(member.clone()));
    }
    let minted = tokens.living(bearer, cloud, now);
    let member = minted.map(|minted| minted.member.clone());
    member
        .map(Caller::Member)
        .ok_or_else(Failure::unauthenticated)
}
