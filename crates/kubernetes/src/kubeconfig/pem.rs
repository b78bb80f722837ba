//! Certificates and keys.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use secrecy::{ExposeSecret as _, SecretString};

/// A client certificate with its key, both PEM.
#[derive(Clone)]
pub(crate) struct Identity {
    certificate: String,
    key: SecretString,
}

impl Identity {
    /// Checks that both are what they should be.
    ///
    /// # Errors
    /// What is wrong, quoting neither.
    pub(crate) fn new(certificate: String, key: SecretString) -> Result<Self, &'static str> {
        if CertificateDer::from_pem_slice(certificate.as_bytes()).is_err() {
            return Err("the client certificate is no PEM certificate");
        }
        if PrivateKeyDer::from_pem_slice(key.expose_secret().as_bytes()).is_err() {
            return Err("the client key is no PEM private key");
        }
        Ok(Self { certificate, key })
    }

    /// Puts it where kube looks for it.
    pub(crate) fn configure(&self, user: &mut kube::config::AuthInfo) {
        user.client_certificate_data = Some(STANDARD.encode(&self.certificate));
        let key = STANDARD.encode(self.key.expose_secret());
        user.client_key_data = Some(SecretString::from(key));
    }

    /// Whether this is the same certificate.
    pub(crate) fn same(&self, other: &Self) -> bool {
        self.certificate == other.certificate
    }
}

/// The certificates of a PEM file, as DER.
///
/// # Errors
/// There is none, or one is broken.
pub(super) fn certificates(pem: &[u8]) -> Result<Vec<Vec<u8>>, &'static str> {
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match certificates {
        Ok(list) if !list.is_empty() => Ok(list.iter().map(|der| der.to_vec()).collect()),
        _ => Err("it holds no PEM certificate"),
    }
}

/// Base64 as kubeconfigs write it, line breaks allowed.
pub(super) fn base64(text: &str) -> Result<Vec<u8>, &'static str> {
    let compact: String = text.split_ascii_whitespace().collect();
    STANDARD.decode(compact).map_err(|_| "it is not base64")
}
