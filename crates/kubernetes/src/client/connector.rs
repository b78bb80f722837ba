//! kube's client on our own connections.
//!
//! kube's own stack leaves Nagle's algorithm on, which costs 42 ms on every new connection, and
//! sends a POST again on 429, 503 and 504.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderValue, Request, Response, Uri};
use hyper::body::Incoming;
use hyper::rt::{Read, Write};
use hyper_rustls::{FixedServerNameResolver, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::proxy::{SocksV5, Tunnel};
use hyper_util::client::legacy::connect::{Connection, HttpConnector};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use kube::client::{Body, ClientBuilder, ConfigExt as _};
use rbacform_provider::{ErrorKind, ProviderError};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tower::{Layer as _, Service};

use crate::kubeconfig::{Cluster, Identity};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const IDLE_TIMEOUT: Duration = Duration::from_secs(90);

/// A client for the cluster, with that certificate.
pub(super) fn client(
    cluster: &Cluster,
    identity: Option<&Identity>,
) -> Result<kube::Client, ProviderError> {
    let mut config = kube::Config::new(cluster.server.clone());
    config.accept_invalid_certs = cluster.insecure;
    // Without authorities of its own kube loads the system's, which nothing needs where no
    // certificate is checked.
    config.root_cert = match cluster.insecure {
        true => Some(Vec::new()),
        false => cluster.authorities.clone(),
    };
    if let Some(identity) = identity {
        identity.configure(&mut config.auth_info);
    }
    let tls = match cluster.server.scheme_str() {
        Some("https") => Some(tls_config(&config)?),
        _ => None,
    };
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(CONNECT_TIMEOUT));
    let Some(proxy) = &cluster.proxy else {
        return over(tcp, &config, tls, cluster);
    };
    match proxy.scheme_str() {
        Some("socks5") => over(socks(proxy, tcp), &config, tls, cluster),
        Some("https") => {
            let system = tls_config(&kube::Config::new(proxy.clone()))?;
            let inner = https(tcp, Some(system), None)?;
            over(tunnel(proxy, inner), &config, tls, cluster)
        }
        _ => over(tunnel(proxy, tcp), &config, tls, cluster),
    }
}

/// The client over these connections.
fn over<C>(
    connector: C,
    config: &kube::Config,
    tls: Option<ClientConfig>,
    cluster: &Cluster,
) -> Result<kube::Client, ProviderError>
where
    C: Service<Uri> + Clone + Send + Sync + 'static,
    C::Response: Connection + Read + Write + Unpin + Send + 'static,
    C::Future: Send + 'static,
    C::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let connector = https(connector, tls, cluster.tls_server_name.as_deref())?;
    let hyper: legacy::Client<_, Body> = legacy::Builder::new(TokioExecutor::new())
        // A list is read as it comes; the default is to gather up to 400 KB of it, in each
        // connection.
        .http1_max_buf_size(64 << 10)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .pool_timer(TokioTimer::new())
        .build(connector);
    let service = config.base_uri_layer().layer(hyper);
    Ok(builder(service))
}

fn builder<S>(service: S) -> kube::Client
where
    S: Service<Request<Body>, Response = Response<Incoming>, Error = legacy::Error>
        + Send
        + 'static,
    S::Future: Send + 'static,
{
    ClientBuilder::new(service, "default").build()
}

fn https<C>(
    connector: C,
    tls: Option<ClientConfig>,
    server_name: Option<&str>,
) -> Result<HttpsConnector<C>, ProviderError> {
    // Plain http asks for no certificates; what stands here is never used.
    let tls = match tls {
        Some(tls) => tls,
        None => ClientConfig::builder()
            .with_root_certificates(rustls::RootCertStore::empty())
            .with_no_client_auth(),
    };
    let mut builder = HttpsConnectorBuilder::new()
        .with_tls_config(tls)
        .https_or_http();
    if let Some(name) = server_name {
        let name = ServerName::try_from(name.to_owned()).map_err(|_| {
            let message = format!("`tls-server-name` `{name}` is no name of a server");
            ProviderError::new(ErrorKind::Configuration, message)
        })?;
        builder = builder.with_server_name_resolver(FixedServerNameResolver::new(name));
    }
    Ok(builder.enable_http1().wrap_connector(connector))
}

fn tls_config(config: &kube::Config) -> Result<ClientConfig, ProviderError> {
    // kube's error may quote what it could not read.
    config.rustls_client_config().map_err(|_| {
        ProviderError::new(
            ErrorKind::Configuration,
            "the certificates of the kubeconfig, or the system's, cannot be used",
        )
    })
}

fn tunnel<C>(proxy: &Uri, connector: C) -> Tunnel<C> {
    let tunnel = Tunnel::new(proxy.clone(), connector);
    match proxy_login(proxy) {
        Some(header) => tunnel.with_auth(header),
        None => tunnel,
    }
}

fn socks<C>(proxy: &Uri, connector: C) -> SocksV5<C> {
    let socks = SocksV5::new(proxy.clone(), connector);
    match login(proxy)
        .as_deref()
        .map(|login| login.split_once(':').unwrap_or((login, "")))
    {
        Some((user, password)) => socks.with_auth(user.to_owned(), password.to_owned()),
        None => socks,
    }
}

/// `Proxy-Authorization` from the login in a proxy's URL.
fn proxy_login(proxy: &Uri) -> Option<HeaderValue> {
    let text = STANDARD.encode(login(proxy)?);
    let mut header = HeaderValue::from_str(&format!("Basic {text}")).ok()?;
    header.set_sensitive(true);
    Some(header)
}

/// `USER:PASSWORD` of a proxy's URL.
fn login(proxy: &Uri) -> Option<String> {
    let (login, _) = proxy.authority()?.as_str().rsplit_once('@')?;
    let decoded = percent_encoding::percent_decode_str(login);
    Some(decoded.decode_utf8_lossy().into_owned())
}
