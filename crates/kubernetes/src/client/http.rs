//! One request, one try.

use std::io::Read as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use http::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, USER_AGENT,
};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use kube::client::Body;
use rbacform_core::Text;
use rbacform_provider::{ErrorKind, ProviderError};
use tokio::sync::{Mutex, Semaphore};

use super::connector;
use super::errors::{Failure, Status};
use crate::kubeconfig::{Access, Credential};

/// A reply may not grow past this: a list of a hundred thousand objects is a tenth of it.
const BODY_LIMIT: usize = 1 << 30;

/// The way to one API server.
pub(crate) struct Http {
    access: Access,
    headers: HeaderMap,
    timeout: Duration,
    gzip: bool,
    in_flight: Semaphore,
    /// Whose turn it is to read a large reply.
    large: Semaphore,
    session: Mutex<Held>,
    /// How often logging in failed.
    failures: AtomicU64,
    requests: AtomicU64,
    reached: AtomicBool,
}

/// A client and what its requests carry.
struct Session {
    client: kube::Client,
    credential: Credential,
}

/// The session of now, and how logging in failed last.
#[derive(Default)]
struct Held {
    session: Option<Arc<Session>>,
    failure: Option<ProviderError>,
}

/// One request.
pub(super) struct Call {
    pub(super) method: Method,
    /// Path and query.
    pub(super) path: String,
    pub(super) content_type: Option<&'static str>,
    pub(super) body: Vec<u8>,
    /// Whether the reply may be large.
    pub(super) large: bool,
}

/// A reply, whatever its status.
pub(super) struct Reply {
    pub(super) status: StatusCode,
    /// How long the server asks to wait.
    pub(super) retry_after: Option<Duration>,
    /// The server's name for the request.
    pub(super) audit_id: Option<Text>,
    pub(super) body: Vec<u8>,
}

impl Call {
    /// A read.
    pub(super) fn get(path: String) -> Self {
        Self {
            method: Method::GET,
            path,
            content_type: None,
            body: Vec::new(),
            large: false,
        }
    }
}

