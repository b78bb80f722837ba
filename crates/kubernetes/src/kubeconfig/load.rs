//! From files to one cluster and one user.
//!
//! Kubernetes: `client-go/tools/clientcmd/{loader,client_config,overrides}.go`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use http::HeaderMap;
use rbacform_core::{Diagnostic, hint};
use serde_saphyr::Spanned;

use super::cluster::Cluster;
use super::credentials::Login;
use super::file::{Content, Loaded, problem};
use super::pem::Identity;
use super::user::User;
use super::{incluster, pem, proxy};
use crate::connect::{ConnectOptions, KubeconfigSource};

/// One cluster, and who we are there.
pub(crate) struct Access {
    pub(crate) context: Option<String>,
    pub(crate) user: Option<String>,
    pub(crate) cluster: Cluster,
    pub(crate) login: Login,
    /// The kubeconfig's own client certificate.
    pub(crate) identity: Option<Identity>,
    /// `Impersonate-*`.
    pub(crate) impersonation: HeaderMap,
}

/// Finds the cluster and the user.
///
/// # Errors
/// Whatever keeps kubectl from it, with file, line and column where it has one.
pub(crate) fn load(options: &ConnectOptions) -> Result<Access, Diagnostic> {
    match &options.kubeconfig {
        KubeconfigSource::Endpoint { url, token } => {
            return direct(url, None, None, Login::Token(token.clone()));
        }
        KubeconfigSource::Cloud {
            url,
            authorities,
            tokens,
            user,
        } => {
            let authorities = authorities.as_deref().map(pem::certificates).transpose();
            let authorities = authorities.map_err(|wrong| {
                problem(format!(
                    "the certificate authority of `{url}` cannot be used: {wrong}"
                ))
            })?;
            let mut access = direct(
                url,
                authorities,
                Some(&options.environment),
                Login::Cloud(Arc::clone(tokens)),
            )?;
            access.user.clone_from(user);
            return Ok(access);
        }
        _ => {}
    }
    if options.in_cluster {
        return incluster::access(options).ok_or_else(|| {
            problem("`in_cluster` is set, but this is no pod with a service account")
                .help("remove `in_cluster`, or mount the service account's token")
        });
    }
    let files = read_files(options)?;
    let wanted = match &options.context {
        Some(name) => Some(name.clone()),
        None => current_context(&files),
    };
    let Some(name) = wanted else {
        return match incluster::access(options) {
            Some(access) => Ok(access),
            None => Err(no_context(&files, options)),
        };
    };
    choose(&files, &name, options)
}

/// A server without a kubeconfig. `environment` tells of a proxy on the way, where there may be one.
fn direct(
    url: &str,
    authorities: Option<Vec<Vec<u8>>>,
    environment: Option<&BTreeMap<String, String>>,
    login: Login,
) -> Result<Access, Diagnostic> {
    let server = url
        .parse()
        .map_err(|_| problem(format!("`{url}` is no URL of a server")))?;
    Ok(Access {
        context: None,
        user: None,
        cluster: Cluster {
            proxy: environment.and_then(|all| proxy::from_environment(all, &server)),
            server,
            authorities,
            insecure: false,
            tls_server_name: None,
        },
        login,
        identity: None,
        impersonation: HeaderMap::new(),
    })
}

fn read_files(options: &ConnectOptions) -> Result<Vec<Loaded>, Diagnostic> {
    let paths = match &options.kubeconfig {
        KubeconfigSource::File(path) => return Ok(vec![Loaded::read(path)?]),
        KubeconfigSource::List(list) => std::env::split_paths(list)
            .filter(|path| !path.as_os_str().is_empty())
            .collect(),
        KubeconfigSource::Default => default_path(options).into_iter().collect::<Vec<_>>(),
        KubeconfigSource::Endpoint { .. } | KubeconfigSource::Cloud { .. } => Vec::new(),
    };
    // As kubectl does: a file of the list that is not there is none.
    paths
        .iter()
        .filter(|path| path.try_exists().unwrap_or(true))
        .map(|path| Loaded::read(path))
        .collect()
}

