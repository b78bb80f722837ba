//! What went wrong, in words that help.

use http::StatusCode;
use rbacform_core::ObjectId;
use rbacform_provider::{ErrorKind, ProviderError};
use serde::Deserialize;

use super::http::Reply;
use crate::kubeconfig::Access;

/// A request without a reply.
pub(super) enum Failure {
    /// It was not sent, and sending it again is no use.
    NotSent(ProviderError),
    /// No connection was made.
    Unreached(ProviderError),
    /// It may have been carried out.
    Lost(ProviderError),
}

/// The server's words: `metav1.Status`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Status {
    pub(super) message: String,
    pub(super) reason: String,
    pub(super) details: Option<Details>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Details {
    pub(super) causes: Option<Vec<Cause>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Cause {
    pub(super) reason: String,
}

impl Status {
    /// Whether one of the causes has this reason.
    pub(super) fn has_cause(&self, reason: &str) -> bool {
        let causes = self
            .details
            .as_ref()
            .and_then(|details| details.causes.as_ref());
        causes.is_some_and(|causes| causes.iter().any(|cause| cause.reason == reason))
    }
}

/// What a request is about.
pub(crate) enum Subject<'a> {
    /// All objects of a kind, by the name in URLs.
    Kind(&'a str),
    /// One object.
    Object(&'a ObjectId),
    /// Ourselves.
    Identity,
    /// What we may do.
    Access,
    /// The server itself.
    Version,
}

impl Failure {
    /// Tells a connection that was never made from an answer that was lost.
    pub(super) fn from_transport(error: &kube::Error, access: &Access) -> Self {
        let server = &access.cluster.server;
        let (unreached, cause) = root_cause(error);
        if !unreached {
            let message = format!("the connection to `{server}` broke: {cause}");
            return Self::Lost(ProviderError::new(ErrorKind::Unavailable, message));
        }
        let message = format!("`{server}` cannot be reached: {cause}");
        if cause.to_lowercase().contains("certificate") {
            let help = "check `certificate-authority` and `tls-server-name` of the cluster in the \
                        kubeconfig, and this machine's clock";
            let error = ProviderError::new(ErrorKind::Configuration, message).help(help);
            return Self::NotSent(error);
        }
        let help = match &access.cluster.proxy {
            Some(proxy) => format!(
                "it is reached through the proxy `{}`",
                proxy.authority().map_or("", |authority| {
                    let text = authority.as_str();
                    text.rsplit_once('@').map_or(text, |(_, host)| host)
                })
            ),
            None => "check the cluster's `server` in the kubeconfig, and the network".to_owned(),
        };
        Self::Unreached(ProviderError::new(ErrorKind::Unavailable, message).help(help))
    }
}

/// Whether the connection failed, and the innermost reason.
fn root_cause(error: &kube::Error) -> (bool, String) {
    let mut unreached = false;
    let mut innermost: &dyn std::error::Error = error;
    while let Some(source) = next(innermost) {
        if let Some(error) = source.downcast_ref::<hyper_util::client::legacy::Error>() {
            unreached |= error.is_connect();
        }
        innermost = source;
    }
    (unreached, innermost.to_string())
}

fn next<'e>(
    error: &'e (dyn std::error::Error + 'static),
) -> Option<&'e (dyn std::error::Error + 'static)> {
    match error.downcast_ref::<kube::Error>() {
        // These show their inner error, and so skip it in the chain.
        Some(kube::Error::Service(inner)) => Some(&**inner),
        Some(kube::Error::HyperError(inner)) => Some(inner),
        _ => match error.downcast_ref::<std::io::Error>() {
            Some(io) => io
                .get_ref()
                .map(|inner| inner as &(dyn std::error::Error + 'static)),
            None => error.source(),
        },
    }
}

/// The error of a refusal.
pub(super) fn refused(reply: &Reply, subject: &Subject<'_>, access: &Access) -> ProviderError {
    let status = reply.error();
    let kind = kind(reply.status, &status);
    let message = match status.message.trim() {
        "" => format!("{}the server answered {}", prefix(subject), reply.status),
        message => format!("{}{message}", prefix(subject)),
    };
    let mut error = ProviderError::new(kind, message);
    error.retry_after = reply.retry_after;
    error.help = help(kind, &status, subject, access);
    error
}

fn prefix(subject: &Subject<'_>) -> String {
    match subject {
        Subject::Kind(kind) => format!("`{kind}` cannot be listed: "),
        Subject::Object(_) => String::new(),
        Subject::Identity => "the server does not say who we are: ".to_owned(),
        Subject::Access => "the server does not say what we may do: ".to_owned(),
        Subject::Version => "the server does not say which version it is: ".to_owned(),
    }
}

fn kind(code: StatusCode, status: &Status) -> ErrorKind {
    match code.as_u16() {
        401 => ErrorKind::Unauthenticated,
        403 if status.has_cause("NamespaceTerminating") => ErrorKind::Conflict,
        403 => ErrorKind::Forbidden,
        404 => ErrorKind::NotFound,
        409 => ErrorKind::Conflict,
        // An unknown field under server-side apply is a 500 without a reason.
        500 if status
            .message
            .contains("failed to create typed patch object") =>
        {
            ErrorKind::Invalid
        }
        400 | 405 | 406 | 413 | 415 | 422 => ErrorKind::Invalid,
        408 | 429 | 500..=599 => ErrorKind::Unavailable,
        _ => ErrorKind::Protocol,
    }
}

/// Whether the refused request only wanted to read.
fn is_read(status: &Status) -> bool {
    ["cannot list ", "cannot get "]
        .iter()
        .any(|words| status.message.contains(words))
}

fn help(
    kind: ErrorKind,
    status: &Status,
    subject: &Subject<'_>,
    access: &Access,
) -> Option<String> {
    let help = match (kind, subject) {
        (ErrorKind::Unauthenticated, _) => {
            let user = match &access.user {
                Some(user) => format!("user `{user}` of the kubeconfig"),
                None => "this login".to_owned(),
            };
            format!("the server does not accept {user}: the credential may have expired")
        }
        (ErrorKind::Forbidden, Subject::Object(object)) if is_escalation(status) => {
            let kind = object.kind.as_str();
            match kind.ends_with("Binding") {
                true => {
                    "hold these permissions yourself, or be allowed to `bind` the role".to_owned()
                }
                false => format!(
                    "hold these permissions yourself, or be allowed to `escalate` this {kind}"
                ),
            }
        }
        (ErrorKind::Forbidden, _) if is_read(status) => {
            "a plan needs `list` on the kinds that the stack declares, or at least `get`: ask whoever \
             administers the cluster"
                .to_owned()
        }
        (ErrorKind::Forbidden, Subject::Object(_)) => {
            "creating and changing need the verbs `create` and `patch`, deleting needs `delete`, \
             each also `get`"
                .to_owned()
        }
        (ErrorKind::NotFound, Subject::Object(object)) => match object.namespace() {
            Some(namespace) if status.message.starts_with("namespaces ") => {
                format!("declare the namespace `{namespace}`, or create it first")
            }
            _ if object.kind.ends_with("Binding") => {
                "the role must exist before the binding, unless you may `bind` it".to_owned()
            }
            _ => return None,
        },
        (ErrorKind::Conflict, Subject::Object(object))
            if status.has_cause("NamespaceTerminating") =>
        {
            let namespace = object.namespace().unwrap_or_default();
            format!("the namespace `{namespace}` is being deleted: wait until it is gone")
        }
        _ => return None,
    };
    Some(help)
}

/// Kubernetes: `escalationAllowed` and `ConfirmNoEscalation`.
fn is_escalation(status: &Status) -> bool {
    status
        .message
        .contains("is attempting to grant RBAC permissions not currently held")
        || status
            .message
            .contains("must have cluster-admin privileges to use the aggregationRule")
}

/// The error of a reply that no server should give.
pub(super) fn unreadable(subject: &Subject<'_>) -> ProviderError {
    let what = match subject {
        Subject::Kind(kind) => format!("the list of `{kind}`"),
        Subject::Object(object) => format!("the reply for `{object}`"),
        Subject::Identity => "the reply about who we are".to_owned(),
        Subject::Access => "the reply about what we may do".to_owned(),
        Subject::Version => "the reply about the server's version".to_owned(),
    };
    ProviderError::new(
        ErrorKind::Protocol,
        format!("{what} is not what an API server answers"),
    )
    .help(
        "check that the cluster's `server` in the kubeconfig is an API server, not a proxy's page",
    )
}
