//! Names of resources, as Google writes them without the host.

use std::fmt;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use rbacform_core::hint;

use super::{Call, Target, check_segment, is_project_number, targets};
use crate::member;

/// What a path may not carry as it is. `@` and `:` may stand in it.
const PATH: AsciiSet = CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'+')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b']')
    .add(b'`')
    .add(b'{')
    .add(b'}');

/// The canonical name of a resource that has a policy: `projects/P/serviceAccounts/EMAIL`.
#[derive(Clone, PartialEq, Eq)]
pub struct ResourceName {
    target: &'static Target,
    text: String,
}

/// A text that names no resource with a policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct NameError {
    /// What is wrong.
    pub message: String,
    /// What to write instead, where that is known.
    pub help: Option<String>,
}

impl ResourceName {
    /// Reads a name and brings it into its canonical form.
    ///
    /// A service account of the form `NAME@PROJECT.iam.gserviceaccount.com` tells its project, so
    /// `projects/-` and a project's number before it become that project's id.
    ///
    /// # Errors
    /// Where it is the name of no supported resource, or a part of it breaks Google's rules.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let plain = text
            .strip_prefix("projects/_/buckets/")
            .map(|bucket| format!("buckets/{bucket}"));
        let text = plain.as_deref().unwrap_or(text);
        let target = targets()
            .iter()
            .find(|target| matches(target.pattern, text))
            .ok_or_else(|| unsupported(text))?;
        for (placeholder, value) in values(target.pattern, text) {
            if placeholder == "project" && value == "-" && text.contains("/serviceAccounts/") {
                continue;
            }
            if let Some(rule) = check_segment(placeholder, value) {
                return Err(NameError {
                    message: format!("`{value}` in `{text}` names no {}", spelled(placeholder)),
                    help: Some(rule),
                });
            }
        }
        let name = Self {
            target,
            text: text.to_owned(),
        };
        match name.value("service_account") {
            Some(email) => service_account(&name, email),
            None => Ok(name),
        }
    }

    /// The row of the table that it belongs to.
    pub fn target(&self) -> &'static Target {
        self.target
    }

    /// The canonical text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The project it is in, or is: an id, or a number where that was written and nothing tells
    /// the id. None for folders, organizations and buckets.
    pub fn project(&self) -> Option<&str> {
        self.value("project")
    }

    /// Its location, where it has one.
    pub fn location(&self) -> Option<&str> {
        self.value("location")
    }

    /// The value of a placeholder of the target's pattern.
    pub fn value(&self, placeholder: &str) -> Option<&str> {
        values(self.target.pattern, &self.text)
            .find(|(name, _)| *name == placeholder)
            .map(|(_, value)| value)
    }

    /// The host that serves it, e.g. `us-central1-aiplatform.googleapis.com`.
    pub fn host(&self) -> String {
        match self.location() {
            // Google: the global location of Vertex AI is served by the bare host.
            Some("global") => self.target.host.replace("{location}-", ""),
            Some(location) => self.target.host.replace("{location}", location),
            None => self.target.host.to_owned(),
        }
    }

    /// The path of a call on it, without a leading `/`, percent-encoded.
    pub fn path(&self, call: Call) -> String {
        let encode = |text: &str| utf8_percent_encode(text, &PATH).to_string();
        let mut path = call.path.replace("{name}", &encode(&self.text));
        for (placeholder, value) in values(self.target.pattern, &self.text) {
            path = path.replace(&format!("{{{placeholder}}}"), &encode(value));
        }
        path
    }

    /// The full resource name, `//SERVICE/NAME`, as `queryGrantableRoles` takes it.
    pub fn full(&self) -> String {
        let service = self.target.full_name_service;
        match self.value("bucket") {
            Some(bucket) => format!("//{service}/projects/_/buckets/{bucket}"),
            None => format!("//{service}/{}", self.text),
        }
    }
}

