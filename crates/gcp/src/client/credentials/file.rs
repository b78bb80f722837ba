//! Credential files, told apart by their `type`. yup-oauth2 only knows one of them by itself.

use std::path::Path;

use http::{HeaderName, HeaderValue};
use rbacform_core::{Diagnostic, Location};
use reqwest::Url;
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};

use super::super::endpoint::is_loopback;
use super::oauth::Flow;

/// No credential is longer.
const LONGEST: u64 = 1 << 20;

/// What a file holds.
pub(super) struct Credential {
    pub(super) kind: Kind,
    /// Whose it is, where the file says so.
    pub(super) email: Option<String>,
    /// The project that requests count to.
    pub(super) quota_project: Option<String>,
    /// The universe it belongs to.
    pub(super) universe: Option<String>,
}

pub(super) enum Kind {
    /// yup-oauth2 makes tokens of it.
    Direct(Flow),
    /// Another credential, which then acts as a service account.
    Impersonated {
        source: Box<Kind>,
        url: Url,
        email: String,
        delegates: Vec<String>,
    },
}

/// Reads a credential file.
///
/// # Errors
/// Code `credentials`, with the file and, for broken JSON, the place. No value is ever quoted.
pub(super) fn read(path: &Path, named_by: &str) -> Result<Credential, Diagnostic> {
    let file = path.display().to_string();
    let wrong = |message: String| Diagnostic::error("credentials", message);
    let text = match std::fs::metadata(path) {
        Ok(meta) if meta.is_file() && meta.len() <= LONGEST => std::fs::read_to_string(path),
        Ok(_) => return Err(wrong(format!("`{file}` is no credential file")).help(named_by)),
        Err(error) => Err(error),
    };
    let text = text.map_err(|error| {
        wrong(format!(
            "the credential file `{file}` cannot be read: {}",
            error.kind()
        ))
        .help(named_by)
    })?;
    let at = |line: usize, column: usize| Location {
        file: file.clone(),
        line: u32::try_from(line.max(1)).unwrap_or(1),
        column: u32::try_from(column.max(1)).unwrap_or(1),
    };
    let json: Json = serde_json::from_str(&text).map_err(|error| {
        wrong("the credential file is not JSON".to_owned())
            .in_file(at(error.line(), error.column()))
            .help(named_by)
    })?;
    parse(&json).map_err(|problem| problem.in_file(at(1, 1)))
}

fn parse(json: &Json) -> Result<Credential, Diagnostic> {
    let kind = kind(json)?;
    let text = |key: &str| json.get(key).and_then(Json::as_str).map(str::to_owned);
    let email = match &kind {
        Kind::Direct(Flow::Key(key)) => Some(key.client_email.clone()),
        Kind::Direct(_) => None,
        Kind::Impersonated { email, .. } => Some(email.clone()),
    };
    Ok(Credential {
        kind,
        email,
        quota_project: text("quota_project_id"),
        universe: text("universe_domain"),
    })
}

fn kind(json: &Json) -> Result<Kind, Diagnostic> {
    match json.get("type").and_then(Json::as_str) {
        Some("service_account") => key(json).map(|key| Kind::Direct(Flow::Key(key))),
        Some("authorized_user") => {
            require(json, &["client_id", "client_secret", "refresh_token"])?;
            Ok(Kind::Direct(Flow::User(typed(json)?)))
        }
        Some("external_account") => external(json),
        Some("impersonated_service_account") => impersonated(json),
        Some(other @ ("external_account_authorized_user" | "gdch_service_account")) => Err(wrong(
            format!("credentials of the type `{other}` are not supported"),
        )
        .help(
            "use a service account's key, your own login, an external account, or give a token \
                 in `CLOUDSDK_AUTH_ACCESS_TOKEN_FILE`",
        )),
        Some(other) => Err(wrong(format!("`{other}` is no type of credential"))
            .help("the file is made by `gcloud auth application-default login`, or with a key")),
        None if json.get("installed").is_some() || json.get("web").is_some() => Err(wrong(
            "this is an OAuth client, not a credential".to_owned(),
        )
        .help("run `gcloud auth application-default login`")),
        None => Err(wrong("the credential says no `type`".to_owned())
            .help("the file is made by `gcloud auth application-default login`, or with a key")),
    }
}

fn key(json: &Json) -> Result<yup_oauth2::ServiceAccountKey, Diagnostic> {
    require(json, &["private_key", "client_email", "token_uri"])?;
    url(json, "token_uri")?;
    typed(json)
}

/// `google.aip.dev/auth/4117`.
fn external(json: &Json) -> Result<Kind, Diagnostic> {
    require(json, &["audience", "subject_token_type", "token_url"])?;
    url(json, "token_url")?;
    let mut json = json.clone();
    let source = json.get("credential_source").cloned().unwrap_or_default();
    json["credential_source"] = credential_source(&source)?;
    // Impersonation is done by us, which tells what the server says where it refuses.
    let Some(url) = json["service_account_impersonation_url"].as_str() else {
        return Ok(Kind::Direct(Flow::External(typed(&json)?)));
    };
    let (url, email) = impersonation(url)?;
    json["service_account_impersonation_url"] = Json::Null;
    Ok(Kind::Impersonated {
        source: Box::new(Kind::Direct(Flow::External(typed(&json)?))),
        url,
        email,
        delegates: Vec::new(),
    })
}