impl Reply {
    /// The server's own words, where it refused.
    pub(super) fn error(&self) -> Status {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

impl Http {
    /// The way to that cluster. Nothing is sent, and no credential plugin is run, before the first
    /// request.
    pub(crate) fn new(
        access: Access,
        version: &str,
        parallelism: usize,
        timeout: Duration,
    ) -> Self {
        let mut headers = access.impersonation.clone();
        if let Ok(agent) = HeaderValue::from_str(&format!("rbacform/{version}")) {
            headers.insert(USER_AGENT, agent);
        }
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        let host = access.cluster.server.host().unwrap_or_default();
        Self {
            // Compressing costs more than loopback does.
            gzip: !crate::kubeconfig::is_loopback(host),
            access,
            headers,
            timeout,
            in_flight: Semaphore::new(parallelism.max(1)),
            large: Semaphore::new(1),
            session: Mutex::default(),
            failures: AtomicU64::new(0),
            requests: AtomicU64::new(0),
            reached: AtomicBool::new(false),
        }
    }

    /// Who and where.
    pub(crate) fn access(&self) -> &Access {
        &self.access
    }

    /// How many requests were sent.
    pub(crate) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Whether the server ever answered.
    pub(super) fn was_reached(&self) -> bool {
        self.reached.load(Ordering::Relaxed)
    }

    /// Sends a request once; where the server does not know us (any longer) and the login can be
    /// renewed, once more.
    pub(super) async fn send(&self, call: &Call) -> Result<Reply, Failure> {
        let session = self.session(None).await.map_err(Failure::NotSent)?;
        let reply = self.exchange(&session, call).await?;
        if reply.status != StatusCode::UNAUTHORIZED || !self.access.login.is_renewable() {
            return Ok(reply);
        }
        let session = self
            .session(Some(&session))
            .await
            .map_err(Failure::NotSent)?;
        self.exchange(&session, call).await
    }

    /// The session, made or renewed where needed. Credential plugins run once, however many
    /// requests wait for one, also where it fails.
    async fn session(&self, refused: Option<&Arc<Session>>) -> Result<Arc<Session>, ProviderError> {
        let failures = self.failures.load(Ordering::Acquire);
        let mut held = self.session.lock().await;
        let usable = held.session.as_ref().filter(|session| {
            !session.credential.is_stale() && !refused.is_some_and(|old| Arc::ptr_eq(old, session))
        });
        if let Some(session) = usable {
            return Ok(Arc::clone(session));
        }
        if let Some(failure) = &held.failure
            && failures < self.failures.load(Ordering::Acquire)
        {
            return Err(failure.clone());
        }
        match self
            .log_in(held.session.as_deref(), refused.is_some())
            .await
        {
            Ok(session) => {
                let session = Arc::new(session);
                held.session = Some(Arc::clone(&session));
                Ok(session)
            }
            Err(failure) => {
                self.failures.fetch_add(1, Ordering::AcqRel);
                held.failure = Some(failure.clone());
                Err(failure)
            }
        }
    }

    async fn log_in(&self, old: Option<&Session>, refused: bool) -> Result<Session, ProviderError> {
        let credential = self.access.login.obtain(refused).await?;
        let client = match old {
            Some(old) if same_identity(&old.credential, &credential) => old.client.clone(),
            _ => {
                let identity = credential
                    .identity
                    .as_ref()
                    .or(self.access.identity.as_ref());
                connector::client(&self.access.cluster, identity)?
            }
        };
        Ok(Session { client, credential })
    }

    async fn exchange(&self, session: &Session, call: &Call) -> Result<Reply, Failure> {
        let request = self.request(session, call)?;
        let _permit = self.in_flight.acquire().await;
        self.requests.fetch_add(1, Ordering::Relaxed);
        let response = self.in_time(session.client.send(request)).await?;
        self.reached.store(true, Ordering::Relaxed);
        // One large reply at a time: the others wait in their sockets, and not in our memory.
        let _turn = match call.large {
            true => Some(self.large.acquire().await),
            false => None,
        };
        self.in_time(collect(response)).await
    }

    /// What comes of a step of a request, which may not take longer than the timeout.
    async fn in_time<T>(
        &self,
        step: impl Future<Output = Result<T, kube::Error>>,
    ) -> Result<T, Failure> {
        match tokio::time::timeout(self.timeout, step).await {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(error)) => Err(Failure::from_transport(&error, &self.access)),
            Err(_) => Err(Failure::Lost(ProviderError::new(
                ErrorKind::Unavailable,
                format!("no answer within {} s", self.timeout.as_secs_f32()),
            ))),
        }
    }

    fn request(&self, session: &Session, call: &Call) -> Result<Request<Body>, Failure> {
        let mut request = Request::new(Body::from(call.body.clone()));
        *request.method_mut() = call.method.clone();
        *request.uri_mut() = call.path.parse().map_err(|_| {
            let message = "the object's name does not fit into a URL";
            Failure::NotSent(ProviderError::new(ErrorKind::Invalid, message))
        })?;
        let headers = request.headers_mut();
        headers.clone_from(&self.headers);
        if let Some(content_type) = call.content_type {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        }
        if call.large && self.gzip {
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        }
        if let Some(authorization) = &session.credential.authorization {
            headers.insert(AUTHORIZATION, authorization.clone());
        }
        Ok(request)
    }
}

fn same_identity(old: &Credential, new: &Credential) -> bool {
    match (&old.identity, &new.identity) {
        (None, None) => true,
        (Some(old), Some(new)) => old.same(new),
        _ => false,
    }
}

/// Reads a reply whole, into one buffer.
async fn collect(response: Response<Body>) -> Result<Reply, kube::Error> {
    let (parts, mut body) = response.into_parts();
    let header = |name: &str| {
        parts
            .headers
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    let seconds = header("retry-after").and_then(|text| text.parse().ok());
    let length = header("content-length").and_then(|text| text.parse::<usize>().ok());
    let mut bytes = Vec::with_capacity(length.unwrap_or(0).min(BODY_LIMIT / 16));
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame?.into_data() {
            bytes.extend_from_slice(&data);
        }
        if bytes.len() > BODY_LIMIT {
            return Err(kube::Error::Service("the reply is too large".into()));
        }
    }
    if header(CONTENT_ENCODING.as_str()) == Some("gzip") {
        bytes = unzip(&bytes).map_err(|error| kube::Error::Service(error.into()))?;
    }
    Ok(Reply {
        status: parts.status,
        retry_after: seconds.map(Duration::from_secs),
        audit_id: header("audit-id").map(Text::from),
        body: bytes,
    })
}

fn unzip(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut whole = Vec::new();
    flate2::read::MultiGzDecoder::new(bytes)
        .take(BODY_LIMIT as u64)
        .read_to_end(&mut whole)?;
    Ok(whole)
}
