//! One request and one reply, without HTTP.

use std::sync::Arc;

use rbacform_access::{Request, ResourceRequest};
use serde_json::Value;

use crate::authn::Caller;
use crate::kinds::Kind;
use crate::object::Object;
use crate::query::Query;
use crate::request_info::RequestInfo;
use crate::status::{Named, Status};

/// A request as the API sees it.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) caller: Caller,
    pub(crate) info: RequestInfo,
    pub(crate) query: Query,
    pub(crate) content_type: String,
    pub(crate) accept: String,
    pub(crate) user_agent: String,
    pub(crate) body: Vec<u8>,
    /// RFC 3339, whole seconds.
    pub(crate) now: String,
}

impl Call {
    /// The request for a resource; `None` for any other URL.
    pub(crate) fn resource(&self) -> Option<&ResourceRequest> {
        match &self.info.request {
            Request::Resource(request) => Some(request),
            Request::NonResource(_) => None,
        }
    }

    /// The body as JSON; `kind` is what it should have been.
    pub(crate) fn json_body(&self, kind: &str) -> Result<Value, Status> {
        serde_json::from_slice(&self.body).map_err(|error| {
            Status::bad_request(format!(
                "the object provided is unrecognized (must be of type {kind}): couldn't get \
                 version/kind; json parse error: {error}"
            ))
        })
    }
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) code: u16,
    pub(crate) body: Body,
    /// Texts of `Warning` headers.
    pub(crate) warnings: Vec<String>,
}

/// The body of an answer; lists are put together only when they are sent.
#[derive(Debug)]
pub(crate) enum Body {
    Json(Value),
    Text(&'static str),
    Object(Kind, Arc<Object>),
    List(List),
}

/// A list reply.
#[derive(Debug)]
pub(crate) struct List {
    pub(crate) kind: Kind,
    pub(crate) items: Vec<Arc<Object>>,
    pub(crate) revision: u64,
    pub(crate) next: Option<String>,
    pub(crate) remaining: Option<usize>,
    pub(crate) metadata_only: bool,
}

impl Reply {
    pub(crate) fn new(code: u16, body: Body) -> Self {
        Self {
            code,
            body,
            warnings: Vec::new(),
        }
    }

    pub(crate) fn json(code: u16, value: Value) -> Self {
        Self::new(code, Body::Json(value))
    }
}

/// How errors name an object of a kind.
pub(crate) fn named(kind: Kind, name: &str) -> Named<'_> {
    let info = kind.info();
    Named {
        group: info.group,
        resource: info.resource,
        name,
    }
}
