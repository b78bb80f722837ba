//! The connections of yup-oauth2: plain or TLS, through the proxy or not.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::proxy::matcher::Matcher;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rbacform_core::Diagnostic;
use reqwest::Url;
use tokio::net::TcpStream;
use tower::Service;

use super::super::{ConnectOptions, tls};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A client of token servers.
pub(super) type Client = legacy::Client<HttpsConnector<Way>, String>;

/// Straight, or through the proxy where one is set for that host.
#[derive(Clone)]
pub(super) struct Way {
    direct: HttpConnector,
    to_proxy: HttpsConnector<HttpConnector>,
    proxies: Arc<Matcher>,
}

type Error = Box<dyn std::error::Error + Send + Sync>;
type Stream = MaybeHttpsStream<TokioIo<TcpStream>>;

/// A client. Nothing is sent yet.
pub(super) fn client(options: &ConnectOptions) -> Result<Client, Diagnostic> {
    let mut direct = HttpConnector::new();
    direct.enforce_http(false);
    direct.set_nodelay(true);
    direct.set_connect_timeout(Some(CONNECT_TIMEOUT));
    let mut matcher = Matcher::builder();
    if let Some(proxy) = &options.proxy {
        let url = Url::parse(proxy).map_err(|_| tls::bad_proxy())?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(tls::bad_proxy());
        }
        matcher = matcher.https(proxy.clone());
    }
    if let Some(exceptions) = &options.no_proxy {
        matcher = matcher.no(exceptions.clone());
    }
    // Without ALPN: the connector below asks for HTTP/1.1.
    let tls = tls::config(true, &[])?;
    let to_proxy = HttpsConnectorBuilder::new()
        .with_tls_config(tls.clone())
        .https_or_http()
        .enable_http1()
        .wrap_connector(direct.clone());
    let way = Way {
        direct,
        to_proxy,
        proxies: Arc::new(matcher.build()),
    };
    let connector = HttpsConnectorBuilder::new()
        .with_tls_config(tls)
        .https_or_http()
        .enable_http1()
        .wrap_connector(way);
    Ok(legacy::Builder::new(TokioExecutor::new())
        // Tokens are an hour apart.
        .pool_max_idle_per_host(0)
        .build(connector))
}

impl Service<http::Uri> for Way {
    type Response = Stream;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Stream, Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: http::Uri) -> Self::Future {
        let Some(proxy) = self.proxies.intercept(&uri) else {
            let mut direct = self.direct.clone();
            return Box::pin(async move { Ok(MaybeHttpsStream::Http(direct.call(uri).await?)) });
        };
        let mut tunnel = Tunnel::new(proxy.uri().clone(), self.to_proxy.clone());
        if let Some(login) = proxy.basic_auth() {
            tunnel = tunnel.with_auth(login.clone());
        }
        Box::pin(async move { Ok(tunnel.call(uri).await?) })
    }
}
