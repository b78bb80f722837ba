//! What a connection is made from. Libraries do not read the environment: the command line does.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use rbacform_provider::ProviderError;
use secrecy::SecretString;

/// How to find a cluster and talk to it.
// No `Debug`: the environment holds credentials.
#[derive(Clone)]
pub struct ConnectOptions {
    /// The provider instance, the first part of its objects' ids.
    pub instance: String,
    /// Where kubeconfigs are.
    pub kubeconfig: KubeconfigSource,
    /// The context to use; the current one where not given.
    pub context: Option<String>,
    /// Whether to use the pod's own service account, whatever kubeconfigs say.
    pub in_cluster: bool,
    /// The home directory, for `~/.kube/config`.
    pub home: Option<PathBuf>,
    /// The environment: what credential plugins inherit, proxies, and where a pod finds its server.
    pub environment: BTreeMap<String, String>,
    /// Whether a person can answer a credential plugin's questions on standard input.
    pub terminal: bool,
    /// How many requests may be in flight.
    pub parallelism: usize,
    /// How long one try of one request may take.
    pub timeout: Duration,
    /// The program's version, for `User-Agent: rbacform/VERSION`.
    pub version: String,
}

/// Where kubeconfigs are, in kubectl's order of precedence.
#[derive(Clone, Default)]
pub enum KubeconfigSource {
    /// One file, which must exist: `--kubeconfig`.
    File(PathBuf),
    /// The value of `KUBECONFIG`: several files, merged; those that do not exist are skipped.
    List(OsString),
    /// `~/.kube/config`, if it exists.
    #[default]
    Default,
    /// None is read: a server that this program itself serves, as the sandbox.
    Endpoint {
        /// Its URL.
        url: String,
        /// The token to log in with.
        token: SecretString,
    },
    /// None is read: a cluster that a cloud told of, and its login.
    Cloud {
        /// The server's URL.
        url: String,
        /// Its certificate authorities in PEM; the system's where not given.
        authorities: Option<Vec<u8>>,
        /// Gives tokens.
        tokens: Arc<dyn TokenSource>,
        /// Who they are, as far as is known.
        user: Option<String>,
    },
}

/// Gives a cloud's tokens to log in with. Called once at a time.
#[async_trait]
pub trait TokenSource: Send + Sync {
    /// A token that is good now. `refused` says that the last one no longer was.
    ///
    /// # Errors
    /// Why there is none; the message never holds a credential.
    async fn token(&self, refused: bool) -> Result<FreshToken, ProviderError>;
}

/// A token and when to ask for another.
// No `Debug`: it is a credential.
#[derive(Clone)]
pub struct FreshToken {
    /// The token.
    pub token: SecretString,
    /// How long it may be used.
    pub good_for: Option<Duration>,
}

impl Default for ConnectOptions {
    fn default() -> Self {
        Self {
            instance: "kubernetes".to_owned(),
            kubeconfig: KubeconfigSource::Default,
            context: None,
            in_cluster: false,
            home: None,
            environment: BTreeMap::new(),
            terminal: false,
            parallelism: 16,
            timeout: Duration::from_secs(60),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }
}