fn default_path(options: &ConnectOptions) -> Option<PathBuf> {
    options
        .home
        .as_ref()
        .map(|home| home.join(".kube").join("config"))
}

fn current_context(files: &[Loaded]) -> Option<String> {
    let contexts = files
        .iter()
        .filter_map(|file| file.content.current_context.as_ref());
    contexts
        .map(|context| context.value.clone())
        .find(|context| !context.is_empty())
}

fn no_context(files: &[Loaded], options: &ConnectOptions) -> Diagnostic {
    match files.first() {
        Some(file) => file
            .whole(problem("the kubeconfig has no current context"))
            .help("name one with `--context`, or in the stack's `[providers.kubernetes]`"),
        None => {
            let looked = match (&options.kubeconfig, default_path(options)) {
                (KubeconfigSource::List(_), _) => {
                    "none of the files of `KUBECONFIG` exists".to_owned()
                }
                (_, Some(path)) => format!("there is no `{}`", path.display()),
                (_, None) => "there is no home directory to look in".to_owned(),
            };
            problem(format!("no kubeconfig was found: {looked}"))
                .help("give one with `--kubeconfig` or `KUBECONFIG`, or try `--sandbox`")
        }
    }
}

fn choose(files: &[Loaded], name: &str, options: &ConnectOptions) -> Result<Access, Diagnostic> {
    let (file, context) = find(
        files,
        |content| &content.contexts,
        |entry| &entry.name,
        name,
    )
    .ok_or_else(|| unknown_context(files, name))?;
    let given = |name: &&Spanned<String>| !name.value.is_empty();
    let missing = |wanted: &Spanned<String>, what: &str| {
        let message = format!(
            "context `{name}` names {what} `{}`, which is missing",
            wanted.value
        );
        file.at(wanted, problem(message))
    };
    let Some(wanted) = context.context.cluster.as_ref().filter(given) else {
        let message = format!("context `{name}` names no cluster");
        return Err(file.at(&context.name, problem(message)));
    };
    let (cluster_file, cluster) = find(
        files,
        |content| &content.clusters,
        |entry| &entry.name,
        &wanted.value,
    )
    .ok_or_else(|| missing(wanted, "cluster"))?;
    let mut access = Access {
        context: Some(name.to_owned()),
        user: None,
        cluster: Cluster::read(cluster_file, cluster, options)?,
        login: Login::Anonymous,
        identity: None,
        impersonation: HeaderMap::new(),
    };
    if let Some(wanted) = context.context.user.as_ref().filter(given) {
        let (file, user) = find(
            files,
            |content| &content.users,
            |entry| &entry.name,
            &wanted.value,
        )
        .ok_or_else(|| missing(wanted, "user"))?;
        let user = User { file, entry: user };
        access.user = Some(wanted.value.clone());
        access.identity = user.identity()?;
        access.login = user.login(options, &cluster.cluster)?;
        access.impersonation = user.impersonation()?;
    }
    Ok(access)
}

/// The first entry of that name, over all files: an earlier file's word counts.
fn find<'f, T>(
    files: &'f [Loaded],
    list: impl Fn(&'f Content) -> &'f [T],
    name_of: impl Fn(&T) -> &Spanned<String>,
    name: &str,
) -> Option<(&'f Loaded, &'f T)> {
    files.iter().find_map(|file| {
        let mut entries = list(&file.content).iter();
        Some((file, entries.find(|entry| name_of(entry).value == name)?))
    })
}

fn unknown_context(files: &[Loaded], name: &str) -> Diagnostic {
    let contexts = files.iter().flat_map(|file| &file.content.contexts);
    let help = match hint::closest(name, contexts.map(|context| context.name.value.as_str())) {
        Some(near) => format!("did you mean `{near}`?"),
        None if files.is_empty() => {
            "there is no kubeconfig: give one with `--kubeconfig`".to_owned()
        }
        None => "`kubectl config get-contexts` lists them".to_owned(),
    };
    let diagnostic = problem(format!("the kubeconfig has no context `{name}`")).help(help);
    match files.first() {
        Some(file) => file.whole(diagnostic),
        None => diagnostic,
    }
}
