//! What went wrong, in words that help.

use http::StatusCode;
use rbacform_provider::{ErrorKind, ProviderError};

use super::status::Status;
use super::transport::Reply;
use crate::roles;

/// The projects of Google's own command line and libraries: requests of users count to them where
/// no quota project is named.
const SHARED_PROJECTS: [&str; 2] = ["projects/764086051850", "projects/32555940559"];

/// The error of a refusal. `what` is what the request was about: a resource's name, or words.
pub(crate) fn refused(reply: &Reply, what: &str) -> ProviderError {
    let status = Status::of(reply);
    let kind = kind(reply.status, &status);
    let mut message = match status.message.trim() {
        "" => format!("`{what}`: the server answered {}", reply.status),
        words if words.contains(what) => words.to_owned(),
        words => format!("`{what}`: {words}"),
    };
    for violation in status.violations() {
        if !message.contains(&violation) {
            message = format!("{message}; {violation}");
        }
    }
    let mut error = ProviderError::new(kind, redacted(&message));
    error.help = help(kind, &status);
    error
}

/// The error of a reply that no server should give.
pub(crate) fn unreadable(what: &str) -> ProviderError {
    let message = format!("the reply about `{what}` is not what Google's API answers");
    ProviderError::new(ErrorKind::Protocol, message)
        .help("check what stands between: a proxy's page, or an endpoint override")
}

/// Whether the server asks to come back later. It has done nothing then.
pub(crate) fn is_busy(reply: &Reply) -> bool {
    match reply.status {
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => true,
        StatusCode::FORBIDDEN => {
            let status = Status::of(reply);
            ["rateLimitExceeded", "userRateLimitExceeded"]
                .iter()
                .any(|reason| status.has_reason(reason))
        }
        _ => false,
    }
}

/// Whether somebody else wrote in between: 409 `ABORTED`, and Cloud Storage's 412.
pub(crate) fn is_conflict(reply: &Reply) -> bool {
    match reply.status {
        StatusCode::PRECONDITION_FAILED => true,
        StatusCode::CONFLICT => Status::of(reply).status != "ALREADY_EXISTS",
        _ => false,
    }
}

fn kind(code: StatusCode, status: &Status) -> ErrorKind {
    match code.as_u16() {
        401 => ErrorKind::Unauthenticated,
        403 if status.has_reason("rateLimitExceeded") => ErrorKind::Unavailable,
        403 => ErrorKind::Forbidden,
        404 => ErrorKind::NotFound,
        409 | 412 => ErrorKind::Conflict,
        400 | 405 | 406 | 410 | 411 | 413 | 414 | 415 | 422 => ErrorKind::Invalid,
        408 | 429 | 500 | 502..=599 => ErrorKind::Unavailable,
        _ => ErrorKind::Protocol,
    }
}

fn help(kind: ErrorKind, status: &Status) -> Option<String> {
    let info = status.info();
    let meta = |key: &str| info.metadata.get(key).map(String::as_str);
    let shared = meta("consumer").is_some_and(|consumer| SHARED_PROJECTS.contains(&consumer))
        || status.message.contains("requires a quota project");
    let help = match (kind, info.reason.as_str()) {
        (ErrorKind::Unauthenticated, _) => {
            "the credential is not accepted, it may have expired or been revoked: \
             `gcloud auth application-default login`, or a fresh key or token"
                .to_owned()
        }
        (ErrorKind::Forbidden, _) if shared => {
            "your login needs a project to count requests to: set `quota_project` in \
             `[providers.gcp]`, or run `gcloud auth application-default set-quota-project PROJECT`"
                .to_owned()
        }
        (ErrorKind::Forbidden, "SERVICE_DISABLED") => {
            let service = meta("service").unwrap_or("SERVICE");
            let project = meta("consumer").unwrap_or("PROJECT");
            let project = project.trim_start_matches("projects/");
            format!(
                "enable it, then wait a few minutes: \
                 `gcloud services enable {service} --project={project}`"
            )
        }
        (ErrorKind::Forbidden, "USER_PROJECT_DENIED") => {
            "the quota project must let you use it: it takes `serviceusage.services.use` there, \
             from `roles/serviceusage.serviceUsageConsumer`; or name another `quota_project`"
                .to_owned()
        }
        (ErrorKind::Forbidden, "ACCESS_TOKEN_SCOPE_INSUFFICIENT") => {
            "the token lacks the scope `https://www.googleapis.com/auth/cloud-platform`: make it \
             with that scope (a virtual machine has scopes of its own)"
                .to_owned()
        }
        (ErrorKind::Forbidden, _) => {
            let named = meta("permission").map(str::to_owned);
            let permission = named.or_else(|| permission(&status.message))?;
            let from = roles::usual_holder(&permission)
                .map_or(String::new(), |role| format!(", which `{role}` holds"));
            format!("it takes the permission `{permission}` there{from}")
        }
        (ErrorKind::Unavailable, "RATE_LIMIT_EXCEEDED") => {
            let limit = meta("quota_limit").unwrap_or("a quota");
            format!("`{limit}` is used up: wait a minute, or use less `--parallelism`")
        }
        _ => return None,
    };
    Some(help)
}