/// Where the subject token comes from: yup-oauth2 panics on URLs and headers that are none, knows
/// no default format, and ignores the format of a file.
fn credential_source(source: &Json) -> Result<Json, Diagnostic> {
    let unsupported = |what: &str| {
        wrong(format!("subject tokens from {what} are not supported")).help(
            "let something else write them to a file, and name it in `credential_source.file`",
        )
    };
    if source.get("executable").is_some() {
        return Err(unsupported("a program"));
    }
    if source.get("environment_id").is_some() {
        return Err(unsupported("AWS"));
    }
    let format = source.get("format").cloned();
    let is_json = format
        .as_ref()
        .is_some_and(|format| format["type"] == "json");
    if let Some(file) = source.get("file").and_then(Json::as_str) {
        return match is_json {
            true => Err(unsupported("a JSON file")),
            false => Ok(json!({ "file": file })),
        };
    }
    url(source, "url")?;
    if let Some(headers) = source.get("headers").and_then(Json::as_object) {
        for (name, value) in headers {
            let value = value.as_str().map(HeaderValue::from_str);
            if HeaderName::try_from(name.as_str()).is_err() || !matches!(value, Some(Ok(_))) {
                let message = format!("`credential_source.headers.{name}` is no header");
                return Err(wrong(message));
            }
        }
    }
    if is_json {
        let format = format.as_ref().unwrap_or(&Json::Null);
        require(format, &["subject_token_field_name"])?;
    }
    Ok(json!({
        "url": source["url"],
        "headers": source["headers"],
        "format": format.unwrap_or_else(|| json!({"type": "text"})),
    }))
}

/// gcloud's `--impersonate-service-account` for application default credentials.
fn impersonated(json: &Json) -> Result<Kind, Diagnostic> {
    require(json, &["service_account_impersonation_url"])?;
    let (url, email) = impersonation(
        json["service_account_impersonation_url"]
            .as_str()
            .unwrap_or_default(),
    )?;
    let source = json.get("source_credentials").cloned().unwrap_or_default();
    // One level: nothing makes more of them, and a file must not recurse.
    let source = match source["type"].as_str() {
        Some("impersonated_service_account") => {
            return Err(
                wrong("`source_credentials` are impersonated themselves".to_owned())
                    .help("list the accounts in between in `delegates`"),
            );
        }
        _ => kind(&source)?,
    };
    let delegates = json.get("delegates").and_then(Json::as_array);
    let delegates = delegates.into_iter().flatten().filter_map(Json::as_str);
    Ok(Kind::Impersonated {
        source: Box::new(source),
        url,
        email,
        delegates: delegates.map(str::to_owned).collect(),
    })
}

/// The URL that mints tokens, and whose.
fn impersonation(text: &str) -> Result<(Url, String), Diagnostic> {
    let email = text
        .split_once("serviceAccounts/")
        .and_then(|(_, rest)| rest.split_once(":generateAccessToken"))
        .map(|(email, _)| email.to_owned());
    let url = safe_url(text);
    url.zip(email).ok_or_else(|| {
        wrong("`service_account_impersonation_url` is no URL of `generateAccessToken`".to_owned())
    })
}

fn url(json: &Json, key: &str) -> Result<(), Diagnostic> {
    let text = json.get(key).and_then(Json::as_str).unwrap_or_default();
    let fits = text.parse::<http::Uri>().is_ok();
    match safe_url(text).filter(|_| fits) {
        Some(_) => Ok(()),
        // The metadata servers of other clouds are plain http on link-local addresses.
        None if key == "url" && fits && text.starts_with("http://169.254.") => Ok(()),
        None => Err(wrong(format!(
            "`{key}` is neither https nor on this machine"
        ))),
    }
}

fn safe_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    match url.scheme() {
        "https" => Some(url),
        "http" if is_loopback(&url) => Some(url),
        _ => None,
    }
}

fn require(json: &Json, keys: &[&str]) -> Result<(), Diagnostic> {
    for key in keys {
        if json
            .get(key)
            .and_then(Json::as_str)
            .is_none_or(str::is_empty)
        {
            return Err(wrong(format!("the credential lacks `{key}`"))
                .help("make the file anew: `gcloud auth application-default login`, or a key"));
        }
    }
    Ok(())
}

/// Fields beyond those required are wrong only where they have another type. The reader's own
/// words would quote them.
fn typed<T: DeserializeOwned>(json: &Json) -> Result<T, Diagnostic> {
    serde_json::from_value(json.clone()).map_err(|_| {
        wrong("a field of the credential has the wrong type".to_owned())
            .help("make the file anew: `gcloud auth application-default login`, or a key")
    })
}

fn wrong(message: String) -> Diagnostic {
    Diagnostic::error("credentials", message)
}
