//! Tokens by yup-oauth2: service account keys, users, external accounts.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use futures_util::future::BoxFuture;
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::Connect;
use rbacform_provider::{ErrorKind, ProviderError};
use tokio::sync::OnceCell;
use yup_oauth2::authenticator::Authenticator;
use yup_oauth2::authorized_user::AuthorizedUserSecret;
use yup_oauth2::error::AuthErrorCode;
use yup_oauth2::external_account::ExternalAccountSecret;
use yup_oauth2::{
    AccessToken, AuthorizedUserAuthenticator, CustomHyperClientBuilder,
    ExternalAccountAuthenticator, ServiceAccountAuthenticator, ServiceAccountKey,
};

use super::super::errors::redacted;
use super::{Mint, SCOPE, Token};

/// A credential that yup-oauth2 makes tokens from. Each holds a secret: no `Debug`.
#[derive(Clone)]
pub(super) enum Flow {
    /// A service account's key.
    Key(ServiceAccountKey),
    /// A person, by a refresh token.
    User(AuthorizedUserSecret),
    /// An identity of another provider, by a token from a file or URL.
    External(ExternalAccountSecret),
}

type Fetch =
    Box<dyn Fn() -> BoxFuture<'static, Result<AccessToken, yup_oauth2::Error>> + Send + Sync>;

/// A credential of a file.
pub(super) struct Oauth {
    fetch: Fetch,
    kind: Kind,
    /// Where the credential is, for messages.
    file: String,
    timeout: Duration,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Key,
    User,
    External,
}

impl Oauth {
    /// Over that client, whose own timeout yup-oauth2 forgets.
    pub(super) fn new<C>(
        flow: Flow,
        client: legacy::Client<C, String>,
        file: String,
        timeout: Duration,
    ) -> Self
    where
        C: Connect + Clone + Send + Sync + 'static,
    {
        let kind = match &flow {
            Flow::Key(_) => Kind::Key,
            Flow::User(_) => Kind::User,
            Flow::External(_) => Kind::External,
        };
        let cell: Arc<OnceCell<Authenticator<C>>> = Arc::default();
        let fetch = move || {
            let (cell, flow, client) = (Arc::clone(&cell), flow.clone(), client.clone());
            let fetched: BoxFuture<'static, _> = Box::pin(async move {
                let authenticator = cell.get_or_try_init(|| build(flow, client)).await?;
                // How long a token is kept is our own matter.
                authenticator.force_refreshed_token(&[SCOPE]).await
            });
            fetched
        };
        Self {
            fetch: Box::new(fetch),
            kind,
            file,
            timeout,
        }
    }

    fn failed(&self, error: &yup_oauth2::Error) -> ProviderError {
        use yup_oauth2::Error;
        let of = |kind, what: String| {
            ProviderError::new(kind, format!("no token for `{}`: {what}", self.file))
        };
        match error {
            Error::AuthError(refused) => {
                let mut words = refused.error.as_str().to_owned();
                if let Some(description) = &refused.error_description {
                    words = format!("{words}: {description}");
                }
                let kind = match words.starts_with("temporarily_unavailable")
                    || words.starts_with("internal_failure")
                    || words.starts_with("server_error")
                {
                    true => ErrorKind::Unavailable,
                    false => ErrorKind::Unauthenticated,
                };
                of(kind, redacted(&words)).help(self.help(&refused.error))
            }
            Error::HttpError(error) => of(ErrorKind::Unavailable, innermost(error)),
            Error::HttpClientError(error) => of(ErrorKind::Unavailable, innermost(error)),
            // Its own words may quote what it could not read.
            Error::JSONError(_) | Error::MissingAccessToken | Error::CredentialSourceError(_) => {
                of(
                    ErrorKind::Protocol,
                    "what was answered is no token".to_owned(),
                )
                .help("check the URLs in the file, and what stands between")
            }
            Error::LowLevelError(error) => of(
                ErrorKind::Configuration,
                match self.kind {
                    Kind::External => format!("its subject token cannot be read: {}", error.kind()),
                    Kind::Key => "its `private_key` is no RSA key in PKCS#8".to_owned(),
                    Kind::User => error.kind().to_string(),
                },
            )
            .help("check the file, or make it anew"),
            _ => of(
                ErrorKind::Configuration,
                "the credential cannot be used".to_owned(),
            ),
        }
    }

    fn help(&self, code: &AuthErrorCode) -> String {
        let help = match (self.kind, code) {
            (Kind::User, _) => "log in again: `gcloud auth application-default login`",
            (Kind::Key, AuthErrorCode::InvalidGrant) => {
                "the key or its account may have been deleted or disabled; check this machine's \
                 clock too"
            }
            (Kind::Key, _) => "make a new key, or do without one: impersonate the account",
            (Kind::External, _) => {
                "check the audience, the provider's conditions and that the subject token is fresh"
            }
        };
        help.to_owned()
    }
}

