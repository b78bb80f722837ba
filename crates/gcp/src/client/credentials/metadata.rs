//! The metadata server of Google's machines: a token of the machine's own service account.
//!
//! Not yup-oauth2's flow, which reads the environment and takes any web server for Google's.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use rbacform_provider::{ErrorKind, ProviderError};
use reqwest::Url;
use serde::Deserialize;

use super::super::transport::{Failure, Outgoing, Reply, Transport};
use super::{Mint, SCOPE, Token};

const HOST: &str = "metadata.google.internal";
const ACCOUNT: &str = "computeMetadata/v1/instance/service-accounts/default";
/// On any other machine nobody answers: do not let people wait.
const PATIENCE: Duration = Duration::from_secs(3);

/// The metadata server.
#[derive(Clone)]
pub(crate) struct Metadata {
    pub(crate) transport: Arc<dyn Transport>,
    /// `HOST` or `HOST:PORT`, where it is not Google's own.
    pub(crate) host: Option<String>,
}

#[derive(Deserialize)]
struct Answer {
    access_token: String,
    expires_in: u64,
}

impl Metadata {
    /// The service account's address.
    pub(crate) async fn email(&self) -> Result<String, ProviderError> {
        let reply = self.get(&format!("{ACCOUNT}/email")).await?;
        Ok(String::from_utf8_lossy(&reply.body).trim().to_owned())
    }

    async fn get(&self, path: &str) -> Result<Reply, ProviderError> {
        let host = self.host.as_deref().unwrap_or(HOST);
        let url = Url::parse(&format!("http://{host}/{path}")).map_err(|_| {
            let message = format!("`{host}` is no host of a metadata server");
            ProviderError::new(ErrorKind::Configuration, message)
        })?;
        let mut headers = HeaderMap::new();
        headers.insert("metadata-flavor", HeaderValue::from_static("Google"));
        let request = Outgoing {
            method: Method::GET,
            url,
            headers,
            body: Vec::new(),
        };
        let reply = match tokio::time::timeout(PATIENCE, self.transport.exchange(request)).await {
            Ok(Ok(reply)) if reply.header("metadata-flavor") == Some("Google") => reply,
            Ok(Err(Failure::Lost(error))) => return Err(error),
            _ => return Err(nobody()),
        };
        match reply.status {
            StatusCode::OK => Ok(reply),
            StatusCode::NOT_FOUND => Err(ProviderError::new(
                ErrorKind::Unauthenticated,
                "this machine has no service account",
            )
            .help("give it one, or name a credential in `GOOGLE_APPLICATION_CREDENTIALS`")),
            status => {
                let kind = match status.is_server_error() || status.as_u16() == 429 {
                    true => ErrorKind::Unavailable,
                    false => ErrorKind::Unauthenticated,
                };
                let message = format!("the metadata server answered {status}");
                Err(ProviderError::new(kind, message))
            }
        }
    }
}

#[async_trait]
impl Mint for Metadata {
    async fn mint(&self) -> Result<Token, ProviderError> {
        let reply = self.get(&format!("{ACCOUNT}/token?scopes={SCOPE}")).await?;
        let answer: Answer = serde_json::from_slice(&reply.body).map_err(|_| {
            ProviderError::new(
                ErrorKind::Protocol,
                "the metadata server's answer is no token",
            )
        })?;
        let lifetime = Duration::from_secs(answer.expires_in);
        Ok(Token::new(answer.access_token, Some(lifetime)))
    }
}

/// The last place to look is empty.
fn nobody() -> ProviderError {
    ProviderError::new(
        ErrorKind::Unauthenticated,
        "there are no Google credentials: no file is named or found, and this is no machine of \
         Google's",
    )
    .help(
        "run `gcloud auth application-default login`, or name a credential's file in \
         `GOOGLE_APPLICATION_CREDENTIALS`; `--sandbox` needs none",
    )
}
