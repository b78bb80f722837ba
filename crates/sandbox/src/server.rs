//! HTTP: from a request to a call, and back.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body as HttpBody, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderValue, Response, header};
use percent_encoding::percent_decode_str;
use rbacform_access::User;
use rbacform_access::subject::AUTHENTICATED;

use crate::authn::{Caller, Identities, bearer};
use crate::call::{Call, Reply};
use crate::connection::{Cut, LoopbackListener};
use crate::controllers::settle;
use crate::encode::response;
use crate::faults::Faults;
use crate::google::{Failure, Google, GoogleRequest};
use crate::hold::{HoldPoint, Holds};
use crate::query::Query;
use crate::request_info::{RequestInfo, request_info};
use crate::requests::{Counter, RequestKey, verb_and_resource};
use crate::respond::respond;
use crate::status::Status;
use crate::termination::finish;
use crate::world::World;
use crate::write::not_kept;

/// The server's limit on a request's body, in bytes.
const BODY_LIMIT: usize = 3 * 1024 * 1024;

/// What all connections share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) world: Mutex<World>,
    pub(crate) identities: Identities,
    pub(crate) version: String,
    pub(crate) namespace_delay: Duration,
    pub(crate) counter: Counter,
    pub(crate) faults: Faults,
    pub(crate) holds: Holds,
    pub(crate) google: Google,
    /// The base URL, without a slash at its end.
    pub(crate) url: String,
}

/// A request to one half or the other.
enum Half {
    Kubernetes(RequestInfo),
    Google(GoogleRequest),
}

/// Serves until the future is dropped.
pub(crate) async fn serve(
    listener: tokio::net::TcpListener,
    shared: Arc<Shared>,
) -> std::io::Result<()> {
    let ending = settled(&shared, &mut shared.lock());
    schedule(&shared, ending.unwrap_or_default());
    let app = Router::new().fallback(handle).with_state(shared);
    let service = app.into_make_service_with_connect_info::<Cut>();
    axum::serve(LoopbackListener(listener), service).await
}

