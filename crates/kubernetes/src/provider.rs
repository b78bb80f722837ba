//! The provider: one connection to one cluster.

use std::sync::Arc;

use async_trait::async_trait;
use rbacform_core::{Diagnostic, ObjectId, ObservedObject, Step, Text, WorldPin};
use rbacform_provider::{
    ErrorKind, Observation, Provider, ProviderError, Query, Target, WriteOutcome,
};

use crate::client::{Http, Identity, KindRead, Reader, Review, Seen, Writer};
use crate::connect::ConnectOptions;
use crate::kubeconfig;
use crate::types::Kind;

/// A connection to one cluster. Needs a Tokio runtime with time and I/O once it is used.
pub struct KubernetesProvider {
    instance: Text,
    http: Arc<Http>,
    reader: Reader,
    writer: Writer,
    seen: Arc<Seen>,
}

impl KubernetesProvider {
    /// Finds the cluster and the login as kubectl does. Nothing is sent, and no credential plugin
    /// is run, before the first request.
    ///
    /// # Errors
    /// No kubeconfig, an unreadable one, an unknown context, a missing cluster or user, broken
    /// certificates: code `kubeconfig`, with file, line and column where there is one.
    pub fn connect(options: &ConnectOptions) -> Result<Self, Diagnostic> {
        let access = kubeconfig::load(options)?;
        install_crypto();
        let instance = Text::from(options.instance.as_str());
        let http = Http::new(
            access,
            &options.version,
            options.parallelism,
            options.timeout,
        );
        let http = Arc::new(http);
        let reader = Reader::new(Arc::clone(&http), instance.clone());
        let seen = Arc::new(Seen::default());
        let writer = Writer::new(Arc::clone(&http), reader.clone(), Arc::clone(&seen));
        Ok(Self {
            instance,
            http,
            reader,
            writer,
            seen,
        })
    }

    /// Where it points, as far as is known without asking.
    pub fn target(&self) -> Target {
        let access = self.http.access();
        Target {
            server: server(access),
            context: access.context.clone(),
            user: access.user.clone(),
        }
    }

    /// Who the server says we are, with all our groups.
    ///
    /// # Errors
    /// It does not say: it is older than Kubernetes 1.28, say.
    pub async fn whoami(&self) -> Result<Identity, ProviderError> {
        self.reader.identity().await
    }

    /// What the server calls its version: `v1.36.3`, `v1.34.1-gke.100`.
    ///
    /// # Errors
    /// It does not say.
    pub async fn version(&self) -> Result<String, ProviderError> {
        self.reader.version().await
    }

    /// What the server's authorizers say to a question about ourselves; `spec` is that of a
    /// SelfSubjectAccessReview.
    ///
    /// # Errors
    /// It may not be asked.
    pub async fn may(&self, spec: &serde_json::Value) -> Result<Review, ProviderError> {
        self.reader.may(spec).await
    }

    /// What the server's authorizers say to a question about somebody else; `spec` is that of a
    /// SubjectAccessReview, to which the server adds no groups.
    ///
    /// # Errors
    /// It may not be asked.
    pub async fn may_somebody(&self, spec: &serde_json::Value) -> Result<Review, ProviderError> {
        self.reader.may_somebody(spec).await
    }

    async fn world(&self, observation: &mut Observation) -> Result<WorldPin, ProviderError> {
        let access = self.http.access();
        let kind = crate::types::namespace();
        let listed = observation
            .observed
            .complete
            .contains(&(self.instance.clone(), kind.name.into()));
        let uid = match listed {
            true => {
                let object = kind.object(&self.instance, None, "kube-system");
                let found = observation.observed.get(&object);
                found.map(|namespace| namespace.uid.clone())
            }
            false => self.reader.world().await?,
        };
        if uid.is_none() {
            observation.notes.push(
                "the namespace `kube-system` may not be read by this identity: the cluster is known by \
                 its URL and certificate authority only"
                    .to_owned(),
            );
        }
        Ok(WorldPin {
            server: server(access),
            uid: uid.unwrap_or_default().into(),
            ca: access.cluster.authorities_digest(),
        })
    }
}

#[async_trait]
impl Provider for KubernetesProvider {
    async fn read(&self, query: &Query) -> Result<Observation, ProviderError> {
        let objects = Arc::new(query.objects.clone());
        let mut tasks = Vec::new();
        for name in &query.kinds {
            let Some(kind) = Kind::named(name) else {
                let message = format!("`{name}` is no kind that this provider knows");
                return Err(ProviderError::new(ErrorKind::Invalid, message));
            };
            let (reader, objects) = (self.reader.clone(), Arc::clone(&objects));
            // A task each: one list is parsed while the next arrives.
            let task = tokio::spawn(async move { reader.kind(kind, &objects).await });
            tasks.push((kind, AbortOnDrop(task)));
        }
        let mut observation = Observation::default();
        for (kind, mut task) in tasks {
            let read: KindRead = (&mut task.0).await.map_err(|_| {
                ProviderError::new(ErrorKind::Protocol, "reading was interrupted")
            })??;
            self.seen.kind(kind.name, read.whole, &read.objects);
            if read.whole {
                let key = (self.instance.clone(), Text::from(kind.name));
                observation.observed.complete.insert(key);
            }
            let listed = read.namespaces.into_iter();
            observation
                .observed
                .complete_in
                .extend(listed.map(|name| (self.instance.clone(), Text::from(kind.name), name)));
            observation.observed.extend(read.objects);
            observation.notes.extend(read.notes);
        }
        if query.world {
            let world = self.world(&mut observation).await?;
            observation.worlds.insert(self.instance.to_string(), world);
        }
        Ok(observation)
    }

    async fn read_one(&self, object: &ObjectId) -> Result<Option<ObservedObject>, ProviderError> {
        let Some(kind) = Kind::named(&object.kind) else {
            let message = format!("`{}` is no kind that this provider knows", object.kind);
            return Err(ProviderError::new(ErrorKind::Invalid, message));
        };
        let found = self.reader.get(kind, object).await?;
        if let Some(found) = &found {
            self.seen
                .kind(kind.name, false, std::slice::from_ref(found));
        }
        Ok(found)
    }

    async fn identity(&self) -> Result<String, ProviderError> {
        Ok(self.reader.identity().await?.username)
    }

    async fn write(&self, step: &Step) -> Vec<WriteOutcome> {
        self.writer.step(step).await
    }

    fn requests(&self) -> u64 {
        self.http.requests()
    }
}

/// A task that does not outlive the read which waits for it.
struct AbortOnDrop<T>(tokio::task::JoinHandle<T>);

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn server(access: &kubeconfig::Access) -> String {
    access
        .cluster
        .server
        .to_string()
        .trim_end_matches('/')
        .to_owned()
}

/// rustls asks for one provider for the whole process, where the program has not chosen yet.
fn install_crypto() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // An error says that another thread was faster, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
}
