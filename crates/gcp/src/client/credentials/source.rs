//! Tokens, kept until shortly before they expire.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use http::HeaderValue;
use rbacform_provider::{ErrorKind, ProviderError};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::super::retry::Patience;

/// How long before its end a token is no longer used. The metadata server gives out a new one only
/// in the last five minutes of the old.
const MARGIN: Duration = Duration::from_secs(225);
/// A token whose end nobody tells.
const UNTOLD: Duration = Duration::from_secs(300);
/// How long a server of tokens may be unwell.
const BOUND: Duration = Duration::from_secs(20);

/// An access token. Neither shown nor compared.
#[derive(Clone)]
pub struct Token {
    secret: SecretString,
    expires: Option<Instant>,
    /// Tells a renewed token from the one before, without comparing secrets.
    number: u64,
}

/// Where tokens come from. Cheap to clone; the clones share their token.
#[derive(Clone)]
pub struct TokenSource(Arc<Shared>);

struct Shared {
    mint: Box<dyn Mint>,
    held: Mutex<Held>,
    /// How often a token could not be had.
    failures: AtomicU64,
}

#[derive(Default)]
struct Held {
    token: Option<Token>,
    minted: u64,
    failure: Option<ProviderError>,
}

/// One way to a new token.
#[async_trait]
pub(crate) trait Mint: Send + Sync {
    /// Fetches a token.
    async fn mint(&self) -> Result<Token, ProviderError>;

    /// Whether another one can be had where one was refused.
    fn is_renewable(&self) -> bool {
        true
    }
}

impl Token {
    /// A token that ends in so long, where that is known.
    pub(crate) fn new(secret: impl Into<String>, lifetime: Option<Duration>) -> Self {
        Self {
            secret: SecretString::from(secret.into()),
            expires: lifetime.map(|lifetime| Instant::now() + lifetime),
            number: 0,
        }
    }

    /// The bare token.
    pub fn secret(&self) -> &SecretString {
        &self.secret
    }

    /// For how long it may still be used.
    pub fn good_for(&self) -> Option<Duration> {
        let end = self.expires?;
        Some(end.duration_since(Instant::now()).saturating_sub(MARGIN))
    }

    /// The header's value, kept out of debug output.
    pub(crate) fn header(&self) -> HeaderValue {
        let text = format!("Bearer {}", self.secret.expose_secret());
        // Minting has seen to it that it fits.
        let mut value = HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("Bearer"));
        value.set_sensitive(true);
        value
    }

    fn is_usable(&self) -> bool {
        self.expires.is_none_or(|end| Instant::now() + MARGIN < end)
    }
}

impl TokenSource {
    pub(crate) fn new(mint: Box<dyn Mint>) -> Self {
        Self(Arc::new(Shared {
            mint,
            held: Mutex::default(),
            failures: AtomicU64::new(0),
        }))
    }

    /// A token that holds for some minutes yet. It is fetched once, however many wait for it, also
    /// where that fails.
    ///
    /// # Errors
    /// Whatever stands in the way of one, with what to do.
    pub async fn token(&self) -> Result<Token, ProviderError> {
        self.obtain(None).await
    }

    /// Another token in place of one that the server refused; `None` where there is no other.
    ///
    /// # Errors
    /// As for [`token`](Self::token).
    pub async fn renew(&self, refused: &Token) -> Result<Option<Token>, ProviderError> {
        if !self.0.mint.is_renewable() {
            return Ok(None);
        }
        self.obtain(Some(refused.number)).await.map(Some)
    }

    /// Another token in place of the last one, which a server refused. The last one again where
    /// there is no other.
    ///
    /// # Errors
    /// As for [`token`](Self::token).
    pub async fn renewed(&self) -> Result<Token, ProviderError> {
        let last = self.token().await?;
        Ok(self.renew(&last).await?.unwrap_or(last))
    }

    async fn obtain(&self, refused: Option<u64>) -> Result<Token, ProviderError> {
        let failures = self.0.failures.load(Ordering::Acquire);
        let mut held = self.0.held.lock().await;
        let usable = held
            .token
            .as_ref()
            .filter(|token| token.is_usable() && refused != Some(token.number));
        if let Some(token) = usable {
            return Ok(token.clone());
        }
        if let Some(failure) = &held.failure
            && failures < self.0.failures.load(Ordering::Acquire)
        {
            return Err(failure.clone());
        }
        match self.mint().await {
            Ok(token) => {
                held.minted += 1;
                let token = Token {
                    number: held.minted,
                    expires: token.expires.or(Some(Instant::now() + UNTOLD + MARGIN)),
                    ..token
                };
                held.token = Some(token.clone());
                Ok(token)
            }
            Err(failure) => {
                self.0.failures.fetch_add(1, Ordering::AcqRel);
                held.failure = Some(failure.clone());
                Err(failure)
            }
        }
    }

    async fn mint(&self) -> Result<Token, ProviderError> {
        let mut patience = Patience::within(BOUND);
        loop {
            match self.0.mint.mint().await {
                Ok(token) => return checked(token),
                Err(error)
                    if error.kind == ErrorKind::Unavailable
                        && patience.wait(error.retry_after).await => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// A token fits into a header.
fn checked(token: Token) -> Result<Token, ProviderError> {
    let text = token.secret.expose_secret();
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(ProviderError::new(
            ErrorKind::Configuration,
            "the access token holds characters that no token has, or none at all",
        )
        .help("give the bare token, as `gcloud auth print-access-token` prints it"));
    }
    Ok(token)
}

/// A token that was given.
pub(crate) struct Fixed(pub(crate) SecretString);

#[async_trait]
impl Mint for Fixed {
    async fn mint(&self) -> Result<Token, ProviderError> {
        Ok(Token::new(self.0.expose_secret().trim(), None))
    }

    fn is_renewable(&self) -> bool {
        false
    }
}

/// A token that others write into a file: `CLOUDSDK_AUTH_ACCESS_TOKEN_FILE`.
pub(crate) struct FromFile(pub(crate) PathBuf);

#[async_trait]
impl Mint for FromFile {
    async fn mint(&self) -> Result<Token, ProviderError> {
        let text = tokio::fs::read_to_string(&self.0).await.map_err(|error| {
            let message = format!(
                "the access token's file `{}` cannot be read: {}",
                self.0.display(),
                error.kind()
            );
            ProviderError::new(ErrorKind::Configuration, message)
                .help("check `CLOUDSDK_AUTH_ACCESS_TOKEN_FILE`")
        })?;
        Ok(Token::new(text.trim(), None))
    }
}
