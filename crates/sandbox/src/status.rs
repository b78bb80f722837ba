//! The server's error replies, word for word.

use serde_json::{Map, Value, json};

/// A `Status` reply that says why a request failed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Status {
    pub(crate) code: u16,
    pub(crate) reason: &'static str,
    pub(crate) message: String,
    /// Some errors have no details, some have empty ones.
    pub(crate) details: Option<Map<String, Value>>,
}

/// A kind as errors name it: its API group and its plural resource.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Named<'a> {
    pub(crate) group: &'a str,
    pub(crate) resource: &'a str,
    pub(crate) name: &'a str,
}

impl Named<'_> {
    /// `roles.rbac.authorization.k8s.io`, or `secrets`.
    fn qualified(&self) -> String {
        qualify(self.resource, self.group)
    }

    fn details(&self) -> Map<String, Value> {
        let mut details = Map::new();
        for (key, value) in [
            ("name", self.name),
            ("group", self.group),
            ("kind", self.resource),
        ] {
            if !value.is_empty() {
                details.insert(key.to_owned(), json!(value));
            }
        }
        details
    }
}

fn qualify(resource: &str, group: &str) -> String {
    if group.is_empty() {
        resource.to_owned()
    } else {
        format!("{resource}.{group}")
    }
}

/// A problem with one field of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FieldError {
    pub(crate) field: String,
    reason: &'static str,
    text: String,
}

impl FieldError {
    fn new(field: impl Into<String>, reason: &'static str, text: String) -> Self {
        Self {
            field: field.into(),
            reason,
            text,
        }
    }

    /// `value` is JSON: strings come out quoted, structs as objects.
    pub(crate) fn invalid(field: impl Into<String>, value: &Value, why: &str) -> Self {
        let value = match value {
            Value::String(text) => rbacform_access::quote::go_quote(text),
            other => other.to_string(),
        };
        Self::new(
            field,
            "FieldValueInvalid",
            format!("Invalid value: {value}: {why}"),
        )
    }

    pub(crate) fn invalid_text(field: impl Into<String>, value: &str, why: &str) -> Self {
        Self::invalid(field, &json!(value), why)
    }

    pub(crate) fn required(field: impl Into<String>, why: &str) -> Self {
        let text = match why {
            "" => "Required value".to_owned(),
            why => format!("Required value: {why}"),
        };
        Self::new(field, "FieldValueRequired", text)
    }

    pub(crate) fn forbidden(field: impl Into<String>, why: &str) -> Self {
        Self::new(field, "FieldValueForbidden", format!("Forbidden: {why}"))
    }

    pub(crate) fn too_long(field: impl Into<String>, limit: usize) -> Self {
        let text = format!("Too long: may not be more than {limit} bytes");
        Self::new(field, "FieldValueTooLong", text)
    }

    /// The value as the server prints a list of one.
    pub(crate) fn unsupported_list(field: impl Into<String>, value: &str, supported: &str) -> Self {
        use rbacform_access::quote::go_quote;
        let text = format!(
            "Unsupported value: [{}]: supported values: {}",
            go_quote(value),
            go_quote(supported)
        );
        Self::new(field, "FieldValueNotSupported", text)
    }

    pub(crate) fn unsupported(field: impl Into<String>, value: &str, supported: &[&str]) -> Self {
        use rbacform_access::quote::go_quote;
        let supported: Vec<String> = supported.iter().map(|item| go_quote(item)).collect();
        let text = format!(
            "Unsupported value: {}: supported values: {}",
            go_quote(value),
            supported.join(", ")
        );
        Self::new(field, "FieldValueNotSupported", text)
    }
}

impl Status {
    fn new(code: u16, reason: &'static str, message: String) -> Self {
        Self {
            code,
            reason,
            message,
            details: None,
        }
    }

    fn about(code: u16, reason: &'static str, named: Named<'_>, message: String) -> Self {
        Self {
            details: Some(named.details()),
            ..Self::new(code, reason, message)
        }
    }

    /// 401, a token that nobody knows.
    pub(crate) fn unauthorized() -> Self {
        Self::new(401, "Unauthorized", "Unauthorized".to_owned())
    }

    /// 403 with the server's own head; an empty resource stands for a URL.
    pub(crate) fn forbidden(named: Named<'_>, why: &str) -> Self {
        let message = match (named.resource, named.name) {
            ("", _) => format!("forbidden: {why}"),
            (_, "") => format!("{} is forbidden: {why}", named.qualified()),
            (_, name) => format!(
                "{} {} is forbidden: {why}",
                named.qualified(),
                rbacform_access::quote::go_quote(name)
            ),
        };
        Self::about(403, "Forbidden", named, message)
    }

    pub(crate) fn not_found(named: Named<'_>) -> Self {
        let message = format!(
            "{} {} not found",
            named.qualified(),
            rbacform_access::quote::go_quote(named.name)
        );
        Self::about(404, "NotFound", named, message)
    }

