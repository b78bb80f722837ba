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
    let proxy = match server.scheme_str() {
        Some("https") => variable("HTTPS_PROXY"),
        _ => variable("HTTP_PROXY"),
    };
    let matcher = Matcher::builder()
        .all(proxy.as_str())
        .no(variable("NO_PROXY"))
        .build();
    // The matcher takes the login out of the URL; the tunnel needs it.
    matcher.intercept(server)?;
    match proxy.contains("://") {
        true => parse(&proxy),
        false => parse(&format!("http://{proxy}")),
    }
}

/// Whether a host is this machine.
pub(crate) fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || address
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_names_a_proxy_and_who_needs_none() {
        let environment: BTreeMap<String, String> = [
            ("HTTPS_PROXY", "http://upper:1"),
            ("https_proxy", "http://ana:secret@lower:3128"),
            ("HTTP_PROXY", "plain:8080"),
            ("NO_PROXY", "10.0.0.0/8,.internal"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        for (server, expected) in [
            (
                "https://api.example.com:6443",
                Some("http://ana:secret@lower:3128/"),
            ),
            ("http://api.example.com", Some("http://plain:8080/")),
            ("https://10.1.2.3", None),
            ("https://api.internal", None),
            ("https://127.0.0.1:6443", None),
            ("https://[::1]:6443", None),
            ("https://localhost:6443", None),
        ] {
            let server = server.parse().unwrap();
            let found = from_environment(&environment, &server).map(|proxy| proxy.to_string());
            assert_eq!(found.as_deref(), expected, "{server}");
        }
        assert_eq!(
            from_environment(&BTreeMap::new(), &"https://h".parse().unwrap()),
            None
        );
    }
}
