//! Impersonation: a token of one service account, by those who may act as it.
//!
//! `iamcredentials.projects.serviceAccounts.generateAccessToken`. Not yup-oauth2's flow, which
//! starts from users only, knows no delegates and drops the server's reasons.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use rbacform_provider::{ErrorKind, ProviderError};
use reqwest::Url;
use serde::Deserialize;
use serde_json::json;

use super::super::errors::{redacted, refused};
use super::super::status::retry_after;
use super::super::transport::{Failure, Outgoing, Transport};
use super::{Mint, SCOPE, Token, TokenSource};

/// A chain of service accounts: each may make tokens of the next.
pub(crate) struct Impersonated {
    pub(crate) transport: Arc<dyn Transport>,
    /// Who asks.
    pub(crate) source: TokenSource,
    /// Where to ask: `.../serviceAccounts/EMAIL:generateAccessToken`.
    pub(crate) url: Url,
    /// Who acts in the end.
    pub(crate) email: String,
    /// Those in between.
    pub(crate) delegates: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    access_token: String,
    /// RFC 3339.
    expire_time: String,
}

#[async_trait]
impl Mint for Impersonated {
    async fn mint(&self) -> Result<Token, ProviderError> {
        let token = self.source.token().await?;
        let delegates: Vec<_> = self
            .delegates
            .iter()
            .map(|email| match email.starts_with("projects/") {
                true => email.clone(),
                false => format!("projects/-/serviceAccounts/{email}"),
            })
            .collect();
        let body = json!({"delegates": delegates, "scope": [SCOPE], "lifetime": "3600s"});
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(AUTHORIZATION, token.header());
        let request = Outgoing {
            method: Method::POST,
            url: self.url.clone(),
            headers,
            body: body.to_string().into_bytes(),
        };
        let reply = match self.transport.exchange(request).await {
            Ok(reply) => reply,
            Err(Failure::NotSent(error) | Failure::Lost(error)) => return Err(error),
            // Not tried again: a host that never answers is more likely misspelt.
            Err(Failure::Unreached(error)) => {
                return Err(ProviderError {
                    kind: ErrorKind::Configuration,
                    ..error
                });
            }
        };
        if reply.status != StatusCode::OK {
            return Err(self.refused(&refused(&reply, &self.email), &reply));
        }
        let answer: Answer = serde_json::from_slice(&reply.body).map_err(|_| {
            let message = format!("the answer for `{}` is no token", self.email);
            ProviderError::new(ErrorKind::Protocol, message)
        })?;
        let end: Option<jiff::Timestamp> = answer.expire_time.parse().ok();
        let left = end.map(|end| end.duration_since(jiff::Timestamp::now()));
        let lifetime = left.map(|left| Duration::try_from(left).unwrap_or(Duration::ZERO));
        Ok(Token::new(answer.access_token, lifetime))
    }
}

impl Impersonated {
    fn refused(
        &self,
        error: &ProviderError,
        reply: &super::super::transport::Reply,
    ) -> ProviderError {
        let message = format!(
            "`{}` cannot be impersonated: {}",
            self.email,
            redacted(&error.message)
        );
        let mut refused = ProviderError::new(error.kind, message);
        refused.retry_after = retry_after(reply, jiff::Timestamp::now());
        refused.help = match error.kind {
            ErrorKind::Forbidden | ErrorKind::NotFound => {
                let who = match self.delegates.last() {
                    Some(last) => format!("`{last}`"),
                    None => "whoever runs this".to_owned(),
                };
                Some(format!(
                    "grant {who} `roles/iam.serviceAccountTokenCreator` on `{}`, if that account \
                     exists",
                    self.email
                ))
            }
            _ => error.help.clone(),
        };
        refused
    }
}
