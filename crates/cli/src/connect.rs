//! Connections: which world a stack's providers speak to.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Duration;

use rbacform_core::WorldPin;
use rbacform_core::plan::KubernetesWorld;
use rbacform_executor::Providers;
use rbacform_kubernetes::{ConnectOptions, KubeconfigSource, KubernetesProvider, Settings};
use rbacform_provider::{Provider, Target};
use rbacform_sandbox::{PersistError, Sandbox, SandboxError};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::planning::{INSTANCE, Request};
use crate::session::Session;

/// Open connections, and the sandbox where it serves them.
pub(crate) struct Connection {
    /// The provider instances.
    pub(crate) providers: Providers,
    target: Target,
    /// Serves for as long as the connection is held.
    sandbox: Option<Sandbox>,
}

impl Connection {
    /// None: there is nothing to ask.
    pub(crate) fn none() -> Self {
        Self {
            providers: Providers::new(),
            target: Target::default(),
            sandbox: None,
        }
    }

    /// Connects to what flags, environment and stack name. Nothing is sent yet.
    pub(crate) async fn open(request: &Request<'_>, session: &Session) -> Result<Self, Failure> {
        let settings = settings(request)?;
        let environment = &session.environment;
        let sandbox = match request.world.sandbox {
            true => Some(sandbox(request).await?),
            false => None,
        };
        let kubeconfig = match (
            &sandbox,
            &request.world.kubeconfig,
            environment.get("KUBECONFIG"),
        ) {
            (Some(sandbox), _, _) => KubeconfigSource::Endpoint {
                url: sandbox.url(),
                token: sandbox.admin_token().into(),
            },
            (None, Some(file), _) => KubeconfigSource::File(file.clone()),
            (None, None, Some(list)) => KubeconfigSource::List(list.into()),
            (None, None, None) => KubeconfigSource::Default,
        };
        // A proxy or a credential plugin has no business between this process and itself.
        let inherited = if sandbox.is_some() {
            BTreeMap::new()
        } else {
            environment.all().clone()
        };
        let options = ConnectOptions {
            instance: INSTANCE.to_owned(),
            kubeconfig,
            context: request
                .world
                .context
                .clone()
                .or(settings.context)
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
                server: "sandbox".to_owned(),
                ..Target::default()
            },
            None => provider.target(),
        };
        let provider: Arc<dyn Provider> = Arc::new(provider);
        let providers = Providers::from([(INSTANCE.to_owned(), provider)]);
        Ok(Self {
            providers,
            target,
            sandbox,
        })
    }

    /// Where this points, for the plan's first line.
    pub(crate) fn world(&self, identity: Option<String>) -> KubernetesWorld {
        KubernetesWorld {
            server: self.target.server.clone(),
            context: self.target.context.clone(),
            identity,
        }
    }

    /// The pin of a world. The sandbox listens on another port each time; its id tells which it is.
    pub(crate) fn steady(&self, world: WorldPin) -> WorldPin {
        match self.sandbox {
            Some(_) => WorldPin {
                server: self.target.server.clone(),
                ..world
            },
            None => world,
        }
    }

    /// Who the kubeconfig says we are.
    pub(crate) fn user(&self) -> Option<&str> {
        self.target.user.as_deref()
    }

    /// How many requests were sent.
    pub(crate) fn requests(&self) -> u64 {
        self.providers
            .get(INSTANCE)
            .map_or(0, |provider| provider.requests())
    }
}

fn settings(request: &Request<'_>) -> Result<Settings, Failure> {
    let Some(given) = request.loaded.stack.providers.get(INSTANCE) else {
        return Ok(Settings::default());
    };
    Settings::read(&given.settings)
        .map_err(|problems| Failure::of_stack(problems, request.loaded.sources.clone()))
}

/// How long a run waits for another one to let go of the sandbox's world, and how often it looks.
const WAIT: Duration = Duration::from_secs(10);
const LOOK: Duration = Duration::from_millis(50);

async fn sandbox(request: &Request<'_>) -> Result<Sandbox, Failure> {
    let folder = request.loaded.place.sandbox();
    let is_busy =
        |error: &SandboxError| matches!(error, SandboxError::World(PersistError::InUse { .. }));
    let until = tokio::time::Instant::now() + WAIT;
    let started = loop {
        let started = Sandbox::builder().persist(&folder).start();
        let busy = started.as_ref().err().is_some_and(is_busy);
        if !busy || tokio::time::Instant::now() >= until {
            break started;
        }
        tokio::time::sleep(LOOK).await;
    };
    started.map_err(|error| {
        let busy = is_busy(&error);
        let message = std::iter::successors(Some(&error as &dyn std::error::Error), |e| e.source())
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(": ");
        match busy {
            true => Failure::error("sandbox-in-use", message)
                .help("wait for the other run to end")
                .exit(Exit::Stale),
            false => Failure::error("sandbox", message)
                .help("to start afresh, remove the folder `.rbacform/sandbox` of the root"),
        }
    })
}
