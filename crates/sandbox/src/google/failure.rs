//! Errors in the shapes that Google's APIs answer with.

use serde_json::{Value, json};

use super::api::GoogleApi;

/// An error answer. The usual shape is <https://cloud.google.com/apis/design/errors>; Cloud Storage
/// and the token endpoints have their own.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Failure {
    /// The HTTP status.
    pub(crate) code: u16,
    /// The name of the canonical code, or OAuth's error.
    status: &'static str,
    pub(crate) message: String,
    details: Vec<Value>,
}

impl Failure {
    fn new(code: u16, status: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            status,
            message: message.into(),
            details: Vec::new(),
        }
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, "INVALID_ARGUMENT", message)
    }

    /// 400: Google takes no field that it does not know.
    pub(crate) fn unknown_field(name: &str) -> Self {
        Self::invalid(format!(
            "Invalid JSON payload received. Unknown name \"{name}\": Cannot find field."
        ))
    }

    /// 400: right in itself, but not in this state.
    pub(crate) fn precondition(message: impl Into<String>) -> Self {
        Self::new(400, "FAILED_PRECONDITION", message)
    }

    /// 412, as Cloud Storage answers a stale etag.
    pub(crate) fn condition_not_met() -> Self {
        let message = "At least one of the pre-conditions you specified did not hold.";
        Self::new(412, "FAILED_PRECONDITION", message)
    }

    pub(crate) fn unauthenticated() -> Self {
        let message = "Request had invalid authentication credentials. Expected OAuth 2 access \
                       token, login cookie or other valid authentication credential. See \
                       https://developers.google.com/identity/sign-in/web/devconsole-project.";
        Self::new(401, "UNAUTHENTICATED", message)
    }

    /// 403 with the permission's name, in the words of the API.
    pub(crate) fn denied(api: GoogleApi, permission: &str, full_name: &str) -> Self {
        let message = match api {
            GoogleApi::Iam | GoogleApi::IamCredentials => {
                format!("Permission '{permission}' denied on resource (or it may not exist).")
            }
            _ => format!(
                "Permission '{permission}' denied on resource '{full_name}' (or it may not exist)."
            ),
        };
        let mut failure = Self::new(403, "PERMISSION_DENIED", message);
        let metadata = json!({"permission": permission, "resource": full_name});
        failure
            .details
            .push(error_info("IAM_PERMISSION_DENIED", &api.host(), metadata));
        failure
    }

    /// 403 where it is told to nobody whether the thing exists.
    pub(crate) fn hidden() -> Self {
        Self::new(
            403,
            "PERMISSION_DENIED",
            "The caller does not have permission",
        )
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(404, "NOT_FOUND", message)
    }

    pub(crate) fn exists(message: impl Into<String>, resource: &str) -> Self {
        let mut failure = Self::new(409, "ALREADY_EXISTS", message);
        failure.details.push(json!({
            "@type": "type.googleapis.com/google.rpc.ResourceInfo",
            "resourceName": resource,
        }));
        failure
    }

    /// 409: the etag is not that of the thing as it stands.
    pub(crate) fn aborted(message: impl Into<String>) -> Self {
        Self::new(409, "ABORTED", message)
    }

    pub(crate) fn exhausted(message: impl Into<String>) -> Self {
        Self::new(429, "RESOURCE_EXHAUSTED", message)
    }

    pub(crate) fn too_large() -> Self {
        Self::new(
            413,
            "INVALID_ARGUMENT",
            "Request payload size exceeds the limit.",
        )
    }

    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self::new(500, "INTERNAL", message)
    }

    /// 404 of a method that the API does not have in that version.
    pub(crate) fn no_such_method() -> Self {
        Self::new(404, "NOT_FOUND", "Method not found.")
    }

    /// 501: Google would have an answer, the sandbox has none.
    pub(crate) fn not_modelled(what: &str) -> Self {
        let message = format!("sandbox: {what} is not modelled");
        Self::new(501, "UNIMPLEMENTED", message)
    }

    /// An error of the token endpoints (RFC 6749, 5.2).
    pub(crate) fn oauth(error: &'static str, description: impl Into<String>) -> Self {
        Self::new(400, error, description)
    }

    /// A failure that a test asked for.
    pub(crate) fn injected(code: u16, retry_after: Option<u64>) -> Self {
        let status = match code {
            400 => "INVALID_ARGUMENT",
            401 => "UNAUTHENTICATED",
            403 => "PERMISSION_DENIED",
            404 => "NOT_FOUND",
            409 => "ABORTED",
            429 => "RESOURCE_EXHAUSTED",
            500 => "INTERNAL",
            501 => "UNIMPLEMENTED",
            503 => "UNAVAILABLE",
            504 => "DEADLINE_EXCEEDED",
            _ => "UNKNOWN",
        };
        let failure = Self::new(code, status, format!("sandbox: injected fault {code}"));
        match retry_after {
            Some(seconds) => failure.retry_in(seconds),
            None => failure,
        }
    }

    /// Says when to come again (`google.rpc.RetryInfo`).
    pub(crate) fn retry_in(mut self, seconds: u64) -> Self {
        self.details.push(json!({
            "@type": "type.googleapis.com/google.rpc.RetryInfo",
            "retryDelay": format!("{seconds}s"),
        }));
        self
    }

    /// Says more (`google.rpc.ErrorInfo`).
    pub(crate) fn info(mut self, reason: &str, domain: &str, metadata: Value) -> Self {
        self.details.push(error_info(reason, domain, metadata));
        self
    }

    /// The body, as this API writes it.
    pub(crate) fn to_json(&self, api: Option<GoogleApi>) -> Value {
        match api {
            Some(GoogleApi::Storage) => self.storage_json(),
            Some(GoogleApi::OAuth2 | GoogleApi::Sts) => {
                json!({"error": self.status, "error_description": self.message})
            }
            _ => {
                let mut error = json!({
                    "code": self.code, "message": self.message, "status": self.status,
                });
                if let (Some(error), false) = (error.as_object_mut(), self.details.is_empty()) {
                    error.insert("details".to_owned(), json!(self.details));
                }
                json!({"error": error})
            }
        }
    }

    fn storage_json(&self) -> Value {
        let reason = match self.code {
            400 => "invalid",
            401 => "authError",
            403 => "forbidden",
            404 => "notFound",
            409 => "conflict",
            412 => "conditionNotMet",
            429 => "rateLimitExceeded",
            _ => "backendError",
        };
        let error = json!({"message": self.message, "domain": "global", "reason": reason});
        json!({"error": {"code": self.code, "message": self.message, "errors": [error]}})
    }
}

fn error_info(reason: &str, domain: &str, metadata: Value) -> Value {
    json!({
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": reason, "domain": domain, "metadata": metadata,
    })
}
