//! Whose token it is.

use std::sync::Arc;

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use rbacform_provider::{ErrorKind, ProviderError};
use reqwest::Url;
use secrecy::ExposeSecret as _;
use serde::Deserialize;

use super::super::transport::{Failure, Outgoing, Transport};
use super::TokenSource;
use super::metadata::Metadata;

const TOKENINFO: &str = "https://oauth2.googleapis.com/tokeninfo";

/// How to learn who we are, without any right in Google Cloud.
pub(crate) enum Whose {
    /// The credential says so.
    Known(String),
    /// The metadata server does.
    Machine(Metadata),
    /// Google's token server may, by the token.
    Asked(Arc<dyn Transport>),
}

#[derive(Deserialize)]
struct Answer {
    email: Option<String>,
    /// The account's unique id: there without any scope.
    sub: Option<String>,
}

impl Whose {
    /// The address; where a token does not tell it, the unique id; for an external account, its
    /// pool.
    pub(crate) async fn email(&self, tokens: &TokenSource) -> Result<String, ProviderError> {
        match self {
            Self::Known(email) => Ok(email.clone()),
            Self::Machine(metadata) => metadata.email().await,
            Self::Asked(transport) => ask(&**transport, tokens).await,
        }
    }
}

/// The token goes in the body: a URL would end up in logs.
async fn ask(transport: &dyn Transport, tokens: &TokenSource) -> Result<String, ProviderError> {
    let token = tokens.token().await?;
    let form = format!(
        "access_token={}",
        utf8_percent_encode(token.secret().expose_secret(), NON_ALPHANUMERIC)
    );
    let mut headers = HeaderMap::new();
    let form_type = HeaderValue::from_static("application/x-www-form-urlencoded");
    headers.insert(CONTENT_TYPE, form_type);
    let url = Url::parse(TOKENINFO)
        .map_err(|_| untold("the address of Google's token server is wrong"))?;
    let request = Outgoing {
        method: Method::POST,
        url,
        headers,
        body: form.into_bytes(),
    };
    let reply = match transport.exchange(request).await {
        Ok(reply) => reply,
        Err(Failure::NotSent(error) | Failure::Unreached(error) | Failure::Lost(error)) => {
            return Err(error);
        }
    };
    if reply.status == StatusCode::BAD_REQUEST {
        return Err(ProviderError::new(
            ErrorKind::Unauthenticated,
            "the access token is not accepted: it may have expired",
        )
        .help("make a fresh one, e.g. with `gcloud auth print-access-token`"));
    }
    let answer: Option<Answer> = serde_json::from_slice(&reply.body).ok();
    answer
        .and_then(|answer| answer.email.or(answer.sub))
        .ok_or_else(|| untold("the token does not tell whose it is"))
}

fn untold(why: &str) -> ProviderError {
    ProviderError::new(
        ErrorKind::Unavailable,
        format!("who we are is not known: {why}"),
    )
    .help("a token with the scope `userinfo.email` tells it; nothing else depends on it")
}
