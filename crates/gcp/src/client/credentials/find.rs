//! Where credentials are looked for.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rbacform_core::Diagnostic;

use super::super::ConnectOptions;
use super::super::endpoint::{Endpoints, UNIVERSE};
use super::super::transport::Transport;
use super::connector;
use super::file::{self, Credential, Kind};
use super::impersonate::Impersonated;
use super::metadata::Metadata;
use super::oauth::{Flow, Oauth};
use super::{Fixed, FromFile, TokenSource, Whose};

/// The credential that was found. Nothing was sent.
pub(crate) struct Found {
    pub(crate) tokens: TokenSource,
    pub(crate) whose: Whose,
    /// The project that requests count to, where the credential names one.
    pub(crate) quota_project: Option<String>,
}

/// Looks for a credential in the order of [`ConnectOptions`].
///
/// # Errors
/// A file that is named but cannot be used, or of another universe.
pub(crate) fn find(
    options: &ConnectOptions,
    endpoints: &Endpoints,
    transport: &Arc<dyn Transport>,
) -> Result<Found, Diagnostic> {
    let found = direct(options, endpoints, transport)?;
    let Some((target, delegates)) = options.impersonate.split_last() else {
        return Ok(found);
    };
    let path = format!("v1/projects/-/serviceAccounts/{target}:generateAccessToken");
    let url = endpoints.iam_credentials().join(&path).ok_or_else(|| {
        Diagnostic::error("credentials", format!("`{target}` is no service account"))
            .help("`impersonate` lists e-mail addresses of service accounts")
    })?;
    Ok(Found {
        tokens: TokenSource::new(Box::new(Impersonated {
            transport: Arc::clone(transport),
            source: found.tokens,
            url,
            email: target.clone(),
            delegates: delegates.to_vec(),
        })),
        whose: Whose::Known(target.clone()),
        quota_project: found.quota_project,
    })
}

fn direct(
    options: &ConnectOptions,
    endpoints: &Endpoints,
    transport: &Arc<dyn Transport>,
) -> Result<Found, Diagnostic> {
    let asked = |tokens| Found {
        tokens,
        whose: Whose::Asked(Arc::clone(transport)),
        quota_project: None,
    };
    if let Some(token) = &options.access_token {
        return Ok(asked(TokenSource::new(Box::new(Fixed(token.clone())))));
    }
    if let Some(file) = &options.access_token_file {
        return Ok(asked(TokenSource::new(Box::new(FromFile(file.clone())))));
    }
    if let Some(path) = &options.credentials_file {
        let named_by = "`GOOGLE_APPLICATION_CREDENTIALS` names it";
        return from_file(path.clone(), named_by, options, endpoints, transport);
    }
    if let Some(path) = well_known(options).filter(|path| path.exists()) {
        let named_by = "it is gcloud's: `gcloud auth application-default login` makes it anew";
        return from_file(path, named_by, options, endpoints, transport);
    }
    let metadata = Metadata {
        transport: Arc::clone(transport),
        host: options.metadata_host.clone(),
    };
    Ok(Found {
        tokens: TokenSource::new(Box::new(metadata.clone())),
        whose: Whose::Machine(metadata),
        quota_project: None,
    })
}

/// gcloud's own place for application default credentials.
fn well_known(options: &ConnectOptions) -> Option<PathBuf> {
    let folder = match (&options.gcloud_config, &options.home) {
        (Some(folder), _) => folder.clone(),
        (None, Some(home)) => home.join(".config/gcloud"),
        (None, None) => return None,
    };
    Some(folder.join("application_default_credentials.json"))
}

fn from_file(
    path: PathBuf,
    named_by: &str,
    options: &ConnectOptions,
    endpoints: &Endpoints,
    transport: &Arc<dyn Transport>,
) -> Result<Found, Diagnostic> {
    let Credential {
        kind,
        email,
        quota_project,
        universe,
    } = file::read(&path, named_by)?;
    // A stack names the universe, and may be a stranger's: a credential is sent only where it
    // belongs. One that does not say where is Google's own, as in Google's libraries.
    let universe = universe.unwrap_or_else(|| UNIVERSE.to_owned());
    if universe != endpoints.universe() {
        let file = path.display();
        let message = format!(
            "the credential `{file}` is of the universe `{universe}`, not `{}`",
            endpoints.universe()
        );
        return Err(Diagnostic::error("credentials", message)
            .help("set `universe_domain` in `[providers.gcp]`, or use another credential"));
    }
    let whose = match (email, &kind) {
        (Some(email), _) => Whose::Known(email),
        (None, Kind::Direct(Flow::External(account))) => Whose::Known(pool(&account.audience)),
        (None, _) => Whose::Asked(Arc::clone(transport)),
    };
    Ok(Found {
        tokens: source(kind, &path.display().to_string(), options, transport)?,
        whose,
        quota_project,
    })
}

fn source(
    kind: Kind,
    file: &str,
    options: &ConnectOptions,
    transport: &Arc<dyn Transport>,
) -> Result<TokenSource, Diagnostic> {
    match kind {
        Kind::Direct(flow) => {
            let timeout = options.timeout.min(Duration::from_secs(30));
            let client = connector::client(options)?;
            let oauth = Oauth::new(flow, client, file.to_owned(), timeout);
            Ok(TokenSource::new(Box::new(oauth)))
        }
        Kind::Impersonated {
            source: inner,
            url,
            email,
            delegates,
        } => Ok(TokenSource::new(Box::new(Impersonated {
            transport: Arc::clone(transport),
            source: source(*inner, file, options, transport)?,
            url,
            email,
            delegates,
        }))),
    }
}

/// The pool in `//iam.googleapis.com/POOL/providers/PROVIDER`: an external account has no address.
fn pool(audience: &str) -> String {
    let name = audience.trim_start_matches("//");
    let name = name.split_once('/').map_or(name, |(_, name)| name);
    name.split_once("/providers/")
        .map_or(name, |(pool, _)| pool)
        .to_owned()
}
