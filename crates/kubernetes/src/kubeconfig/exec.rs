//! Credential plugins: another program that logs in.
//!
//! Kubernetes: `client-go/plugin/pkg/client/auth/exec/exec.go`. What a plugin is given and what it
//! answers is never shown: both hold credentials.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use jiff::Timestamp;
use rbacform_core::Diagnostic;
use rbacform_provider::{ErrorKind, ProviderError};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::json;
use tokio::process::Command;

use super::file::{ClusterEntry, ExecEntry, Loaded, NamedUser, problem};
use super::pem::Identity;
use crate::connect::ConnectOptions;

const VERSIONS: [&str; 2] = [
    "client.authentication.k8s.io/v1",
    "client.authentication.k8s.io/v1beta1",
];
/// The name of the extension whose content is a plugin's own configuration.
const CONFIG_EXTENSION: &str = "client.authentication.k8s.io/exec";
const PATIENCE: Duration = Duration::from_secs(60);
/// Somebody may have to type a password, or find a browser's window.
const INTERACTIVE_PATIENCE: Duration = Duration::from_secs(300);

/// A credential plugin, ready to be run.
pub(crate) struct Plugin {
    api_version: &'static str,
    command: PathBuf,
    arguments: Vec<String>,
    environment: BTreeMap<String, String>,
    install_hint: Option<String>,
    interactive: bool,
    /// `KUBERNETES_EXEC_INFO`.
    info: String,
}

/// What a plugin answered.
pub(super) struct Answer {
    pub(super) token: Option<SecretString>,
    pub(super) identity: Option<Identity>,
    pub(super) expires: Option<Timestamp>,
}

impl Plugin {
    /// Reads a user's `exec`.
    pub(super) fn read(
        file: &Loaded,
        user: &NamedUser,
        exec: &ExecEntry,
        cluster: &ClusterEntry,
        options: &ConnectOptions,
    ) -> Result<Self, Diagnostic> {
        let name = &user.name.value;
        let Some(command) = exec
            .command
            .as_ref()
            .filter(|command| !command.value.is_empty())
        else {
            let message = format!("the credential plugin of user `{name}` has no command");
            return Err(file.at(&user.name, problem(message)));
        };
        let version = exec.api_version.as_ref();
        let api_version = VERSIONS
            .into_iter()
            .find(|known| version.is_some_and(|version| version.value == *known))
            .ok_or_else(|| {
                let message =
                    format!("the credential plugin of user `{name}` has no known `apiVersion`");
                let help = format!("write `apiVersion: {}`", VERSIONS[0]);
                file.at(version.unwrap_or(&user.name), problem(message).help(help))
            })?;
        let mode = exec.interactive_mode.as_ref();
        let interactive = match mode.map(|mode| mode.value.as_str()) {
            Some("Never") => false,
            Some("IfAvailable") | None => options.terminal,
            Some("Always") if options.terminal => true,
            Some("Always") => {
                let message = format!("the credential plugin of user `{name}` needs a terminal");
                let help = "run this on a terminal, or log in another way";
                return Err(file.at(mode.unwrap_or(&user.name), problem(message).help(help)));
            }
            Some(_) => {
                let message = "`interactiveMode` must be `Never`, `IfAvailable` or `Always`";
                return Err(file.at(mode.unwrap_or(&user.name), problem(message)));
            }
        };
        // Only a path is the file's own; a bare name is looked up in `PATH`.
        let path = match command.value.contains('/') {
            true => file.resolve(&command.value),
            false => PathBuf::from(&command.value),
        };
        let mut environment = options.environment.clone();
        let variables = exec.env.iter();
        environment.extend(variables.map(|entry| (entry.name.clone(), entry.value.clone())));
        let cluster = exec
            .provide_cluster_info
            .then(|| cluster_info(file, cluster));
        let mut spec = json!({"interactive": interactive});
        if let (Some(cluster), Some(spec)) = (cluster, spec.as_object_mut()) {
            spec.insert("cluster".to_owned(), cluster);
        }
        let info = json!({"apiVersion": api_version, "kind": "ExecCredential", "spec": spec});
        Ok(Self {
            api_version,
            command: path,
            arguments: exec.args.clone(),
            environment,
            install_hint: exec.install_hint.clone().filter(|hint| !hint.is_empty()),
            interactive,
            info: info.to_string(),
        })
    }

