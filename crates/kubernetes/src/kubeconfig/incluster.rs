//! Inside a pod: its service account.
//!
//! Kubernetes: `InClusterConfig` in `client-go/rest/config.go`.

use std::path::Path;

use http::{HeaderMap, Uri};

use super::cluster::Cluster;
use super::credentials::Login;
use super::load::Access;
use super::{pem, proxy};
use crate::connect::ConnectOptions;

/// Where the kubelet puts token and authority.
const FOLDER: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// The pod's own access, where there is one.
pub(super) fn access(options: &ConnectOptions) -> Option<Access> {
    from_folder(options, Path::new(FOLDER))
}

fn from_folder(options: &ConnectOptions, folder: &Path) -> Option<Access> {
    let variable = |name: &str| {
        options
            .environment
            .get(name)
            .filter(|value| !value.is_empty())
    };
    let host = variable("KUBERNETES_SERVICE_HOST")?;
    let port = variable("KUBERNETES_SERVICE_PORT")?;
    let host = match host.contains(':') {
        true => format!("[{host}]"),
        false => host.clone(),
    };
    let server: Uri = format!("https://{host}:{port}").parse().ok()?;
    let token = folder.join("token");
    token.try_exists().ok().filter(|exists| *exists)?;
    let authorities = std::fs::read(folder.join("ca.crt")).ok();
    Some(Access {
        context: None,
        user: None,
        cluster: Cluster {
            proxy: proxy::from_environment(&options.environment, &server),
            server,
            authorities: authorities.and_then(|pem| pem::certificates(&pem).ok()),
            insecure: false,
            tls_server_name: None,
        },
        login: Login::TokenFile {
            path: token,
            fallback: None,
        },
        identity: None,
        impersonation: HeaderMap::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pod_finds_its_server_in_the_environment_and_its_token_in_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let mut options = ConnectOptions::default();
        for (name, value) in [
            ("KUBERNETES_SERVICE_HOST", "fd00::1"),
            ("KUBERNETES_SERVICE_PORT", "443"),
        ] {
            options.environment.insert(name.into(), value.into());
        }
        assert!(
            from_folder(&options, folder.path()).is_none(),
            "without a token"
        );
        std::fs::write(folder.path().join("token"), "t\n").unwrap();
        let access = from_folder(&options, folder.path()).unwrap();
        assert_eq!(access.cluster.server.to_string(), "https://[fd00::1]:443/");
        options.environment.clear();
        assert!(
            from_folder(&options, folder.path()).is_none(),
            "outside a cluster"
        );
    }
}
