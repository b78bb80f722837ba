//! Where requests go: Google's hosts, and what stands for them.

use std::collections::BTreeMap;

use rbacform_core::Diagnostic;
use reqwest::Url;

use super::ConnectOptions;
use crate::target::Api;

/// Google's own universe.
pub(crate) const UNIVERSE: &str = "googleapis.com";

/// The base URLs of all APIs.
#[derive(Clone, Debug)]
pub(crate) struct Endpoints {
    overrides: BTreeMap<Api, Base>,
    iam_credentials: Option<Base>,
    universe: String,
}

/// A base URL, path prefix included, with a `/` at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Base {
    pub(super) url: String,
    /// Plain http on this machine: no credential is asked for, and none is sent.
    pub(super) open: bool,
}

impl Endpoints {
    /// # Errors
    /// A base URL that is none, or that would carry credentials over the network in the clear.
    pub(crate) fn new(options: &ConnectOptions) -> Result<Self, Diagnostic> {
        let universe = options.universe_domain.as_deref().unwrap_or(UNIVERSE);
        let fine = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
        if universe.is_empty() || !universe.bytes().all(fine) {
            let message = format!("`{universe}` is no domain");
            return Err(Diagnostic::error("endpoint", message)
                .help("`universe_domain` is like `googleapis.com`"));
        }
        let mut overrides = BTreeMap::new();
        for (api, url) in &options.endpoints {
            overrides.insert(*api, Base::parse(url, api.name())?);
        }
        let iam_credentials = options.iam_credentials_endpoint.as_deref();
        Ok(Self {
            overrides,
            iam_credentials: iam_credentials
                .map(|url| Base::parse(url, "iamcredentials"))
                .transpose()?,
            universe: universe.to_owned(),
        })
    }

    /// The base of an API's requests. `host` is its host at Google, regional where it is: an
    /// override stands for every region.
    pub(crate) fn base(&self, api: Api, host: &str) -> Base {
        match self.overrides.get(&api) {
            Some(base) => base.clone(),
            None => self.google(host),
        }
    }

    /// The base of the API that mints tokens of service accounts.
    pub(crate) fn iam_credentials(&self) -> Base {
        match &self.iam_credentials {
            Some(base) => base.clone(),
            None => self.google("iamcredentials.googleapis.com"),
        }
    }

    /// The server of an API, as world pins name it: its host, or what stands for it.
    pub(crate) fn server(&self, api: Api) -> String {
        match self.overrides.get(&api) {
            Some(base) => base.url.trim_end_matches('/').to_owned(),
            None => format!("{}.{}", api.name(), self.universe),
        }
    }

    /// The universe's domain.
    pub(crate) fn universe(&self) -> &str {
        &self.universe
    }

    /// Whether every API is served on this machine.
    pub(crate) fn all_open(&self) -> bool {
        Api::ALL
            .iter()
            .all(|api| self.overrides.get(api).is_some_and(|base| base.open))
    }

    fn google(&self, host: &str) -> Base {
        let host = match host.strip_suffix(UNIVERSE) {
            Some(service) => format!("{service}{}", self.universe),
            None => host.to_owned(),
        };
        Base {
            url: format!("https://{host}/"),
            open: false,
        }
    }
}

impl Base {
    fn parse(text: &str, name: &str) -> Result<Self, Diagnostic> {
        let variable = format!(
            "CLOUDSDK_API_ENDPOINT_OVERRIDES_{}",
            name.to_ascii_uppercase()
        );
        let wrong = |why: &str| {
            Diagnostic::error("endpoint", format!("the endpoint of `{name}` {why}")).help(format!(
                "set `{variable}` to a URL like `https://{name}.googleapis.com/`, or to a plain http \
                 one of this machine"
            ))
        };
        let url = Url::parse(text.trim()).map_err(|_| wrong("is no URL"))?;
        // What the URL says besides host and path is not repeated: it may be a password.
        if !url.username().is_empty() || url.password().is_some() || url.query().is_some() {
            return Err(wrong("holds more than a host and a path"));
        }
        let open = match url.scheme() {
            "https" => false,
            "http" if is_loopback(&url) => true,
            "http" => return Err(wrong("is plain http, and not on this machine")),
            _ => return Err(wrong("is neither http nor https")),
        };
        let mut url = url.to_string();
        if !url.ends_with('/') {
            url.push('/');
        }
        Ok(Self { url, open })
    }

    /// The URL of a path, query included, without a leading `/`.
    pub(crate) fn join(&self, path: &str) -> Option<Url> {
        Url::parse(&format!("{}{path}", self.url)).ok()
    }
}

/// Whether a URL's host is this machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    match bare.parse::<std::net::IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => bare == "localhost",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(api: Api, url: &str) -> Result<Endpoints, Diagnostic> {
        Endpoints::new(&ConnectOptions {
            endpoints: BTreeMap::from([(api, url.to_owned())]),
            ..ConnectOptions::default()
        })
    }

    #[test]
    fn an_override_stands_for_every_region_and_keeps_its_prefix() {
        let endpoints = with(Api::AiPlatform, "http://127.0.0.1:9/google/aiplatform").unwrap();
        let base = endpoints.base(Api::AiPlatform, "europe-west4-aiplatform.googleapis.com");
        assert!(base.open);
        assert_eq!(
            base.join("v1/x:getIamPolicy").unwrap().as_str(),
            "http://127.0.0.1:9/google/aiplatform/v1/x:getIamPolicy"
        );
        let own = endpoints.base(Api::Iam, "iam.googleapis.com");
        assert_eq!(
            (own.url.as_str(), own.open),
            ("https://iam.googleapis.com/", false)
        );
    }

    #[test]
    fn another_universe_has_other_hosts() {
        let endpoints = Endpoints::new(&ConnectOptions {
            universe_domain: Some("example-universe.goog".to_owned()),
            ..ConnectOptions::default()
        })
        .unwrap();
        let base = endpoints.base(Api::Iam, "iam.googleapis.com");
        assert_eq!(base.url, "https://iam.example-universe.goog/");
        assert_eq!(
            endpoints.server(Api::Storage),
            "storage.example-universe.goog"
        );
    }

    #[test]
    fn nothing_goes_over_the_network_in_the_clear() {
        for url in [
            "http://example.com/",
            "http://127.0.0.1.example.com/",
            "ftp://127.0.0.1/",
            "https://user:hunter2@example.com/",
            "iam.example.com",
        ] {
            let refused = with(Api::Iam, url).unwrap_err();
            assert!(!refused.message.contains("hunter2"), "{}", refused.message);
            assert!(
                refused
                    .help
                    .unwrap()
                    .contains("CLOUDSDK_API_ENDPOINT_OVERRIDES_IAM")
            );
        }
        for url in [
            "http://localhost:8080",
            "http://[::1]:80/x",
            "https://proxy.example.com/iam",
        ] {
            assert!(with(Api::Iam, url).is_ok(), "{url}");
        }
    }
}
