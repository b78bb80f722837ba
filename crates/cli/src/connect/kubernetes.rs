//! The way to a cluster: the sandbox's, a kubeconfig's, a pod's own, or one that Google tells of.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rbacform_core::DesiredResource;
use rbacform_gcp::{Cluster, GcpProvider, Token, TokenSource as GoogleTokens};
use rbacform_kubernetes::{
    ConnectOptions, FreshToken, Gke, KubeconfigSource, KubernetesProvider, Settings, TokenSource,
};
use rbacform_provider::{ErrorKind, ProviderError, Target};
use rbacform_sandbox::Sandbox;
use secrecy::SecretString;
use tokio::sync::Mutex;

use super::SANDBOX;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::planning::{KUBERNETES, Request};
use crate::session::Session;

/// What `[providers.kubernetes]` says.
pub(super) fn settings(request: &Request<'_>) -> Result<Settings, Failure> {
    let Some(given) = request.loaded.stack.providers.get(KUBERNETES) else {
        return Ok(Settings::default());
    };
    Settings::read(&given.settings)
        .map_err(|problems| Failure::of_stack(problems, request.loaded.sources.clone()))
}

/// A GKE cluster, found, and the way to log in there.
pub(super) struct Found {
    source: KubeconfigSource,
    /// How people know it, as gcloud names contexts.
    name: String,
    /// The Workload Identity pool that its service accounts are in.
    pub(super) pool: Option<Pool>,
}

/// A Workload Identity pool, and who else is in it.
#[derive(Clone)]
pub(crate) struct Pool {
    pub(crate) name: String,
    /// The other clusters, `LOCATION/NAME`, where the stack grants to workloads of the pool; the
    /// reason where nobody may know.
    pub(crate) others: Result<Vec<String>, String>,
}

/// Asks Google where a cluster is.
pub(super) async fn find(
    gke: &Gke,
    google: &GcpProvider,
    desired: &[DesiredResource],
    session: &Session,
) -> Result<Found, Failure> {
    let Gke {
        project,
        location,
        cluster,
    } = gke;
    let found = google.cluster(project, location, cluster).await?;
    let tokens = google.tokens();
    let (url, authorities) = address(&found, tokens.is_none()).ok_or_else(|| {
        let message = format!("Google tells no address of the cluster `{cluster}` of `{project}`");
        Failure::error("gke", message).help("it may still be in the making: try again later")
    })?;
    let user = google.target().user;
    let source = match tokens {
        Some(source) => KubeconfigSource::Cloud {
            url,
            authorities,
            tokens: Arc::new(Tokens {
                source,
                last: Mutex::default(),
            }),
            user,
        },
        // Google is played on this machine, and asks for no credential; its cluster does.
        None => KubeconfigSource::Endpoint {
            url,
            token: token_file(session)?,
        },
    };
    Ok(Found {
        source,
        name: format!("gke_{project}_{location}_{cluster}"),
        pool: match found.workload_pool {
            Some(name) => Some(pool(name, gke, google, desired).await?),
            None => None,
        },
    })
}

/// Asks who shares a pool only where that matters. Not being told spoils no plan.
async fn pool(
    name: String,
    gke: &Gke,
    google: &GcpProvider,
    desired: &[DesiredResource],
) -> Result<Pool, ProviderError> {
    let others = match rbacform_gcp::grants_to_pool(desired, &name) {
        false => Ok(Vec::new()),
        true => match google.clusters(&gke.project).await {
            Ok(clusters) => Ok(clusters
                .into_iter()
                .filter(|other| other.workload_pool.as_ref() == Some(&name))
                .filter(|other| (&other.location, &other.name) != (&gke.location, &gke.cluster))
                .map(|other| format!("{}/{}", other.location, other.name))
                .collect()),
            Err(error) if error.kind == ErrorKind::Forbidden => Err(format!(
                "cannot tell which other clusters share the pool `{name}`: {}",
                error.message
            )),
            Err(error) => return Err(error),
        },
    };
    Ok(Pool { name, others })
}

/// The token that the environment gives for Google.
fn token_file(session: &Session) -> Result<SecretString, Failure> {
    const VARIABLE: &str = "CLOUDSDK_AUTH_ACCESS_TOKEN_FILE";
    let failed = |message: String| {
        Failure::error("unauthenticated", message).help(format!(
            "`rbacform sandbox` prints the lines that set `{VARIABLE}` for its own cluster"
        ))
    };
    let Some(path) = session.environment.get(VARIABLE) else {
        let message = format!("the cluster asks for a token, and `{VARIABLE}` names no file");
        return Err(failed(message));
    };
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(text.trim().into()),
        Err(error) => Err(failed(format!(
            "cannot read the token file `{path}`: {error}"
        ))),
    }
}

