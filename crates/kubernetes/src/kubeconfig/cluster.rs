//! How to reach a cluster.

use http::Uri;
use rbacform_core::{Diagnostic, Digest};
use serde_saphyr::Spanned;

use super::file::{Loaded, NamedCluster, problem, reason};
use super::{pem, proxy};
use crate::connect::ConnectOptions;

/// The way to a cluster's API server.
pub(crate) struct Cluster {
    pub(crate) server: Uri,
    /// The authorities, as DER; the system's where none are given.
    pub(crate) authorities: Option<Vec<Vec<u8>>>,
    pub(crate) insecure: bool,
    pub(crate) tls_server_name: Option<String>,
    pub(crate) proxy: Option<Uri>,
}

impl Cluster {
    /// Reads an entry of a kubeconfig.
    pub(super) fn read(
        file: &Loaded,
        entry: &NamedCluster,
        options: &ConnectOptions,
    ) -> Result<Self, Diagnostic> {
        let name = &entry.name.value;
        let cluster = &entry.cluster;
        let Some(server) = cluster
            .server
            .as_ref()
            .filter(|server| !server.value.is_empty())
        else {
            return Err(file.at(
                &entry.name,
                problem(format!("cluster `{name}` has no server")),
            ));
        };
        let server = parse_server(&server.value).map_err(|wrong| {
            let message = format!("the server of cluster `{name}` {wrong}");
            file.at(server, problem(message).help("write `https://HOST:PORT`"))
        })?;
        let proxy = match cluster
            .proxy_url
            .as_ref()
            .filter(|proxy| !proxy.value.is_empty())
        {
            Some(url) => Some(proxy::parse(&url.value).ok_or_else(|| {
                let message = format!("the `proxy-url` of cluster `{name}` is no URL of a proxy");
                file.at(
                    url,
                    problem(message).help("write `http://`, `https://` or `socks5://`"),
                )
            })?),
            None => proxy::from_environment(&options.environment, &server),
        };
        Ok(Self {
            server,
            authorities: authorities(file, entry)?,
            insecure: cluster.insecure_skip_tls_verify,
            tls_server_name: cluster
                .tls_server_name
                .clone()
                .filter(|name| !name.is_empty()),
            proxy,
        })
    }

    /// A digest of the authorities, empty where the system's are used.
    pub(crate) fn authorities_digest(&self) -> String {
        match &self.authorities {
            Some(authorities) => Digest::of_bytes(&authorities.concat()).to_string(),
            None => String::new(),
        }
    }
}

/// As kubectl: without a scheme it is plain `http`.
fn parse_server(text: &str) -> Result<Uri, &'static str> {
    let text = match text.contains("://") {
        true => text.to_owned(),
        false => format!("http://{text}"),
    };
    let uri: Uri = text.parse().map_err(|_| "is no URL")?;
    match (uri.scheme_str(), uri.authority()) {
        (Some("https" | "http"), Some(authority)) if authority.as_str().contains('@') => {
            Err("may not hold a user or password")
        }
        (Some("https" | "http"), Some(_)) => Ok(uri),
        _ => Err("is no https or http URL"),
    }
}

fn authorities(file: &Loaded, entry: &NamedCluster) -> Result<Option<Vec<Vec<u8>>>, Diagnostic> {
    let given = |text: &&Spanned<String>| !text.value.is_empty();
    let cluster = &entry.cluster;
    let (place, field, bytes) = match (
        cluster.certificate_authority_data.as_ref().filter(given),
        cluster.certificate_authority.as_ref().filter(given),
    ) {
        (Some(data), _) => {
            let bytes = pem::base64(&data.value).map_err(str::to_owned);
            (data, "certificate-authority-data", bytes)
        }
        (None, Some(path)) => {
            let bytes = std::fs::read(file.resolve(&path.value)).map_err(|error| reason(&error));
            (path, "certificate-authority", bytes)
        }
        (None, None) => return Ok(None),
    };
    let parsed = bytes.and_then(|bytes| pem::certificates(&bytes).map_err(str::to_owned));
    parsed.map(Some).map_err(|wrong| {
        let message = format!(
            "`{field}` of cluster `{}` cannot be used: {wrong}",
            entry.name.value
        );
        file.at(place, problem(message))
    })
}