    /// Runs it once.
    pub(super) async fn run(&self) -> Result<Answer, ProviderError> {
        let mut command = Command::new(&self.command);
        command
            .args(&self.arguments)
            .env_clear()
            .envs(&self.environment)
            .env("KUBERNETES_EXEC_INFO", &self.info)
            .stdin(self.terminal())
            .stderr(self.terminal())
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        let patience = match self.interactive {
            true => INTERACTIVE_PATIENCE,
            false => PATIENCE,
        };
        let output = match tokio::time::timeout(patience, command.output()).await {
            Ok(Ok(output)) => output,
            Ok(Err(error)) => return Err(self.not_started(&error)),
            Err(_) => {
                let why = format!("did not answer within {} s", patience.as_secs());
                return Err(self.failed(&why));
            }
        };
        match output.status.code() {
            Some(0) => self.parse(&output.stdout),
            Some(code) => Err(self.failed(&format!("failed with exit code {code}"))),
            None => Err(self.failed("was killed by a signal")),
        }
    }

    fn terminal(&self) -> Stdio {
        match self.interactive {
            true => Stdio::inherit(),
            false => Stdio::null(),
        }
    }

    fn parse(&self, stdout: &[u8]) -> Result<Answer, ProviderError> {
        let answer: ExecCredential = serde_json::from_slice(stdout)
            .map_err(|_| self.failed("answered no ExecCredential"))?;
        if answer.kind != "ExecCredential" || answer.api_version != self.api_version {
            let why = format!("did not answer an ExecCredential of `{}`", self.api_version);
            return Err(self.failed(&why));
        }
        let status = answer.status.unwrap_or_default();
        let identity = match (status.client_certificate_data, status.client_key_data) {
            (Some(certificate), Some(key)) => {
                let identity = Identity::new(certificate, SecretString::from(key));
                Some(identity.map_err(|wrong| self.failed(&format!("answered badly: {wrong}")))?)
            }
            (None, None) => None,
            _ => return Err(self.failed("answered a certificate without its key, or the reverse")),
        };
        let token = status
            .token
            .filter(|token| !token.is_empty())
            .map(SecretString::from);
        if token.is_none() && identity.is_none() {
            return Err(self.failed("answered neither a token nor a certificate"));
        }
        let expires = status
            .expiration_timestamp
            .map(|text| text.parse::<Timestamp>());
        let expires = expires
            .transpose()
            .map_err(|_| self.failed("answered no time as its end"))?;
        Ok(Answer {
            token,
            identity,
            expires,
        })
    }

    fn not_started(&self, error: &std::io::Error) -> ProviderError {
        let why = match error.kind() {
            std::io::ErrorKind::NotFound => "was not found",
            std::io::ErrorKind::PermissionDenied => "may not be executed",
            _ => "could not be started",
        };
        self.failed(why)
    }

    fn failed(&self, why: &str) -> ProviderError {
        let name = self.command.display();
        let message = format!("the credential plugin `{name}` {why}");
        let help = self.install_hint.clone().unwrap_or_else(|| {
            "run `kubectl get --raw /version` to see what it says; its words are not shown here, since \
             they may hold a credential"
                .to_owned()
        });
        ProviderError::new(ErrorKind::Unauthenticated, message).help(help)
    }
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ExecCredential {
    api_version: String,
    kind: String,
    status: Option<Status>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Status {
    token: Option<String>,
    client_certificate_data: Option<String>,
    client_key_data: Option<String>,
    expiration_timestamp: Option<String>,
}

/// `spec.cluster` of the plugin's input.
fn cluster_info(file: &Loaded, cluster: &ClusterEntry) -> serde_json::Value {
    let text = |field: &Option<serde_saphyr::Spanned<String>>| {
        field
            .as_ref()
            .map(|text| text.value.clone())
            .filter(|text| !text.is_empty())
    };
    let data = text(&cluster.certificate_authority_data).or_else(|| {
        let pem = std::fs::read(file.resolve(&text(&cluster.certificate_authority)?)).ok()?;
        Some(base64::Engine::encode(
            &base64::engine::general_purpose::STANDARD,
            pem,
        ))
    });
    let config = cluster
        .extensions
        .iter()
        .find(|entry| entry.name == CONFIG_EXTENSION);
    let mut info = serde_json::Map::new();
    let fields = [
        ("server", text(&cluster.server).map(Into::into)),
        ("certificate-authority-data", data.map(Into::into)),
        (
            "tls-server-name",
            cluster.tls_server_name.clone().map(Into::into),
        ),
        ("proxy-url", text(&cluster.proxy_url).map(Into::into)),
        ("config", config.map(|entry| entry.extension.clone())),
    ];
    for (name, value) in fields {
        if let Some(value) = value {
            info.insert(name.to_owned(), value);
        }
    }
    if cluster.insecure_skip_tls_verify {
        info.insert("insecure-skip-tls-verify".to_owned(), true.into());
    }
    info.into()
}
