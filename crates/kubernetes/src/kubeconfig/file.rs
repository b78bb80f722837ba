//! The file format, as far as it is read.
//!
//! Kubernetes: `client-go/tools/clientcmd/api/v1/types.go`. Unknown fields are other tools' own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rbacform_core::{Diagnostic, Location};
use secrecy::SecretString;
use serde::{Deserialize, Deserializer};
use serde_saphyr::Spanned;

/// One kubeconfig file and where it was read.
pub(super) struct Loaded {
    pub(super) path: PathBuf,
    pub(super) content: Content,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Content {
    pub(super) kind: Option<Spanned<String>>,
    #[serde(rename = "current-context")]
    pub(super) current_context: Option<Spanned<String>>,
    #[serde(deserialize_with = "nullable")]
    pub(super) clusters: Vec<NamedCluster>,
    #[serde(deserialize_with = "nullable")]
    pub(super) users: Vec<NamedUser>,
    #[serde(deserialize_with = "nullable")]
    pub(super) contexts: Vec<NamedContext>,
}

#[derive(Deserialize)]
pub(super) struct NamedCluster {
    pub(super) name: Spanned<String>,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) cluster: ClusterEntry,
}

#[derive(Deserialize)]
pub(super) struct NamedUser {
    pub(super) name: Spanned<String>,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) user: UserEntry,
}

#[derive(Deserialize)]
pub(super) struct NamedContext {
    pub(super) name: Spanned<String>,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) context: ContextEntry,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct ContextEntry {
    pub(super) cluster: Option<Spanned<String>>,
    pub(super) user: Option<Spanned<String>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(super) struct ClusterEntry {
    pub(super) server: Option<Spanned<String>>,
    pub(super) certificate_authority: Option<Spanned<String>>,
    pub(super) certificate_authority_data: Option<Spanned<String>>,
    pub(super) insecure_skip_tls_verify: bool,
    pub(super) tls_server_name: Option<String>,
    pub(super) proxy_url: Option<Spanned<String>>,
    #[serde(deserialize_with = "nullable")]
    pub(super) extensions: Vec<Extension>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Extension {
    pub(super) name: String,
    pub(super) extension: serde_json::Value,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(super) struct UserEntry {
    #[serde(deserialize_with = "secret")]
    pub(super) token: Option<SecretString>,
    #[serde(rename = "tokenFile")]
    pub(super) token_file: Option<Spanned<String>>,
    pub(super) client_certificate: Option<Spanned<String>>,
    pub(super) client_certificate_data: Option<Spanned<String>>,
    pub(super) client_key: Option<Spanned<String>>,
    #[serde(deserialize_with = "secret")]
    pub(super) client_key_data: Option<SecretString>,
    pub(super) username: Option<String>,
    #[serde(deserialize_with = "secret")]
    pub(super) password: Option<SecretString>,
    #[serde(rename = "as")]
    pub(super) impersonate: Option<String>,
    pub(super) as_uid: Option<String>,
    #[serde(deserialize_with = "nullable")]
    pub(super) as_groups: Vec<String>,
    #[serde(deserialize_with = "nullable")]
    pub(super) as_user_extra: BTreeMap<String, Vec<String>>,
    pub(super) auth_provider: Option<AuthProvider>,
    pub(super) exec: Option<ExecEntry>,
}

#[derive(Deserialize)]
pub(super) struct AuthProvider {
    pub(super) name: Spanned<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ExecEntry {
    pub(super) api_version: Option<Spanned<String>>,
    pub(super) command: Option<Spanned<String>>,
    #[serde(deserialize_with = "nullable")]
    pub(super) args: Vec<String>,
    #[serde(deserialize_with = "nullable")]
    pub(super) env: Vec<Variable>,
    pub(super) install_hint: Option<String>,
    pub(super) interactive_mode: Option<Spanned<String>>,
    pub(super) provide_cluster_info: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Variable {
    pub(super) name: String,
    pub(super) value: String,
}

impl Loaded {
    /// Reads one file.
    ///
    /// # Errors
    /// It cannot be read, is no YAML, or has a field of the wrong type. The text of the file,
    /// which may hold credentials, is never in the message.
    pub(super) fn read(path: &Path) -> Result<Self, Diagnostic> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            let message = format!("the kubeconfig cannot be read: {}", reason(&error));
            problem(message).in_file(place(path, 1, 1))
        })?;
        let content = parse(&text).map_err(|(line, column)| {
            problem("this is not the kubeconfig format")
                .in_file(place(path, line, column))
                .help("the text there is left out, since it may hold a credential")
        })?;
        let loaded = Self {
            path: path.to_owned(),
            content,
        };
        match &loaded.content.kind {
            Some(kind) if kind.value != "Config" => {
                let message = format!("`{}` is no kubeconfig", kind.value);
                Err(loaded.at(kind, problem(message)))
            }
            _ => Ok(loaded),
        }
    }

    /// Points a diagnostic at a value of this file.
    pub(super) fn at<T>(&self, value: &Spanned<T>, diagnostic: Diagnostic) -> Diagnostic {
        let location = value.referenced;
        let (line, column) = (location.line() as u32, location.column() as u32);
        diagnostic.in_file(place(&self.path, line, column))
    }

    /// Points a diagnostic at this file.
    pub(super) fn whole(&self, diagnostic: Diagnostic) -> Diagnostic {
        diagnostic.in_file(place(&self.path, 1, 1))
    }

    /// A path written in this file: relative to its folder.
    pub(super) fn resolve(&self, path: &str) -> PathBuf {
        self.path.parent().unwrap_or(Path::new("")).join(path)
    }
}

/// An error of the kubeconfig.
pub(super) fn problem(message: impl Into<String>) -> Diagnostic {
    Diagnostic::error("kubeconfig", message)
}

/// Why a file cannot be read, without the operating system's number.
pub(super) fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "no such file".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        std::io::ErrorKind::InvalidData => "it is not UTF-8".to_owned(),
        std::io::ErrorKind::IsADirectory => "it is a directory".to_owned(),
        _ => "the system refuses".to_owned(),
    }
}

fn place(path: &Path, line: u32, column: u32) -> Location {
    Location {
        file: path.display().to_string(),
        line: line.max(1),
        column: column.max(1),
    }
}

/// The first document; an empty file is an empty configuration.
fn parse(text: &str) -> Result<Content, (u32, u32)> {
    let documents: Result<Vec<Content>, _> = serde_saphyr::from_multiple(text);
    match documents {
        Ok(documents) => Ok(documents.into_iter().next().unwrap_or_default()),
        Err(error) => {
            let location = error.location();
            Err(location.map_or((1, 1), |at| (at.line() as u32, at.column() as u32)))
        }
    }
}

fn nullable<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SecretString>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    Ok(text.filter(|text| !text.is_empty()).map(SecretString::from))
}