impl Shared {
    pub(crate) fn lock(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The current time as the API writes it.
pub(crate) fn now() -> String {
    jiff::Timestamp::now()
        .strftime("%Y-%m-%dT%H:%M:%SZ")
        .to_string()
}

async fn handle(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(connection): ConnectInfo<Cut>,
    request: Request,
) -> Response<HttpBody> {
    let (parts, body) = request.into_parts();
    let path = percent_decode_str(parts.uri.path())
        .decode_utf8_lossy()
        .into_owned();
    let query = Query::parse(parts.uri.query().unwrap_or_default());
    let half = match GoogleRequest::of(parts.method.as_str(), &path) {
        Some(request) => Half::Google(request),
        None => Half::Kubernetes(request_info(parts.method.as_str(), &path, &query)),
    };
    let (verb, resource) = match &half {
        Half::Kubernetes(info) => verb_and_resource(&info.request),
        Half::Google(request) => request.verb_and_resource(),
    };
    let user_agent = text(&parts.headers, header::USER_AGENT);
    let key = RequestKey {
        user_agent: user_agent.clone(),
        verb,
        resource,
    };
    shared.counter.count(key.clone());

    let strike = shared.faults.strike(&key);
    let body = to_bytes(body, BODY_LIMIT).await;
    if !strike.latency.is_zero() {
        tokio::time::sleep(strike.latency).await;
    }
    shared.holds.pass(&key, HoldPoint::BeforeCommit).await;
    if strike.drop_before {
        connection.cut();
        return Response::default();
    }
    if let Some((code, retry_after)) = strike.status {
        return injected(&half, code, retry_after);
    }
    let reply = match half {
        Half::Google(request) => {
            let headers = &parts.headers;
            let authorization = headers.get(header::AUTHORIZATION).map(HeaderValue::to_str);
            match (body, authorization.transpose()) {
                (Err(_), _) => request.failed(Failure::too_large()),
                (_, Err(_)) => request.failed(Failure::unauthenticated()),
                (Ok(body), Ok(authorization)) => {
                    request.answer(&shared.google, &query, authorization, &body, &shared.url)
                }
            }
        }
        Half::Kubernetes(info) => {
            let gzip = text(&parts.headers, header::ACCEPT_ENCODING).contains("gzip");
            let answer = match body {
                Err(_) => Err(Status::too_large()),
                Ok(body) => answer(&shared, &parts.headers, |caller| Call {
                    caller,
                    info,
                    query,
                    content_type: media_type(&parts.headers),
                    accept: text(&parts.headers, header::ACCEPT),
                    user_agent,
                    body: body.to_vec(),
                    now: now(),
                }),
            };
            response(answer, gzip)
        }
    };
    shared.holds.pass(&key, HoldPoint::AfterCommit).await;
    if strike.drop_after {
        connection.cut();
    }
    reply
}

/// Authenticates, answers, and lets the controllers come to rest, as one step.
fn answer(
    shared: &Arc<Shared>,
    headers: &HeaderMap,
    call: impl FnOnce(Caller) -> Call,
) -> Result<Reply, Status> {
    if headers
        .keys()
        .any(|name| name.as_str().starts_with("impersonate-"))
    {
        return Err(Status::not_modelled("impersonation"));
    }
    let mut world = shared.lock();
    let authorization = headers
        .get(header::AUTHORIZATION)
        .map(|value| value.to_str());
    let authorization = match authorization {
        Some(Ok(value)) => Some(value),
        Some(Err(_)) => return Err(Status::unauthorized()),
        None => None,
    };
    let known = shared.identities.authenticate(&world, authorization);
    let caller = known.or_else(|refused| google_caller(shared, authorization).ok_or(refused))?;
    let answer = respond(&mut world, &call(caller), &shared.version);
    let ending = settled(shared, &mut world)?;
    drop(world);
    schedule(shared, ending);
    answer
}

/// A caller with a Google token: GKE takes its email as the user's name.
fn google_caller(shared: &Shared, authorization: Option<&str>) -> Option<Caller> {
    let name = shared.google.email_of(bearer(authorization)?)?;
    let user = User {
        name,
        groups: vec![AUTHENTICATED.to_owned()],
    };
    Some(Caller {
        user,
        ..Caller::default()
    })
}

fn settled(shared: &Shared, world: &mut World) -> Result<Vec<String>, Status> {
    let mut ending = settle(world, &now()).map_err(not_kept)?;
    if shared.namespace_delay.is_zero() {
        for name in std::mem::take(&mut ending) {
            finish(world, &name, &now()).map_err(not_kept)?;
        }
        ending = settle(world, &now()).map_err(not_kept)?;
    }
    ending.sort();
    ending.dedup();
    Ok(ending)
}

/// Ends namespaces after the delay.
fn schedule(shared: &Arc<Shared>, ending: Vec<String>) {
    for name in ending {
        let shared = Arc::clone(shared);
        tokio::spawn(async move {
            tokio::time::sleep(shared.namespace_delay).await;
            let mut world = shared.lock();
            // A world that cannot be written says so to the next request.
            let _ = finish(&mut world, &name, &now()).and_then(|()| settle(&mut world, &now()));
        });
    }
}

fn injected(half: &Half, code: u16, retry_after: Option<u64>) -> Response<HttpBody> {
    let mut response = match half {
        Half::Kubernetes(_) => response(Err(Status::injected(code)), false),
        Half::Google(request) => request.failed(Failure::injected(code, retry_after)),
    };
    if let Some(seconds) = retry_after {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> String {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.unwrap_or_default().to_owned()
}

/// The content type without its parameters.
fn media_type(headers: &HeaderMap) -> String {
    let value = text(headers, header::CONTENT_TYPE);
    value
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_owned()
}
