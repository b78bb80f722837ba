//! TLS by rustls and ring, with the certificates of this machine.

use std::sync::Arc;

use hyper_rustls::ConfigBuilderExt as _;
use rbacform_core::Diagnostic;
use rustls::{ClientConfig, RootCertStore};

/// The settings of a client that offers these protocols. `roots` says whether any https is spoken:
/// loading the system's certificates takes milliseconds.
pub(super) fn config(roots: bool, protocols: &[&str]) -> Result<ClientConfig, Diagnostic> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| unusable())?;
    let builder = match roots {
        true => builder.with_native_roots().map_err(|_| unusable())?,
        false => builder.with_root_certificates(RootCertStore::empty()),
    };
    let mut config = builder.with_no_client_auth();
    config.alpn_protocols = protocols
        .iter()
        .map(|protocol| protocol.as_bytes().to_vec())
        .collect();
    Ok(config)
}

fn unusable() -> Diagnostic {
    Diagnostic::error(
        "certificates",
        "this machine has no certificates to know servers by",
    )
    .help("install `ca-certificates`, or name a file in `SSL_CERT_FILE`")
}

/// A proxy that cannot be used. Its URL is not repeated: it may hold a password.
pub(super) fn bad_proxy() -> Diagnostic {
    Diagnostic::error("proxy", "the proxy's URL cannot be used")
        .help("set `HTTPS_PROXY` to a URL like `http://proxy.example.com:3128`")
}