/// A service account goes by its address, in the project that the address tells.
fn service_account(name: &ResourceName, email: &str) -> Result<ResourceName, NameError> {
    if email.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(NameError {
            message: format!("`{email}` is a service account's unique id"),
            help: Some(
                "write its e-mail address: an account made again has another unique id".to_owned(),
            ),
        });
    }
    let folded = email.to_ascii_lowercase();
    let project = name.project().unwrap_or_default();
    if !member::is_email(&folded) || !member::is_service_account_email(&folded) {
        return Err(NameError {
            message: format!("`{email}` is no service account's e-mail address"),
            help: Some("write `NAME@PROJECT.iam.gserviceaccount.com`".to_owned()),
        });
    }
    let project = match member::project_of_email(&folded) {
        Some(own) if project == "-" || is_project_number(project) => own,
        Some(own) if own != project => {
            return Err(NameError {
                message: format!("`{folded}` belongs to the project `{own}`, not `{project}`"),
                help: Some(format!("write `projects/{own}/serviceAccounts/{folded}`")),
            });
        }
        None if project == "-" => {
            return Err(NameError {
                message: format!("the address `{folded}` does not tell its project"),
                help: Some(format!("write `projects/PROJECT/serviceAccounts/{folded}`")),
            });
        }
        _ => project.to_owned(),
    };
    Ok(ResourceName {
        target: name.target,
        text: format!("projects/{project}/serviceAccounts/{folded}"),
    })
}

/// Whether a text has a pattern's parts. Values are not judged yet.
fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = text.split('/');
    let fits = pattern.split('/').all(|wanted| match parts.next() {
        Some(part) if wanted.starts_with('{') => !part.is_empty(),
        part => part == Some(wanted),
    });
    fits && parts.next().is_none()
}

fn values<'t>(
    pattern: &'static str,
    text: &'t str,
) -> impl Iterator<Item = (&'static str, &'t str)> {
    pattern
        .split('/')
        .zip(text.split('/'))
        .filter_map(|(wanted, value)| {
            let placeholder = wanted.strip_prefix('{')?.strip_suffix('}')?;
            Some((placeholder, value))
        })
}

fn spelled(placeholder: &str) -> String {
    placeholder.replace('_', " ")
}

fn unsupported(text: &str) -> NameError {
    NameError {
        message: format!("`{text}` names no resource with a policy that is supported here"),
        help: Some(meant(text)),
    }
}

/// What may have been meant.
fn meant(text: &str) -> String {
    let without_host = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("//"))
        .and_then(|rest| rest.split_once('/'))
        .map(|(_, name)| {
            name.trim_start_matches("v1/")
                .trim_start_matches("v1beta1/")
        });
    if let Some(name) = without_host.filter(|name| ResourceName::parse(name).is_ok()) {
        return format!("write it without the host: `{name}`");
    }
    if let Some(bucket) = text.strip_prefix("gs://") {
        return format!("write `buckets/{}`", bucket.trim_end_matches('/'));
    }
    let email = text.strip_prefix("serviceAccount:").unwrap_or(text);
    if member::is_service_account_email(email) {
        let project = member::project_of_email(email).unwrap_or_else(|| "PROJECT".to_owned());
        return format!("write `projects/{project}/serviceAccounts/{email}`");
    }
    if super::is_project_id(text) || is_project_number(text) {
        return format!("write `projects/{text}`");
    }
    let collections =
        |name: &str| -> Vec<String> { name.split('/').step_by(2).map(str::to_owned).collect() };
    let own = collections(text);
    let near = targets()
        .iter()
        .find(|target| collections(target.pattern) == own)
        .or_else(|| {
            let last = |name: &str| collections(name).pop().unwrap_or_default();
            let known: Vec<String> = targets()
                .iter()
                .map(|target| last(target.pattern))
                .collect();
            let closest = hint::closest(own.last()?, known.iter().map(String::as_str))?;
            targets().get(known.iter().position(|name| name == closest)?)
        });
    match near {
        Some(target) => format!("{} is `{}`", target.one(), target.pattern),
        None => "write a resource as Google does, without the host: `projects/P`, \
             `projects/P/serviceAccounts/EMAIL`, `projects/P/locations/L/endpoints/E`, `buckets/B`"
            .to_owned(),
    }
}

impl fmt::Display for ResourceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for ResourceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ResourceName({})", self.text)
    }
}