/// Where a control plane is, and the authorities that vouch for it where the system's do not.
/// `open` says that Google itself is played on this machine, so that its cluster may be too.
fn address(found: &Cluster, open: bool) -> Option<(String, Option<Vec<u8>>)> {
    if let Some(name) = &found.dns_endpoint {
        return Some((format!("https://{name}"), None));
    }
    let host = found.endpoint.as_str();
    if host.is_empty() {
        return None;
    }
    // The sandbox's cluster speaks plain http; at Google an endpoint is an address without scheme.
    let plain = host.strip_prefix("http://").filter(|_| open);
    if plain.is_some_and(|host| host.starts_with("127.0.0.1:")) {
        return Some((host.to_owned(), None));
    }
    let authorities = STANDARD.decode(&found.ca_certificate).ok();
    let authorities = authorities.filter(|pem| !pem.is_empty());
    Some((format!("https://{host}"), authorities))
}

/// Connects. Nothing is sent yet.
pub(super) fn connect(
    request: &Request<'_>,
    settings: &Settings,
    sandbox: Option<&Sandbox>,
    found: Option<Found>,
    session: &Session,
) -> Result<(KubernetesProvider, Target), Failure> {
    let environment = &session.environment;
    let context = found.as_ref().map(|found| found.name.clone());
    let source = match (
        sandbox,
        found,
        &request.world.kubeconfig,
        environment.get("KUBECONFIG"),
    ) {
        (Some(sandbox), ..) => KubeconfigSource::Endpoint {
            url: sandbox.url(),
            token: sandbox.admin_token().into(),
        },
        (_, Some(found), ..) => found.source,
        (.., Some(file), _) => KubeconfigSource::File(file.clone()),
        (.., Some(list)) => KubeconfigSource::List(list.into()),
        _ => KubeconfigSource::Default,
    };
    // A proxy or a credential plugin has no business between this process and itself.
    let inherited = match sandbox {
        Some(_) => BTreeMap::new(),
        None => environment.all().clone(),
    };
    let options = ConnectOptions {
        instance: KUBERNETES.to_owned(),
        kubeconfig: source,
        context: request
            .world
            .context
            .clone()
            .or(settings.context.clone())
            .filter(|_| sandbox.is_none()),
        // Flags say what this run is to ask, whatever the stack says.
        in_cluster: settings.in_cluster
            && sandbox.is_none()
            && request.world.context.is_none()
            && request.world.kubeconfig.is_none(),
        home: environment.home(),
        environment: inherited,
        terminal: std::io::stdin().is_terminal(),
        parallelism: usize::from(request.world.parallelism),
        timeout: Duration::from_secs(request.world.timeout),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let provider = KubernetesProvider::connect(&options)
        .map_err(|diagnostic| Failure::new(Exit::Failed, diagnostic))?;
    let target = match sandbox {
        // The port is another each time; what it is never changes.
        Some(_) => Target {
            server: SANDBOX.to_owned(),
            ..Target::default()
        },
        None => {
            let target = provider.target();
            Target {
                context: context.or(target.context),
                ..target
            }
        }
    };
    Ok((provider, target))
}

/// Google's tokens, as a cluster's login.
struct Tokens {
    source: GoogleTokens,
    /// What was given last, so that a refused one is told from others.
    last: Mutex<Option<Token>>,
}

/// The source keeps a token until shortly before its end, so asking it often costs nothing.
const ASK_AGAIN: Duration = Duration::from_secs(60);

#[async_trait]
impl TokenSource for Tokens {
    async fn token(&self, refused: bool) -> Result<FreshToken, ProviderError> {
        let mut last = self.last.lock().await;
        let renewed = match last.as_ref().filter(|_| refused) {
            Some(old) => self.source.renew(old).await?,
            None => None,
        };
        let token = match renewed {
            Some(token) => token,
            None => self.source.token().await?,
        };
        let fresh = FreshToken {
            token: token.secret().clone(),
            good_for: Some(ASK_AGAIN),
        };
        *last = Some(token);
        Ok(fresh)
    }
}
