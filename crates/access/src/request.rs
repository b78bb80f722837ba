//! Who asks, and for what.

/// An authenticated caller. Groups are taken as given: see
/// [`implied_groups`](crate::subject::implied_groups).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct User {
    /// The username, such as `ana@example.com` or `system:serviceaccount:NS:NAME`.
    pub name: String,
    /// All groups, in the order given.
    pub groups: Vec<String>,
}

/// What is asked of the authorizer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Request {
    /// Something in the resource tree.
    Resource(ResourceRequest),
    /// A URL outside it, such as `/healthz`.
    NonResource(NonResourceRequest),
}

/// A request for a resource; absent parts are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct ResourceRequest {
    /// `get`, `list`, `create`, ... or any custom verb.
    pub verb: String,
    /// The API group, empty for core.
    pub api_group: String,
    /// The plural resource name.
    pub resource: String,
    /// Such as `log` or `token`.
    pub subresource: String,
    /// The namespace, empty for the whole cluster. A request for a namespace itself names it here
    /// too.
    pub namespace: String,
    /// The object's name.
    pub name: String,
}

impl ResourceRequest {
    /// `pods`, or `pods/log` with a subresource.
    pub fn full_resource(&self) -> String {
        match self.subresource.as_str() {
            "" => self.resource.clone(),
            subresource => format!("{}/{subresource}", self.resource),
        }
    }
}

/// A request for a URL path; its verb is the HTTP method in lower case.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct NonResourceRequest {
    /// The HTTP method in lower case.
    pub verb: String,
    /// The path, as sent.
    pub path: String,
}

impl Request {
    /// The verb asked for.
    pub fn verb(&self) -> &str {
        match self {
            Self::Resource(request) => &request.verb,
            Self::NonResource(request) => &request.verb,
        }
    }

    /// The namespace asked in; empty for the whole cluster.
    pub fn namespace(&self) -> &str {
        match self {
            Self::Resource(request) => &request.namespace,
            Self::NonResource(_) => "",
        }
    }
}