#[async_trait]
impl Mint for Oauth {
    async fn mint(&self) -> Result<Token, ProviderError> {
        let fetched = tokio::time::timeout(self.timeout, (self.fetch)()).await;
        let token = match fetched {
            Ok(token) => token.map_err(|error| self.failed(&error))?,
            Err(_) => {
                let seconds = self.timeout.as_secs_f32();
                let message = format!("no token for `{}`: no answer within {seconds} s", self.file);
                return Err(ProviderError::new(ErrorKind::Unavailable, message));
            }
        };
        let lifetime = token.expiration_time().map(|end| {
            let end = UNIX_EPOCH + Duration::from_secs(end.unix_timestamp().max(0).unsigned_abs());
            end.duration_since(SystemTime::now()).unwrap_or_default()
        });
        Ok(Token::new(token.token().unwrap_or_default(), lifetime))
    }
}

async fn build<C>(
    flow: Flow,
    client: legacy::Client<C, String>,
) -> Result<Authenticator<C>, std::io::Error>
where
    C: Connect + Clone + Send + Sync + 'static,
{
    let client = CustomHyperClientBuilder::from(client);
    match flow {
        Flow::Key(key) => {
            ServiceAccountAuthenticator::with_client(key, client)
                .build()
                .await
        }
        Flow::User(user) => {
            AuthorizedUserAuthenticator::with_client(user, client)
                .build()
                .await
        }
        Flow::External(external) => {
            ExternalAccountAuthenticator::with_client(external, client)
                .build()
                .await
        }
    }
}

fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    redacted(&cause.to_string())
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use http::Uri;
    use hyper_util::rt::{TokioExecutor, TokioIo};
    use secrecy::ExposeSecret as _;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::{TcpListener, TcpStream};
    use tower::Service;

    use super::*;

    /// Every host is this one: yup-oauth2 always asks `accounts.google.com` for a user's tokens.
    #[derive(Clone)]
    struct Here(std::net::SocketAddr);

    impl Service<Uri> for Here {
        type Response = TokioIo<TcpStream>;
        type Error = std::io::Error;
        type Future = Pin<Box<dyn Future<Output = std::io::Result<Self::Response>> + Send>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, _: Uri) -> Self::Future {
            let address = self.0;
            Box::pin(async move { Ok(TokioIo::new(TcpStream::connect(address).await?)) })
        }
    }

    /// What a user's credential comes to where the token server answers so.
    async fn user(status: &str, body: &str) -> Result<Token, ProviderError> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let here = Here(listener.local_addr().unwrap());
        let reply = format!(
            "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        );
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut begun = [0; 4];
            stream.read_exact(&mut begun).await.unwrap();
            assert_eq!(&begun, b"POST");
            stream.write_all(reply.as_bytes()).await.unwrap();
        });
        let flow = Flow::User(AuthorizedUserSecret {
            client_id: "id".to_owned(),
            client_secret: "secret".to_owned(),
            refresh_token: "1//refresh".to_owned(),
            key_type: "authorized_user".to_owned(),
        });
        let client = legacy::Builder::new(TokioExecutor::new()).build(here);
        let oauth = Oauth::new(flow, client, "adc.json".to_owned(), Duration::from_secs(9));
        oauth.mint().await
    }

    #[tokio::test]
    async fn a_user_s_refresh_token_becomes_a_token() {
        let body = r#"{"access_token": "ya29.user", "expires_in": 3599, "token_type": "Bearer"}"#;
        let token = user("200 OK", body).await;
        let token = token.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(token.secret().expose_secret(), "ya29.user");
        assert!(token.good_for().unwrap() > Duration::from_secs(3300));
    }

    #[tokio::test]
    async fn a_user_whose_login_is_over_is_told_to_log_in_again() {
        let body = r#"{"error": "invalid_grant", "error_description": "Token has been expired."}"#;
        let refused = user("400 Bad Request", body).await.err().unwrap();
        assert_eq!(refused.kind, ErrorKind::Unauthenticated);
        assert!(refused.message.contains("adc.json"), "{refused}");
        let help = refused.help.unwrap();
        assert!(
            help.contains("gcloud auth application-default login"),
            "{help}"
        );
    }

    #[tokio::test]
    async fn what_is_no_token_is_not_quoted() {
        let refused = user("200 OK", r#"{"access_token": ["ya29.hidden"]}"#)
            .await
            .err()
            .unwrap();
        assert_eq!(refused.kind, ErrorKind::Protocol);
        assert!(!format!("{refused:?}").contains("ya29"), "{refused:?}");
    }
}
