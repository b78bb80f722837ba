//! Connections: which worlds a stack's providers speak to. Each is opened only when it is needed.

pub(crate) mod google;
mod kubernetes;
mod sandbox;

use std::collections::BTreeSet;
use std::sync::Arc;

use rbacform_core::WorldPin;
use rbacform_core::plan::{KubernetesWorld, Requests};
use rbacform_executor::Providers;
use rbacform_gcp::GcpProvider;
use rbacform_kubernetes::KubernetesProvider;
use rbacform_provider::{Provider, ProviderError, Target};
use rbacform_sandbox::Sandbox;

use crate::failure::Failure;
use crate::planning::{GOOGLE, KUBERNETES, Request};
use crate::session::Session;

pub(crate) use sandbox::{GoogleRoles, failure as sandbox_failure};

/// Open connections, and the sandbox where it serves them.
pub(crate) struct Connection {
    /// The provider instances.
    pub(crate) providers: Providers,
    /// The cluster, where one is asked.
    target: Option<Target>,
    /// Its provider once more: who we are there and what we may do is no other provider's question.
    cluster: Option<Arc<KubernetesProvider>>,
    /// Google's, likewise.
    google: Option<Arc<GcpProvider>>,
    /// The Workload Identity pool of the GKE cluster that was looked up.
    pub(crate) pool: Option<kubernetes::Pool>,
    /// Whether Google is played on this machine, so that there is no credential.
    is_google_open: bool,
    /// Google, where it was asked for a cluster's address only.
    lookup: Option<Arc<GcpProvider>>,
    /// Serves for as long as the connection is held.
    sandbox: Option<Sandbox>,
}

impl Connection {
    /// None: there is nothing to ask.
    pub(crate) fn none() -> Self {
        Self {
            providers: Providers::new(),
            target: None,
            cluster: None,
            google: None,
            pool: None,
            is_google_open: false,
            lookup: None,
            sandbox: None,
        }
    }

    /// Connects to what flags, environment and stack name. Nothing is sent yet, but for the
    /// address of a GKE cluster.
    pub(crate) async fn open(
        request: &Request<'_>,
        instances: &BTreeSet<&str>,
        session: &Session,
    ) -> Result<Self, Failure> {
        let mut connection = Self::none();
        if request.world.sandbox {
            connection.sandbox = Some(sandbox::open(request).await?);
        }
        let sandbox = connection.sandbox.as_ref();
        let settings = kubernetes::settings(request)?;
        let gke = settings.gke.clone().filter(|_| {
            // A flag outweighs what the stack says.
            sandbox.is_none() && request.world.context.is_none() && instances.contains(KUBERNETES)
        });
        let google = match gke.is_some() || instances.contains(GOOGLE) {
            true => Some(Arc::new(google::connect(request, sandbox, session)?)),
            false => None,
        };
        connection.is_google_open = google
            .as_ref()
            .is_some_and(|google| google.tokens().is_none());
        if instances.contains(KUBERNETES) {
            let cluster = match (&gke, &google) {
                (Some(gke), Some(google)) => {
                    let desired = &request.loaded.stack.resources;
                    Some(kubernetes::find(gke, google, desired, session).await?)
                }
                _ => None,
            };
            connection.pool = cluster.as_ref().and_then(|found| found.pool.clone());
            let (provider, target) =
                kubernetes::connect(request, &settings, sandbox, cluster, session)?;
            connection.target = Some(target);
            let provider = Arc::new(provider);
            connection.cluster = Some(Arc::clone(&provider));
            connection.providers.insert(KUBERNETES.to_owned(), provider);
        }
        match google {
            Some(provider) if instances.contains(GOOGLE) => {
                connection.google = Some(Arc::clone(&provider));
                connection.providers.insert(GOOGLE.to_owned(), provider);
            }
            lookup => connection.lookup = lookup,
        }
        Ok(connection)
    }

    /// The cluster, for the plan's first line.
    pub(crate) fn cluster(&self, identity: Option<String>) -> Option<KubernetesWorld> {
        self.target.as_ref().map(|target| KubernetesWorld {
            server: target.server.clone(),
            context: target.context.clone(),
            identity,
        })
    }

    /// The pin of a world. The sandbox listens on another port each time; its id tells which it is.
    pub(crate) fn steady(&self, world: WorldPin) -> WorldPin {
        match self.sandbox {
            Some(_) => WorldPin {
                server: SANDBOX.to_owned(),
                ..world
            },
            None => world,
        }
    }

    /// The cluster's own provider, where one is asked.
    pub(crate) fn kubernetes(&self) -> Option<&KubernetesProvider> {
        self.cluster.as_deref()
    }

    /// Google's own provider, where it is asked for more than a cluster's address.
    pub(crate) fn gcp(&self) -> Option<&GcpProvider> {
        self.google.as_deref()
    }

    /// Who the server says we are. Google played on this machine asks nobody.
    pub(crate) async fn identity(&self, instance: &str) -> Result<Option<String>, ProviderError> {
        match (self.providers.get(instance), &self.sandbox) {
            (Some(_), Some(_)) if instance == GOOGLE => Ok(Some(SANDBOX_OWNER.to_owned())),
            (Some(provider), _) => match provider.identity().await {
                Ok(identity) => Ok(Some(identity)),
                Err(_) if instance == GOOGLE && self.is_google_open => Ok(None),
                Err(error) => Err(error),
            },
            (None, _) => Ok(None),
        }
    }

    /// Who the kubeconfig says we are.
    pub(crate) fn user(&self) -> Option<&str> {
        self.target.as_ref()?.user.as_deref()
    }

    /// How many requests were sent to each platform.
    pub(crate) fn requests(&self) -> Requests {
        let sent = |instance: &str| {
            let provider = self.providers.get(instance);
            provider.map_or(0, |provider| provider.requests())
        };
        let looked_up = self.lookup.as_ref().map_or(0, |google| google.requests());
        Requests {
            kubernetes: sent(KUBERNETES),
            gcp: sent(GOOGLE) + looked_up,
        }
    }
}

/// What the sandbox is called wherever a server is.
const SANDBOX: &str = "sandbox";
/// Who asks the sandbox's Google half without a credential.
const SANDBOX_OWNER: &str = "sandbox-owner";