/// The permission that a message names: three or more words joined by dots.
fn permission(message: &str) -> Option<String> {
    let part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'_';
    message
        .split(|letter: char| !letter.is_ascii() || !part(letter as u8))
        .map(|word| word.trim_matches('.'))
        .find(|word| {
            word.split('.').count() == 3
                && !word.ends_with(".com")
                && word.split('.').all(|part| {
                    part.bytes()
                        .next()
                        .is_some_and(|byte| byte.is_ascii_lowercase())
                })
        })
        .map(str::to_owned)
}

/// The message without anything that looks like a token: a server may echo what it was sent.
pub(crate) fn redacted(message: &str) -> String {
    let secret = |word: &str| {
        let word = word.trim_start_matches(|letter: char| !letter.is_ascii_alphanumeric());
        word.starts_with("ya29.") || word.starts_with("1//") || word.starts_with("eyJ")
    };
    let words: Vec<_> = message
        .split(' ')
        .map(|word| if secret(word) { "***" } else { word })
        .collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use serde_json::json;

    use super::*;

    fn reply(code: u16, error: serde_json::Value) -> Reply {
        Reply {
            status: StatusCode::from_u16(code).unwrap(),
            headers: HeaderMap::new(),
            body: json!({ "error": error }).to_string().into_bytes(),
        }
    }

    fn info(reason: &str, metadata: serde_json::Value) -> serde_json::Value {
        json!([{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason,
                "domain": "googleapis.com", "metadata": metadata}])
    }

    #[test]
    fn a_forbidden_reply_names_the_permission_and_a_role_that_holds_it() {
        let named = reply(
            403,
            json!({"message": "Permission denied", "status": "PERMISSION_DENIED",
                   "details": info("IAM_PERMISSION_DENIED",
                                   json!({"permission": "iam.serviceAccounts.list"}))}),
        );
        let error = refused(&named, "projects/acme-ml");
        assert_eq!(error.kind, ErrorKind::Forbidden);
        let help = error.help.unwrap();
        assert!(help.contains("`iam.serviceAccounts.list`"), "{help}");
        assert!(help.contains("roles/iam.serviceAccountViewer"), "{help}");
        let told = reply(
            403,
            json!({"message": "Permission 'storage.buckets.getIamPolicy' denied on resource (or it \
                               may not exist). See storage.googleapis.com."}),
        );
        let help = refused(&told, "buckets/b").help.unwrap();
        assert!(help.contains("`storage.buckets.getIamPolicy`"), "{help}");
    }

    #[test]
    fn a_missing_quota_project_is_told_from_a_disabled_api() {
        let disabled = |consumer: &str| {
            let metadata = json!({"service": "iam.googleapis.com", "consumer": consumer});
            let error = json!({"message": "IAM API has not been used",
                               "details": info("SERVICE_DISABLED", metadata)});
            refused(&reply(403, error), "projects/acme-ml")
                .help
                .unwrap()
        };
        assert!(disabled("projects/764086051850").contains("quota_project"));
        let enable = disabled("projects/42");
        assert!(enable.contains("gcloud services enable iam.googleapis.com --project=42"));
        let denied = json!({"message": "no", "details": info("USER_PROJECT_DENIED", json!({}))});
        let help = refused(&reply(403, denied), "x").help.unwrap();
        assert!(help.contains("serviceusage.services.use"), "{help}");
    }

    #[test]
    fn the_two_conflicts_are_told_apart() {
        let aborted = reply(
            409,
            json!({"status": "ABORTED", "message": "concurrent changes"}),
        );
        let exists = reply(
            409,
            json!({"status": "ALREADY_EXISTS", "message": "exists"}),
        );
        assert!(is_conflict(&aborted));
        assert!(!is_conflict(&exists));
        assert!(is_conflict(&reply(
            412,
            json!({"errors": [{"reason": "conditionNotMet"}]})
        )));
    }

    #[test]
    fn what_is_wrong_with_a_field_is_told() {
        let error = json!({"message": "Invalid argument", "details": [{
            "@type": "type.googleapis.com/google.rpc.BadRequest",
            "fieldViolations": [{"field": "account_id", "description": "too short"}]}]});
        let error = refused(&reply(400, error), "x");
        assert_eq!(error.kind, ErrorKind::Invalid);
        assert_eq!(
            error.message,
            "`x`: Invalid argument; account_id: too short"
        );
    }

    #[test]
    fn an_echoed_token_is_not_repeated() {
        let error = json!({"message": "bad header 'ya29.a0AfB_secret' given"});
        let error = refused(&reply(400, error), "x");
        assert!(!error.message.contains("secret"), "{}", error.message);
    }
}
