//! Requests, as the API server's audit log tells them.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::text;

/// One request as the audit log tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// The whole `User-Agent`.
    pub user_agent: String,
    /// Who asked; empty where the login failed.
    pub user: String,
    /// Kubernetes' verb: `list`, `patch`, ...
    pub verb: String,
    /// `roles`, `serviceaccounts/token`, or a path as `/version`.
    pub resource: String,
    /// Empty where cluster-scoped or across namespaces.
    pub namespace: String,
    /// Empty for lists.
    pub name: String,
    /// Path and query.
    pub uri: String,
    /// The HTTP status.
    pub code: u16,
}

/// Counts requests by verb and resource, `"list roles"`.
pub fn count(requests: &[Request]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for request in requests {
        *counts
            .entry(format!("{} {}", request.verb, request.resource))
            .or_default() += 1;
    }
    counts
}

/// Folds the log's lines, one for each stage of a request, into requests; a last line that is still
/// being written is left out.
pub fn read_requests(log: &str) -> Vec<Request> {
    let mut requests: Vec<Request> = Vec::new();
    let mut places = HashMap::new();
    let complete = log.rfind('\n').map_or("", |end| &log[..end]);
    for event in complete
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
    {
        // A request is known by its first line, which for a failed login is its only one; one that
        // began before the log was marked is not ours.
        let first = text(&event, "/stage") == "RequestReceived"
            || (text(&event, "/stage") == "ResponseStarted"
                && text(&event, "/user/username").is_empty());
        let id = text(&event, "/auditID").to_owned();
        match places.get(&id) {
            Some(&place) => requests[place] = request(&event),
            None if first => {
                places.insert(id, requests.len());
                requests.push(request(&event));
            }
            None => {}
        }
    }
    requests
}

fn request(event: &Value) -> Request {
    let uri = text(event, "/requestURI");
    let resource = match (
        text(event, "/objectRef/resource"),
        text(event, "/objectRef/subresource"),
    ) {
        ("", _) => uri.split('?').next().unwrap_or_default().to_owned(),
        (resource, "") => resource.to_owned(),
        (resource, subresource) => format!("{resource}/{subresource}"),
    };
    let code = event
        .pointer("/responseStatus/code")
        .and_then(Value::as_u64);
    Request {
        user_agent: text(event, "/userAgent").to_owned(),
        user: text(event, "/user/username").to_owned(),
        verb: text(event, "/verb").to_owned(),
        resource,
        namespace: text(event, "/objectRef/namespace").to_owned(),
        name: text(event, "/objectRef/name").to_owned(),
        uri: uri.to_owned(),
        code: code
            .and_then(|code| u16::try_from(code).ok())
            .unwrap_or_default(),
    }
}
