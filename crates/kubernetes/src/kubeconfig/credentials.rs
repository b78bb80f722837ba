//! Logging in: from what the kubeconfig says to what a request carries.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use jiff::{SignedDuration, Timestamp};
use rbacform_provider::{ErrorKind, ProviderError};
use secrecy::{ExposeSecret as _, SecretString};

use super::exec::Plugin;
use super::file::reason;
use super::pem::Identity;
use crate::connect::TokenSource;

/// How to log in.
pub(crate) enum Login {
    /// With a client certificate, or not at all.
    Anonymous,
    /// With a token.
    Token(SecretString),
    /// With a token that another program keeps fresh in a file.
    TokenFile {
        path: PathBuf,
        fallback: Option<SecretString>,
    },
    /// With a password. Servers since 1.19 refuse it; kubectl sends it all the same.
    Basic {
        username: String,
        password: SecretString,
    },
    /// With what another program answers.
    Exec(Plugin),
    /// With a cloud's own tokens.
    Cloud(Arc<dyn TokenSource>),
}

/// What requests carry, for as long as it is good.
pub(crate) struct Credential {
    /// The header `Authorization`.
    pub(crate) authorization: Option<HeaderValue>,
    /// The certificate of a plugin.
    pub(crate) identity: Option<Identity>,
    /// When to ask again.
    pub(crate) renew_at: Option<Timestamp>,
}

/// Token files are read again after this: as often as client-go does.
const TOKEN_FILE_LIFETIME: SignedDuration = SignedDuration::from_secs(60);
/// A credential this close to its end is renewed.
const MARGIN: SignedDuration = SignedDuration::from_secs(10);

impl Login {
    /// Whether asking again may give another credential.
    pub(crate) fn is_renewable(&self) -> bool {
        matches!(
            self,
            Self::TokenFile { .. } | Self::Exec(_) | Self::Cloud(_)
        )
    }

    /// Obtains a credential. `refused` says that the server no longer took the last one.
    pub(crate) async fn obtain(&self, refused: bool) -> Result<Credential, ProviderError> {
        let authorization = match self {
            Self::Anonymous => None,
            Self::Token(token) => Some(bearer(token)?),
            Self::Basic { username, password } => Some(basic(username, password)?),
            Self::TokenFile { path, fallback } => {
                let token = read_token(path, fallback.as_ref())?;
                return Ok(Credential {
                    authorization: Some(bearer(&token)?),
                    identity: None,
                    renew_at: Timestamp::now().checked_add(TOKEN_FILE_LIFETIME).ok(),
                });
            }
            Self::Exec(plugin) => {
                let answer = plugin.run().await?;
                return Ok(Credential {
                    authorization: answer.token.as_ref().map(bearer).transpose()?,
                    identity: answer.identity,
                    renew_at: answer.expires.and_then(|end| end.checked_sub(MARGIN).ok()),
                });
            }
            Self::Cloud(tokens) => {
                let fresh = tokens.token(refused).await?;
                let lifetime = fresh.good_for.map(SignedDuration::try_from);
                let lifetime = lifetime.and_then(Result::ok).map(|whole| whole - MARGIN);
                return Ok(Credential {
                    authorization: Some(bearer(&fresh.token)?),
                    identity: None,
                    renew_at: lifetime.and_then(|rest| Timestamp::now().checked_add(rest).ok()),
                });
            }
        };
        Ok(Credential {
            authorization,
            identity: None,
            renew_at: None,
        })
    }
}

impl Credential {
    /// Whether it is time to ask again.
    pub(crate) fn is_stale(&self) -> bool {
        self.renew_at.is_some_and(|at| Timestamp::now() >= at)
    }
}

fn read_token(path: &Path, fallback: Option<&SecretString>) -> Result<SecretString, ProviderError> {
    let read = std::fs::read_to_string(path).map_err(|error| reason(&error));
    // An editor's newline at the end is no part of it.
    let token = read.map(|text| text.trim().to_owned());
    match (token, fallback) {
        (Ok(token), _) if !token.is_empty() => Ok(SecretString::from(token)),
        (_, Some(token)) => Ok(token.clone()),
        (token, None) => {
            let why = token.err().unwrap_or_else(|| "it is empty".to_owned());
            let message = format!("the token file `{}` cannot be used: {why}", path.display());
            Err(ProviderError::new(ErrorKind::Configuration, message))
        }
    }
}

fn bearer(token: &SecretString) -> Result<HeaderValue, ProviderError> {
    header(&format!("Bearer {}", token.expose_secret()), "token")
}

fn basic(username: &str, password: &SecretString) -> Result<HeaderValue, ProviderError> {
    let pair = STANDARD.encode(format!("{username}:{}", password.expose_secret()));
    header(&format!("Basic {pair}"), "password")
}

fn header(text: &str, what: &str) -> Result<HeaderValue, ProviderError> {
    let mut value = HeaderValue::from_str(text).map_err(|_| {
        let message = format!("the {what} holds characters that no header may hold");
        ProviderError::new(ErrorKind::Configuration, message)
    })?;
    value.set_sensitive(true);
    Ok(value)
}
