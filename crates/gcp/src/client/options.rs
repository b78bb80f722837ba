//! What a connection is made from. Libraries do not read the environment: the command line does.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;

use crate::target::Api;

/// How to reach Google, and as whom.
///
/// Credentials are looked for in this order: `access_token`, `access_token_file`,
/// `credentials_file`, gcloud's well-known file, the metadata server. Where every endpoint that is
/// asked is plain http on this machine, none are needed.
// No `Debug`: it holds credentials.
#[derive(Clone)]
pub struct ConnectOptions {
    /// The provider instance, the first part of its objects' ids.
    pub instance: String,
    /// Whom requests are billed and counted to (`quota_project`): `X-Goog-User-Project`.
    pub quota_project: Option<String>,
    /// Service accounts to impersonate, the last one acts (`impersonate`).
    pub impersonate: Vec<String>,
    /// Another universe than `googleapis.com` (`universe_domain`).
    pub universe_domain: Option<String>,
    /// A token to use as it is (`access_token`).
    pub access_token: Option<SecretString>,
    /// A file with a token, read again when the token is refused:
    /// `CLOUDSDK_AUTH_ACCESS_TOKEN_FILE`.
    pub access_token_file: Option<PathBuf>,
    /// `GOOGLE_APPLICATION_CREDENTIALS`.
    pub credentials_file: Option<PathBuf>,
    /// gcloud's folder: `CLOUDSDK_CONFIG`.
    pub gcloud_config: Option<PathBuf>,
    /// The home directory, for `~/.config/gcloud`.
    pub home: Option<PathBuf>,
    /// The metadata server, `HOST` or `HOST:PORT`; Google's own where not given.
    pub metadata_host: Option<String>,
    /// Base URLs that stand for an API's host: `CLOUDSDK_API_ENDPOINT_OVERRIDES_NAME`.
    pub endpoints: BTreeMap<Api, String>,
    /// The same for `iamcredentials`, which mints the tokens of impersonated accounts.
    pub iam_credentials_endpoint: Option<String>,
    /// `HTTPS_PROXY`.
    pub proxy: Option<String>,
    /// `NO_PROXY`.
    pub no_proxy: Option<String>,
    /// How many requests may be in flight.
    pub parallelism: usize,
    /// How long one try of one request may take.
    pub timeout: Duration,
    /// The program's version, for `User-Agent: rbacform/VERSION`.
    pub version: String,
}

impl Default for ConnectOptions {
    fn default() -> Self {
        Self {
            instance: "gcp".to_owned(),
            quota_project: None,
            impersonate: Vec::new(),
            universe_domain: None,
            access_token: None,
            access_token_file: None,
            credentials_file: None,
            gcloud_config: None,
            home: None,
            metadata_host: None,
            endpoints: BTreeMap::new(),
            iam_credentials_endpoint: None,
            proxy: None,
            no_proxy: None,
            parallelism: 16,
            timeout: Duration::from_secs(60),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }
}
