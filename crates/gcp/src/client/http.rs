//! The way to Google: one call, with its token, within the limits.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use rbacform_provider::{ErrorKind, ProviderError};
use serde_json::Value as Json;
use tokio::sync::Semaphore;

use super::credentials::TokenSource;
use super::endpoint::Endpoints;
use super::limit::Limits;
use super::transport::{Failure, Outgoing, Reply, Transport};
use crate::target::Api;

/// One request to one API.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) api: Api,
    /// The host at Google, regional where it is.
    pub(crate) host: String,
    pub(crate) method: Method,
    /// Path and query, without a leading `/`.
    pub(crate) path: String,
    pub(crate) body: Option<Json>,
    /// Whether it counts to the quota of writes.
    pub(crate) write: bool,
    /// What it is about, for errors: a resource's name, or words.
    pub(crate) about: String,
}

/// The way to Google's APIs.
pub(crate) struct Http {
    transport: Arc<dyn Transport>,
    endpoints: Endpoints,
    tokens: Option<TokenSource>,
    quota_project: Option<HeaderValue>,
    in_flight: Semaphore,
    limits: Limits,
    requests: AtomicU64,
    reached: AtomicBool,
}

impl Call {
    /// A read of an API's plain host.
    pub(crate) fn get(api: Api, path: String, about: impl Into<String>) -> Self {
        Self {
            api,
            host: format!("{}.googleapis.com", api.name()),
            method: Method::GET,
            path,
            body: None,
            write: false,
            about: about.into(),
        }
    }

    /// A write.
    pub(crate) fn write(
        method: Method,
        api: Api,
        path: String,
        body: Option<Json>,
        about: impl Into<String>,
    ) -> Self {
        Self {
            method,
            body,
            write: true,
            ..Self::get(api, path, about)
        }
    }
}

impl Http {
    pub(crate) fn new(
        transport: Arc<dyn Transport>,
        endpoints: Endpoints,
        tokens: Option<TokenSource>,
        quota_project: Option<&str>,
        parallelism: usize,
    ) -> Self {
        Self {
            transport,
            endpoints,
            tokens,
            quota_project: quota_project.and_then(|project| HeaderValue::from_str(project).ok()),
            in_flight: Semaphore::new(parallelism.max(1)),
            limits: Limits::default(),
            requests: AtomicU64::new(0),
            reached: AtomicBool::new(false),
        }
    }

    pub(crate) fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }

    /// Where tokens come from; none where nothing asks for one.
    pub(crate) fn tokens(&self) -> Option<&TokenSource> {
        self.tokens.as_ref()
    }

    /// How many requests were sent to Google's APIs; not those for tokens.
    pub(crate) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Whether a server ever answered.
    pub(super) fn was_reached(&self) -> bool {
        self.reached.load(Ordering::Relaxed)
    }

    /// Sends a request once; where the token is refused and can be renewed, once more.
    pub(super) async fn send(&self, call: &Call) -> Result<Reply, Failure> {
        let base = self.endpoints.base(call.api, &call.host);
        let url = base.join(&call.path).ok_or_else(|| {
            let message = format!("`{}` does not fit into a URL", call.about);
            Failure::NotSent(ProviderError::new(ErrorKind::Invalid, message))
        })?;
        let mut request = Outgoing {
            method: call.method.clone(),
            url,
            headers: self.headers(call),
            body: Vec::new(),
        };
        if let Some(body) = &call.body {
            request.body = body.to_string().into_bytes();
        }
        let _permit = self.in_flight.acquire().await;
        // What this machine serves has no quota of Google's, and is shown no token.
        if base.open {
            return self.exchange(request).await;
        }
        self.limits.take(call.api, call.write).await;
        let Some(tokens) = &self.tokens else {
            return self.exchange(request).await;
        };
        let token = tokens.token().await.map_err(Failure::NotSent)?;
        request.headers.insert(AUTHORIZATION, token.header());
        let reply = self.exchange(request.clone()).await?;
        if reply.status != StatusCode::UNAUTHORIZED {
            return Ok(reply);
        }
        match tokens.renew(&token).await.map_err(Failure::NotSent)? {
            Some(token) => {
                request.headers.insert(AUTHORIZATION, token.header());
                self.exchange(request).await
            }
            None => Ok(reply),
        }
    }

    async fn exchange(&self, request: Outgoing) -> Result<Reply, Failure> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let reply = self.transport.exchange(request).await?;
        self.reached.store(true, Ordering::Relaxed);
        Ok(reply)
    }

    fn headers(&self, call: &Call) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        if call.body.is_some() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        if let Some(project) = &self.quota_project {
            headers.insert("x-goog-user-project", project.clone());
        }
        headers
    }
}
