//! Proxies: the kubeconfig's own, else the environment's.

use std::collections::BTreeMap;

use http::Uri;
use hyper_util::client::proxy::matcher::Matcher;

/// The URL of a proxy: `http`, `https` or `socks5`.
pub(super) fn parse(text: &str) -> Option<Uri> {
    let uri: Uri = text.parse().ok()?;
    let known = matches!(uri.scheme_str(), Some("http" | "https" | "socks5"));
    (known && uri.authority().is_some()).then_some(uri)
}

/// The proxy of `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` for this server, in the lower case, too,
/// which comes first. Loopback is never proxied.
///
/// Go: `golang.org/x/net/http/httpproxy`.
pub(super) fn from_environment(
    environment: &BTreeMap<String, String>,
    server: &Uri,
) -> Option<Uri> {
    let host = server.host()?;
    if is_loopback(host) {
        return None;
    }
    let variable = |name: &str| {
        let lower = environment
            .get(&name.to_lowercase())
            .filter(|value| !value.is_empty());
        lower
            .or_else(|| environment.get(name))
            .cloned()
            .unwrap_or_default()
    };
    let matcher = Matcher::builder()
        .https(variable("HTTPS_PROXY"))
        .http(variable("HTTP_PROXY"))
        .no(variable("NO_PROXY"))
        .build();
    let found = matcher.intercept(server)?;
    let with_login = match found.raw_auth() {
        // The matcher takes the login out of the URL; the tunnel takes it from there.
        Some((user, password)) => rebuild(found.uri(), user, password),
        None => None,
    };
    with_login.or_else(|| Some(found.uri().clone()))
}

fn rebuild(uri: &Uri, user: &str, password: &str) -> Option<Uri> {
    let authority = format!("{user}:{password}@{}", uri.authority()?.host());
    let authority = match uri.port_u16() {
        Some(port) => format!("{authority}:{port}"),
        None => authority,
    };
    Uri::builder()
        .scheme(uri.scheme_str()?)
        .authority(authority)
        .path_and_query("/")
        .build()
        .ok()
}

/// Whether a host is this machine.
pub(crate) fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || address
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}
