//! HTTP of the Google half.

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use serde_json::Value;

use super::api::GoogleApi;
use super::failure::Failure;
use super::route::{NoRoute, Operation};
use super::{Asked, Google};
use crate::authn::bearer;
use crate::query::Query;

/// Where all of it is mounted.
const MOUNT: &str = "/google/";

/// A request to the Google half, before it is answered.
#[derive(Debug)]
pub(crate) struct GoogleRequest {
    api: Option<GoogleApi>,
    route: Result<Operation, NoRoute>,
    method: String,
    path: String,
}

impl GoogleRequest {
    /// Reads a request's method and path; `None` where it is for the other half.
    pub(crate) fn of(method: &str, path: &str) -> Option<Self> {
        let rest = path.strip_prefix(MOUNT)?;
        let (name, below) = rest.split_once('/').unwrap_or((rest, ""));
        let api = GoogleApi::of_name(name);
        let route = match api {
            Some(api) => Operation::of(api, method, below),
            None => Err(NoRoute::NotModelled),
        };
        Some(Self {
            api,
            route,
            method: method.to_owned(),
            path: rest.to_owned(),
        })
    }

    /// Verb and resource, as counts and faults name them: `setIamPolicy` and
    /// `cloudresourcemanager.projects`.
    pub(crate) fn verb_and_resource(&self) -> (String, String) {
        match &self.route {
            Ok(operation) => {
                let resource = format!("{}.{}", operation.api.name(), operation.collection);
                (operation.verb.to_owned(), resource)
            }
            Err(_) => (self.method.to_lowercase(), format!("/google/{}", self.path)),
        }
    }

    /// The answer; `authorization` is the header.
    pub(crate) fn answer(
        &self,
        google: &Google,
        query: &Query,
        authorization: Option<&str>,
        body: &[u8],
        url: &str,
    ) -> Response<Body> {
        let answer = match &self.route {
            Ok(operation) => google.answer(&Asked {
                operation,
                query,
                body,
                bearer: bearer(authorization).or(token_in(query, operation)),
                url,
            }),
            Err(NoRoute::WrongVersion) => Err(Failure::no_such_method()),
            Err(NoRoute::NotModelled) => Err(Failure::not_modelled(&format!(
                "{} {}",
                self.method, self.path
            ))),
        };
        self.response(answer)
    }

    /// An error answer, as this API writes it.
    pub(crate) fn failed(&self, failure: Failure) -> Response<Body> {
        self.response(Err(failure))
    }

    fn response(&self, answer: Result<Value, Failure>) -> Response<Body> {
        let (code, body) = match answer {
            Ok(body) => (200, body),
            Err(failure) => (failure.code, failure.to_json(self.api)),
        };
        let mut response = Response::new(Body::from(body.to_string()));
        let code = StatusCode::from_u16(code);
        *response.status_mut() = code.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        let json = HeaderValue::from_static("application/json; charset=UTF-8");
        headers.insert(header::CONTENT_TYPE, json);
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private"));
        response
    }
}

/// A token in the query, but where the token is what is asked about.
fn token_in<'a>(query: &'a Query, operation: &Operation) -> Option<&'a str> {
    let token = query.get("access_token");
    (!token.is_empty() && operation.api != GoogleApi::OAuth2).then_some(token)
}
