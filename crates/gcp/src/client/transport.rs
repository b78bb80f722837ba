//! One request, one try, over the network.

use std::error::Error as _;
use std::time::Duration;

use async_trait::async_trait;
use http::header::CONTENT_LENGTH;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use rbacform_core::Diagnostic;
use rbacform_provider::{ErrorKind, ProviderError};
use reqwest::Url;

use super::ConnectOptions;
use super::tls;

/// A reply may not grow past this: the longest, a page of custom roles, is a tenth of it.
const BODY_LIMIT: usize = 64 << 20;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A request as it goes out. Its headers hold the token: no `Debug`.
#[derive(Clone)]
pub(crate) struct Outgoing {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// A reply, whatever its status.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// A request without a reply.
#[derive(Clone, Debug)]
pub(crate) enum Failure {
    /// It was not sent, and sending it again is no use.
    NotSent(ProviderError),
    /// No connection was made.
    Unreached(ProviderError),
    /// It may have been carried out.
    Lost(ProviderError),
}

/// What carries requests: the network, or a test.
#[async_trait]
pub(crate) trait Transport: Send + Sync {
    /// Sends a request once.
    async fn exchange(&self, request: Outgoing) -> Result<Reply, Failure>;
}

impl Reply {
    /// A header's text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// The network.
pub(crate) struct Wire {
    client: reqwest::Client,
    timeout: Duration,
}

impl Wire {
    /// # Errors
    /// A proxy's URL that is none, or no usable certificates on this machine.
    pub(crate) fn new(options: &ConnectOptions, all_open: bool) -> Result<Self, Diagnostic> {
        let mut builder = reqwest::Client::builder()
            .user_agent(format!("rbacform/{}", options.version))
            // A token follows no redirect.
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            // The environment is the command line's to read.
            .no_proxy()
            .connect_timeout(CONNECT_TIMEOUT)
            // Compressing costs more than loopback does.
            .gzip(!all_open)
            .tls_backend_preconfigured(tls::config(!all_open, &["h2", "http/1.1"])?);
        if let Some(proxy) = &options.proxy {
            let mut proxy = reqwest::Proxy::https(proxy).map_err(|_| tls::bad_proxy())?;
            if let Some(exceptions) = &options.no_proxy {
                proxy = proxy.no_proxy(reqwest::NoProxy::from_string(exceptions));
            }
            builder = builder.proxy(proxy);
        }
        let client = builder.build().map_err(|error| {
            let message = format!("no connection can be prepared: {}", root_cause(&error));
            Diagnostic::error("configuration", message)
        })?;
        Ok(Self {
            client,
            timeout: options.timeout,
        })
    }

    async fn send(&self, mut request: Outgoing) -> Result<Reply, reqwest::Error> {
        // Google's front end answers 411 to a POST that does not say how long it is.
        if request.body.is_empty() && request.method == Method::POST {
            request
                .headers
                .insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        let mut response = self
            .client
            .request(request.method, request.url)
            .headers(request.headers)
            .body(request.body)
            .send()
            .await?;
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            body.extend_from_slice(&chunk);
            if body.len() > BODY_LIMIT {
                // Cut short, it reads as what no server should answer.
                break;
            }
        }
        Ok(Reply {
            status,
            headers,
            body,
        })
    }
}

#[async_trait]
impl Transport for Wire {
    async fn exchange(&self, request: Outgoing) -> Result<Reply, Failure> {
        let host = request.url.host_str().unwrap_or_default().to_owned();
        match tokio::time::timeout(self.timeout, self.send(request)).await {
            Ok(Ok(reply)) => Ok(reply),
            Ok(Err(error)) => Err(failure(&error, &host)),
            Err(_) => Err(Failure::Lost(ProviderError::new(
                ErrorKind::Unavailable,
                format!(
                    "`{host}`: no answer within {} s",
                    self.timeout.as_secs_f32()
                ),
            ))),
        }
    }
}

/// Tells a connection that was never made from an answer that was lost.
fn failure(error: &reqwest::Error, host: &str) -> Failure {
    let cause = root_cause(error);
    if error.is_builder() {
        let message = format!("a request to `{host}` cannot be made: {cause}");
        return Failure::NotSent(ProviderError::new(ErrorKind::Invalid, message));
    }
    if !error.is_connect() {
        let message = format!("the connection to `{host}` broke: {cause}");
        return Failure::Lost(ProviderError::new(ErrorKind::Unavailable, message));
    }
    let message = format!("`{host}` cannot be reached: {cause}");
    if cause.to_lowercase().contains("certificate") {
        let help = "check this machine's clock; where a proxy looks into connections, its \
                    certificate authority must be in `SSL_CERT_FILE`";
        let error = ProviderError::new(ErrorKind::Configuration, message).help(help);
        return Failure::NotSent(error);
    }
    Failure::Unreached(
        ProviderError::new(ErrorKind::Unavailable, message)
            .help("check the network, and `HTTPS_PROXY` where one is needed"),
    )
}

/// The innermost reason. The outer ones show the URL.
fn root_cause(error: &reqwest::Error) -> String {
    let mut cause = match error.source() {
        Some(source) => source,
        None if error.is_builder() => return "its parts do not fit together".to_owned(),
        None => return "it broke off".to_owned(),
    };
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}