    pub(crate) fn already_exists(named: Named<'_>, being_deleted: bool) -> Self {
        let head = if being_deleted {
            "object is being deleted: "
        } else {
            ""
        };
        let message = format!(
            "{head}{} {} already exists",
            named.qualified(),
            rbacform_access::quote::go_quote(named.name)
        );
        Self::about(409, "AlreadyExists", named, message)
    }

    pub(crate) fn conflict(named: Named<'_>, why: &str) -> Self {
        let message = format!(
            "Operation cannot be fulfilled on {} {}: {why}",
            named.qualified(),
            rbacform_access::quote::go_quote(named.name)
        );
        Self::about(409, "Conflict", named, message)
    }

    /// 409 for a stale resourceVersion in a body.
    pub(crate) fn stale(named: Named<'_>) -> Self {
        Self::conflict(
            named,
            "the object has been modified; please apply your changes to the latest version and \
             try again",
        )
    }

    /// 422; `errors` must not be empty.
    pub(crate) fn invalid(kind: &str, group: &str, name: &str, errors: &[FieldError]) -> Self {
        let mut texts: Vec<String> = Vec::new();
        for error in errors {
            let text = format!("{}: {}", error.field, error.text);
            if !texts.contains(&text) {
                texts.push(text);
            }
        }
        let text = match texts.as_slice() {
            [one] => one.clone(),
            _ => format!("[{}]", texts.join(", ")),
        };
        let qualified = qualify(kind, group);
        let message = format!(
            "{qualified} {} is invalid: {text}",
            rbacform_access::quote::go_quote(name)
        );
        let mut status = Self::about(
            422,
            "Invalid",
            Named {
                group,
                resource: kind,
                name,
            },
            message,
        );
        let causes: Vec<Value> = errors
            .iter()
            .map(|error| {
                json!({"reason": error.reason, "message": error.text, "field": error.field})
            })
            .collect();
        status.insert_causes(causes);
        status
    }

    /// 409 of server-side apply.
    pub(crate) fn apply_conflict(message: String, causes: Vec<Value>) -> Self {
        let mut status = Self::new(409, "Conflict", message);
        status.insert_causes(causes);
        status
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, "BadRequest", message.into())
    }

    /// 500 as the server gives it for plain errors: no reason.
    pub(crate) fn plain_error(message: impl Into<String>) -> Self {
        Self::new(500, "", message.into())
    }

    /// An error with empty details.
    fn generic(code: u16, reason: &'static str, message: &str) -> Self {
        Self {
            details: Some(Map::new()),
            ..Self::new(code, reason, message.to_owned())
        }
    }

    pub(crate) fn method_not_allowed() -> Self {
        let message = "the server does not allow this method on the requested resource";
        Self::generic(405, "MethodNotAllowed", message)
    }

    pub(crate) fn unsupported_media_type() -> Self {
        Self::generic(415, "UnsupportedMediaType", "415: Unsupported Media Type")
    }

    pub(crate) fn too_large() -> Self {
        let message = "Request entity too large: limit is 3145728";
        Self::generic(413, "RequestEntityTooLarge", message)
    }

    /// The server knows no such resource.
    pub(crate) fn unknown_resource() -> Self {
        Self::generic(
            404,
            "NotFound",
            "the server could not find the requested resource",
        )
    }

    /// 501: a real server would have an answer, the sandbox has none.
    pub(crate) fn not_modelled(what: &str) -> Self {
        Self::new(
            501,
            "NotImplemented",
            format!("sandbox: {what} is not modelled"),
        )
    }

    /// A failure that a test asked for.
    pub(crate) fn injected(code: u16) -> Self {
        let reason = match code {
            401 => "Unauthorized",
            403 => "Forbidden",
            404 => "NotFound",
            409 => "Conflict",
            410 => "Expired",
            422 => "Invalid",
            429 => "TooManyRequests",
            500 => "InternalError",
            503 => "ServiceUnavailable",
            504 => "Timeout",
            _ => "",
        };
        Self::new(code, reason, format!("sandbox: injected fault {code}"))
    }

    pub(crate) fn with_cause(mut self, reason: &str, message: &str, field: &str) -> Self {
        let cause = json!({"reason": reason, "message": message, "field": field});
        self.insert_causes(vec![cause]);
        self
    }

    fn insert_causes(&mut self, causes: Vec<Value>) {
        let details = self.details.get_or_insert_default();
        details.insert("causes".to_owned(), Value::Array(causes));
    }

    pub(crate) fn to_json(&self) -> Value {
        let mut out = Map::new();
        out.insert("kind".to_owned(), json!("Status"));
        out.insert("apiVersion".to_owned(), json!("v1"));
        out.insert("metadata".to_owned(), json!({}));
        out.insert("status".to_owned(), json!("Failure"));
        out.insert("message".to_owned(), json!(self.message));
        if !self.reason.is_empty() {
            out.insert("reason".to_owned(), json!(self.reason));
        }
        if let Some(details) = &self.details {
            out.insert("details".to_owned(), Value::Object(details.clone()));
        }
        out.insert("code".to_owned(), json!(self.code));
        Value::Object(out)
    }
}
