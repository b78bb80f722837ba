//! Google's error document, whichever of its two spellings an API uses.
//!
//! `{"error": {"code", "message", "status", "details": [...]}}` (AIP-193; `google.rpc.Status`), and
//! Cloud Storage's `{"error": {"code", "message", "errors": [{"reason"}]}}`.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value as Json;

use super::transport::Reply;

/// What the server says.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Status {
    pub(crate) message: String,
    /// The canonical code's name, e.g. `ABORTED`.
    pub(crate) status: String,
    details: Vec<Json>,
    errors: Vec<Legacy>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Legacy {
    reason: String,
}

/// `google.rpc.ErrorInfo`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ErrorInfo {
    pub(crate) reason: String,
    pub(crate) metadata: BTreeMap<String, String>,
}

#[derive(Default, Deserialize)]
struct Document {
    #[serde(default)]
    error: Json,
}

impl Status {
    /// Reads a reply's error; empty where it holds none.
    pub(crate) fn of(reply: &Reply) -> Self {
        let document: Document = serde_json::from_slice(&reply.body).unwrap_or_default();
        serde_json::from_value(document.error).unwrap_or_default()
    }

    /// The `ErrorInfo` of the reply.
    pub(crate) fn info(&self) -> ErrorInfo {
        self.detail("google.rpc.ErrorInfo")
            .and_then(|detail| serde_json::from_value(detail.clone()).ok())
            .unwrap_or_default()
    }

    /// The words of `BadRequest`: `FIELD: what is wrong with it`.
    pub(crate) fn violations(&self) -> Vec<String> {
        let text = |json: &Json, key: &str| {
            let value = json.get(key).and_then(Json::as_str);
            value.unwrap_or_default().to_owned()
        };
        let listed = self
            .detail("google.rpc.BadRequest")
            .and_then(|detail| detail.get("fieldViolations")?.as_array());
        listed
            .into_iter()
            .flatten()
            .map(|violation| match text(violation, "field") {
                field if field.is_empty() => text(violation, "description"),
                field => format!("{field}: {}", text(violation, "description")),
            })
            .filter(|words| !words.is_empty())
            .collect()
    }

    /// `RetryInfo`'s delay.
    pub(crate) fn retry_delay(&self) -> Option<Duration> {
        let delay = self.detail("google.rpc.RetryInfo")?.get("retryDelay")?;
        seconds(delay.as_str()?.strip_suffix('s')?)
    }

    /// Whether the reason is this one, in either spelling.
    pub(crate) fn has_reason(&self, reason: &str) -> bool {
        self.errors.iter().any(|error| error.reason == reason) || self.info().reason == reason
    }

    fn detail(&self, name: &str) -> Option<&Json> {
        self.details.iter().find(|detail| {
            let kind = detail.get("@type").and_then(Json::as_str);
            kind.is_some_and(|kind| kind.rsplit('/').next() == Some(name))
        })
    }
}

/// How long the server asks to wait: `RetryInfo`, else `Retry-After` in seconds or as a date.
pub(crate) fn retry_after(reply: &Reply, now: jiff::Timestamp) -> Option<Duration> {
    if let Some(delay) = Status::of(reply).retry_delay() {
        return Some(delay);
    }
    let text = reply.header("retry-after")?.trim();
    seconds(text).or_else(|| {
        let date = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
        Some(Duration::try_from(date.duration_since(now)).unwrap_or(Duration::ZERO))
    })
}

fn seconds(text: &str) -> Option<Duration> {
    Duration::try_from_secs_f64(text.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, StatusCode};
    use serde_json::json;

    use super::*;

    fn reply(body: &Json, retry_after: Option<&str>) -> Reply {
        let mut headers = HeaderMap::new();
        if let Some(text) = retry_after {
            headers.insert("retry-after", text.parse().unwrap());
        }
        Reply {
            status: StatusCode::TOO_MANY_REQUESTS,
            headers,
            body: body.to_string().into_bytes(),
        }
    }

    #[test]
    fn the_server_s_hint_is_read_in_all_its_spellings() {
        let now: jiff::Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
        let info = json!({"error": {"details": [
            {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "1.5s"}
        ]}});
        let wait = |body: &Json, header| retry_after(&reply(body, header), now);
        assert_eq!(wait(&info, Some("9")), Some(Duration::from_millis(1500)));
        let none = json!({});
        assert_eq!(wait(&none, Some("3")), Some(Duration::from_secs(3)));
        let date = "Sat, 21 Nov 2026 12:00:07 GMT";
        assert_eq!(wait(&none, Some(date)), Some(Duration::from_secs(7)));
        let past = "Sat, 21 Nov 2026 11:00:00 GMT";
        assert_eq!(wait(&none, Some(past)), Some(Duration::ZERO));
        for nonsense in [None, Some("soon"), Some("-5"), Some("nan"), Some("1e300")] {
            assert_eq!(wait(&none, nonsense), None, "{nonsense:?}");
        }
    }

    #[test]
    fn a_body_that_is_no_error_document_says_nothing() {
        for body in [
            json!("<html>"),
            json!({"error": "invalid"}),
            json!({"error": {"details": 3}}),
        ] {
            let status = Status::of(&reply(&body, None));
            assert!(status.message.is_empty());
            assert!(status.violations().is_empty());
        }
    }
}
