//! The provider: one connection to Google.

use std::sync::Arc;

use async_trait::async_trait;
use rbacform_core::{Diagnostic, ObjectId, ObservedObject, Step, Text};
use rbacform_provider::{
    ErrorKind, Observation, Provider, ProviderError, Query, Target, WriteOutcome,
};

use super::ConnectOptions;
use super::credentials::{self, TokenSource, Whose};
use super::endpoint::Endpoints;
use super::http::Http;
use super::lookup::{Cluster, ListedCluster, Project};
use super::read::{Reader, Seen};
use super::transport::{Transport, Wire};
use super::write::Writer;
use crate::target::{Api, ResourceName};

/// A connection to Google. Needs a Tokio runtime with time and I/O once it is used.
pub struct GcpProvider {
    http: Arc<Http>,
    reader: Reader,
    writer: Writer,
    /// Whose tokens are used; none where none are.
    whose: Option<Whose>,
}

impl GcpProvider {
    /// Finds the endpoints and the credentials. Nothing is sent before the first request.
    ///
    /// # Errors
    /// An endpoint that cannot be used (code `endpoint`), a credential file that cannot be read or
    /// is of no known type (`credentials`, with the file), a proxy that is no URL (`proxy`).
    pub fn connect(options: &ConnectOptions) -> Result<Self, Diagnostic> {
        let endpoints = Endpoints::new(options)?;
        let wire = Wire::new(options, endpoints.all_open())?;
        Self::over(Arc::new(wire), endpoints, options)
    }

    /// The same over another transport.
    pub(super) fn over(
        transport: Arc<dyn Transport>,
        endpoints: Endpoints,
        options: &ConnectOptions,
    ) -> Result<Self, Diagnostic> {
        let mut quota_project = options.quota_project.clone();
        let mut tokens = None;
        let mut whose = None;
        if !endpoints.all_open() {
            let found = credentials::find(options, &endpoints, &transport)?;
            quota_project = quota_project.or(found.quota_project);
            tokens = Some(found.tokens);
            whose = Some(found.whose);
        }
        let http = Arc::new(Http::new(
            transport,
            endpoints,
            tokens,
            quota_project.as_deref(),
            options.parallelism,
        ));
        let instance = Text::from(options.instance.as_str());
        let seen = Arc::new(Seen::default());
        let reader = Reader {
            http: Arc::clone(&http),
            instance: instance.clone(),
            seen: Arc::clone(&seen),
        };
        Ok(Self {
            writer: Writer::new(Arc::clone(&http), instance, seen),
            http,
            reader,
            whose,
        })
    }

    /// Where it points, as far as is known without asking.
    pub fn target(&self) -> Target {
        let user = match &self.whose {
            Some(Whose::Known(email)) => Some(email.clone()),
            _ => None,
        };
        Target {
            server: self.http.endpoints().server(Api::CloudResourceManager),
            context: None,
            user,
        }
    }

    /// A project by its id or number.
    ///
    /// # Errors
    /// It does not exist, or this identity may not see it.
    pub async fn project(&self, project: &str) -> Result<Project, ProviderError> {
        self.http.project(project).await
    }

    /// The folder or organization that a folder, `folders/N`, is in: `folders/M`.
    ///
    /// # Errors
    /// It does not exist, or this identity may not see it.
    pub async fn folder_parent(&self, folder: &str) -> Result<String, ProviderError> {
        self.http.folder_parent(folder).await
    }

    /// A GKE cluster: where it is and whom to trust.
    ///
    /// # Errors
    /// It does not exist, or this identity may not see it.
    pub async fn cluster(
        &self,
        project: &str,
        location: &str,
        cluster: &str,
    ) -> Result<Cluster, ProviderError> {
        self.http.cluster(project, location, cluster).await
    }

    /// Every GKE cluster of a project, in order of location and name.
    ///
    /// # Errors
    /// The project does not exist, or its clusters may not be listed.
    pub async fn clusters(&self, project: &str) -> Result<Vec<ListedCluster>, ProviderError> {
        self.http.clusters(project).await
    }

    /// Which of these permissions the caller holds on a resource, in the order asked.
    ///
    /// # Errors
    /// The resource does not exist, or has no policy.
    pub async fn test_permissions(
        &self,
        resource: &ResourceName,
        permissions: &[&str],
    ) -> Result<Vec<String>, ProviderError> {
        self.http.test_permissions(resource, permissions).await
    }

    /// The names of every role that can be granted on a resource, sorted.
    ///
    /// # Errors
    /// The resource does not exist, or this identity may not see it.
    pub async fn grantable_roles(
        &self,
        resource: &ResourceName,
    ) -> Result<Vec<String>, ProviderError> {
        self.http.grantable_roles(resource).await
    }

    /// Where tokens come from, for a GKE cluster's own API; none where no credentials are used.
    pub fn tokens(&self) -> Option<TokenSource> {
        self.http.tokens().cloned()
    }

    /// Whether a custom role, by its whole name, was found deleted by a read: made again, it comes
    /// back with whatever is bound to it (Google: `iam/docs/creating-custom-roles`, "Undeleting").
    pub fn was_deleted(&self, role: &str) -> bool {
        self.reader.seen.was_deleted(role)
    }
}

#[async_trait]
impl Provider for GcpProvider {
    async fn read(&self, query: &Query) -> Result<Observation, ProviderError> {
        self.reader.read(query).await
    }

    async fn read_one(&self, object: &ObjectId) -> Result<Option<ObservedObject>, ProviderError> {
        self.reader.one(object).await
    }

    /// The address of the account that acts. Asks Google for it only where the credential does not
    /// tell; takes no right.
    async fn identity(&self) -> Result<String, ProviderError> {
        match (&self.whose, self.http.tokens()) {
            (Some(whose), Some(tokens)) => whose.email(tokens).await,
            _ => Err(ProviderError::new(
                ErrorKind::Unavailable,
                "nobody in particular: no credentials are asked for on this machine",
            )),
        }
    }

    async fn write(&self, step: &Step) -> Vec<WriteOutcome> {
        self.writer.step(step).await
    }

    /// Requests to Google's APIs; those for tokens are not counted.
    fn requests(&self) -> u64 {
        self.http.requests()
    }
}
