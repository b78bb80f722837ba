//! Who we are: an entry of `users`.

use std::path::PathBuf;

use http::{HeaderMap, HeaderName, HeaderValue};
use rbacform_core::Diagnostic;
use secrecy::SecretString;
use serde_saphyr::Spanned;

use super::credentials::Login;
use super::exec::Plugin;
use super::file::{ClusterEntry, Loaded, NamedUser, problem, reason};
use super::pem::{self, Identity};
use crate::connect::ConnectOptions;

/// A user of a kubeconfig.
pub(super) struct User<'f> {
    pub(super) file: &'f Loaded,
    pub(super) entry: &'f NamedUser,
}

impl User<'_> {
    /// The client certificate, where there is one.
    pub(super) fn identity(&self) -> Result<Option<Identity>, Diagnostic> {
        let user = &self.entry.user;
        let certificate = match &user.client_certificate_data {
            Some(data) if !data.value.is_empty() => {
                let pem = pem::base64(&data.value)
                    .map_err(|wrong| self.wrong("client-certificate-data", wrong, Some(data)))?;
                Some(String::from_utf8_lossy(&pem).into_owned())
            }
            _ => self.read("client-certificate", user.client_certificate.as_ref())?,
        };
        let key = match &user.client_key_data {
            Some(data) => {
                let pem = pem::base64(secrecy::ExposeSecret::expose_secret(data))
                    .map_err(|wrong| self.wrong("client-key-data", wrong, None))?;
                Some(String::from_utf8_lossy(&pem).into_owned())
            }
            None => self.read("client-key", user.client_key.as_ref())?,
        };
        match (certificate, key.map(SecretString::from)) {
            (None, None) => Ok(None),
            (Some(certificate), Some(key)) => Identity::new(certificate, key)
                .map(Some)
                .map_err(|wrong| self.wrong("client-certificate", wrong, None)),
            (Some(_), None) => Err(self.wrong("client-key", "it is missing", None)),
            (None, Some(_)) => Err(self.wrong("client-certificate", "it is missing", None)),
        }
    }

    /// How to log in, as client-go chooses: a token or password comes before a plugin.
    pub(super) fn login(
        &self,
        options: &ConnectOptions,
        cluster: &ClusterEntry,
    ) -> Result<Login, Diagnostic> {
        let user = &self.entry.user;
        if let Some(provider) = &user.auth_provider {
            let message = format!(
                "user `{}` logs in through `auth-provider` `{}`, which kubectl no longer knows",
                self.entry.name.value, provider.name.value
            );
            let help = "use the credential plugin of your cloud, e.g. `gke-gcloud-auth-plugin`";
            return Err(self.file.at(&provider.name, problem(message).help(help)));
        }
        if let Some(path) = user
            .token_file
            .as_ref()
            .filter(|path| !path.value.is_empty())
        {
            let resolved: PathBuf = self.file.resolve(&path.value);
            if user.token.is_none() {
                std::fs::metadata(&resolved)
                    .map_err(|error| self.wrong("tokenFile", &reason(&error), Some(path)))?;
            }
            return Ok(Login::TokenFile {
                path: resolved,
                fallback: user.token.clone(),
            });
        }
        if let Some(token) = &user.token {
            return Ok(Login::Token(token.clone()));
        }
        if let (Some(username), Some(password)) = (&user.username, &user.password) {
            return Ok(Login::Basic {
                username: username.clone(),
                password: password.clone(),
            });
        }
        match &user.exec {
            Some(exec) => {
                Plugin::read(self.file, self.entry, exec, cluster, options).map(Login::Exec)
            }
            None => Ok(Login::Anonymous),
        }
    }

    /// `Impersonate-*`, where the user acts as another.
    pub(super) fn impersonation(&self) -> Result<HeaderMap, Diagnostic> {
        let user = &self.entry.user;
        let mut headers = HeaderMap::new();
        let mut add = |name: &str, value: &str| {
            let name = HeaderName::try_from(name).ok()?;
            headers.append(name, HeaderValue::from_str(value).ok()?);
            Some(())
        };
        let mut fits = true;
        match &user.impersonate {
            Some(name) => fits &= add("impersonate-user", name).is_some(),
            None if user.as_groups.is_empty() && user.as_uid.is_none() => {}
            None => {
                let wrong = "it acts as a group or uid but names no user";
                return Err(self.wrong("as", wrong, None));
            }
        }
        if let Some(uid) = &user.as_uid {
            fits &= add("impersonate-uid", uid).is_some();
        }
        for group in &user.as_groups {
            fits &= add("impersonate-group", group).is_some();
        }
        for (key, values) in &user.as_user_extra {
            for value in values {
                fits &= add(&format!("impersonate-extra-{}", escape(key)), value).is_some();
            }
        }
        match fits {
            true => Ok(headers),
            false => Err(self.wrong("as", "it holds characters that no header may hold", None)),
        }
    }

    fn read(
        &self,
        field: &str,
        path: Option<&Spanned<String>>,
    ) -> Result<Option<String>, Diagnostic> {
        let Some(path) = path.filter(|path| !path.value.is_empty()) else {
            return Ok(None);
        };
        std::fs::read_to_string(self.file.resolve(&path.value))
            .map(Some)
            .map_err(|error| self.wrong(field, &reason(&error), Some(path)))
    }

    fn wrong(&self, field: &str, wrong: &str, place: Option<&Spanned<String>>) -> Diagnostic {
        let name = &self.entry.name;
        let message = format!("`{field}` of user `{}` cannot be used: {wrong}", name.value);
        self.file.at(place.unwrap_or(name), problem(message))
    }
}

/// As client-go escapes the key of an extra: what no header name may hold, and `%`.
fn escape(key: &str) -> String {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&'*+-.^_`|~".contains(&byte);
    let escaped = key.bytes().map(|byte| match legal(byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    });
    escaped.collect()
}
