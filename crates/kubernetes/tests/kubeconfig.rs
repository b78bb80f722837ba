//! Kubeconfigs as kubectl reads them, and what is said of bad ones. Nothing here is sent.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

use std::path::Path;

use rbacform_core::{Diagnostic, Place};
use rbacform_kubernetes::{ConnectOptions, KubeconfigSource, KubernetesProvider};
use tempfile::TempDir;

const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----
MIIBfTCCASOgAwIBAgIUdummydummydummydummydummydummywCgYIKoZIzj0E
-----END CERTIFICATE-----
";
/// Something that must never be in a message.
const SECRET: &str = "c2VjcmV0";

fn folder(text: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("config"), text).unwrap();
    std::fs::write(folder.path().join("ca.crt"), CERTIFICATE).unwrap();
    std::fs::write(folder.path().join("empty"), "").unwrap();
    folder
}

fn options(folder: &Path) -> ConnectOptions {
    ConnectOptions {
        kubeconfig: KubeconfigSource::File(folder.join("config")),
        ..ConnectOptions::default()
    }
}

fn refused(options: &ConnectOptions) -> Diagnostic {
    match KubernetesProvider::connect(options) {
        Ok(provider) => panic!("connected to {:?}", provider.target()),
        Err(diagnostic) => diagnostic,
    }
}

/// `LINE:COLUMN MESSAGE (HELP)`, or without a place.
fn told(diagnostic: &Diagnostic) -> String {
    assert_eq!(diagnostic.code, "kubeconfig");
    let place = match &diagnostic.place {
        Some(Place::File(location)) => format!("{}:{} ", location.line, location.column),
        _ => String::new(),
    };
    let help = diagnostic
        .help
        .as_ref()
        .map(|help| format!(" ({help})"))
        .unwrap_or_default();
    format!("{place}{}{help}", diagnostic.message)
}

/// A kubeconfig with one of everything; `cluster` and `user` are flow maps.
fn config(cluster: &str, user: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: x\n\
         contexts: [{{name: x, context: {{cluster: c, user: u}}}}]\n\
         clusters:\n- name: c\n  cluster: {cluster}\n\
         users:\n- name: u\n  user: {user}\n"
    )
}

const SERVER: &str = "{server: 'https://h:6443'}";

/// Name of the case, file, and what is said.
fn bad() -> Vec<(&'static str, String, &'static str)> {
    let user = |user: &str| config(SERVER, user);
    let cluster = |cluster: &str| config(cluster, "{token: c2VjcmV0}");
    vec![
        (
            "no yaml",
            format!("a: [{SECRET}"),
            "1:4 this is not the kubeconfig format (the text there is left out, since it may hold a credential)",
        ),
        (
            "wrong type",
            format!("clusters: {SECRET}"),
            "1:11 this is not the kubeconfig format (the text there is left out, since it may hold a credential)",
        ),
        (
            "wrong type inside",
            format!("users:\n- name: u\n  user:\n    token: [{SECRET}]"),
            "4:12 this is not the kubeconfig format (the text there is left out, since it may hold a credential)",
        ),
        (
            "entry without a name",
            "clusters:\n- cluster: {}".to_owned(),
            "2:3 this is not the kubeconfig format (the text there is left out, since it may hold a credential)",
        ),
        (
            "another kind",
            "kind: Pod".to_owned(),
            "1:7 `Pod` is no kubeconfig",
        ),
        (
            "empty",
            String::new(),
            "1:1 the kubeconfig has no current context (name one with `--context`, or in the stack's `[providers.kubernetes]`)",
        ),
        (
            "no current context",
            "contexts: [{name: x, context: {cluster: c}}]".to_owned(),
            "1:1 the kubeconfig has no current context (name one with `--context`, or in the stack's `[providers.kubernetes]`)",
        ),
        (
            "missing context",
            "current-context: prod\ncontexts: [{name: produ}]".to_owned(),
            "1:1 the kubeconfig has no context `prod` (did you mean `produ`?)",
        ),
        (
            "far context",
            "current-context: x\ncontexts: [{name: production}]".to_owned(),
            "1:1 the kubeconfig has no context `x` (`kubectl config get-contexts` lists them)",
        ),
        (
            "context without a cluster",
            "current-context: x\ncontexts:\n- name: x\n  context: {user: u}".to_owned(),
            "3:9 context `x` names no cluster",
        ),
        (
            "null context",
            "current-context: x\ncontexts:\n- name: x\n  context:".to_owned(),
            "3:9 context `x` names no cluster",
        ),
        (
            "missing cluster",
            "current-context: x\ncontexts:\n- name: x\n  context: {cluster: c}".to_owned(),
            "4:22 context `x` names cluster `c`, which is missing",
        ),
        (
            "missing user",
            format!(
                "current-context: x\ncontexts:\n- name: x\n  context: {{cluster: c, user: u}}\nclusters: [{{name: c, cluster: {SERVER}}}]"
            ),
            "4:31 context `x` names user `u`, which is missing",
        ),
        ("no server", cluster("{}"), "6:9 cluster `c` has no server"),
        (
            "a server that is no URL",
            cluster("{server: 'https://a b'}"),
            "7:21 the server of cluster `c` is no URL (write `https://HOST:PORT`)",
        ),
        (
            "a server of another scheme",
            cluster("{server: 'ftp://h'}"),
            "7:21 the server of cluster `c` is no https or http URL (write `https://HOST:PORT`)",
        ),
        (
            "a server with a password",
            cluster("{server: 'https://u:c2VjcmV0@h'}"),
            "7:21 the server of cluster `c` may not hold a user or password (write `https://HOST:PORT`)",
        ),
        (
            "authority that is no base64",
            cluster("{server: 'https://h', certificate-authority-data: '%%%'}"),
            "7:62 `certificate-authority-data` of cluster `c` cannot be used: it is not base64",
        ),
        (
            "authority that is no PEM",
            cluster("{server: 'https://h', certificate-authority-data: c2VjcmV0}"),
            "7:62 `certificate-authority-data` of cluster `c` cannot be used: it holds no PEM certificate",
        ),
        (
            "missing authority",
            cluster("{server: 'https://h', certificate-authority: nowhere}"),
            "7:57 `certificate-authority` of cluster `c` cannot be used: no such file",
        ),
        (
            "empty authority",
            cluster("{server: 'https://h', certificate-authority: empty}"),
            "7:57 `certificate-authority` of cluster `c` cannot be used: it holds no PEM certificate",
        ),
        (
            "a proxy of another scheme",
            cluster("{server: 'https://h', proxy-url: 'ftp://p'}"),
            "7:45 the `proxy-url` of cluster `c` is no URL of a proxy (write `http://`, `https://` or `socks5://`)",
        ),
        (
            "certificate without a key",
            user("{client-certificate: ca.crt}"),
            "9:9 `client-key` of user `u` cannot be used: it is missing",
        ),
        (
            "key without a certificate",
            user("{client-key-data: c2VjcmV0}"),
            "9:9 `client-certificate` of user `u` cannot be used: it is missing",
        ),
        (
            "certificate that is no base64",
            user("{client-certificate-data: '%', client-key-data: c2VjcmV0}"),
            "10:35 `client-certificate-data` of user `u` cannot be used: it is not base64",
        ),
        (
            "key that is no base64",
            user("{client-certificate: ca.crt, client-key-data: '%c2VjcmV0'}"),
            "9:9 `client-key-data` of user `u` cannot be used: it is not base64",
        ),
        (
            "certificate that is no PEM",
            user("{client-certificate-data: c2VjcmV0, client-key-data: c2VjcmV0}"),
            "9:9 `client-certificate` of user `u` cannot be used: the client certificate is no PEM certificate",
        ),
        (
            "key that is no PEM",
            user("{client-certificate: ca.crt, client-key-data: c2VjcmV0}"),
            "9:9 `client-certificate` of user `u` cannot be used: the client key is no PEM private key",
        ),
        (
            "missing certificate",
            user("{client-certificate: nowhere, client-key: nowhere}"),
            "10:30 `client-certificate` of user `u` cannot be used: no such file",
        ),
        (
            "missing token file",
            user("{tokenFile: nowhere}"),
            "10:21 `tokenFile` of user `u` cannot be used: no such file",
        ),
        (
            "auth provider",
            user("{auth-provider: {name: gcp, config: {access-token: c2VjcmV0}}}"),
            "10:32 user `u` logs in through `auth-provider` `gcp`, which kubectl no longer knows (use the credential plugin of your cloud, e.g. `gke-gcloud-auth-plugin`)",
        ),
        (
            "plugin without a command",
            user("{exec: {apiVersion: client.authentication.k8s.io/v1}}"),
            "9:9 the credential plugin of user `u` has no command",
        ),
        (
            "plugin without a version",
            user("{exec: {command: p, args: [c2VjcmV0]}}"),
            "9:9 the credential plugin of user `u` has no known `apiVersion` (write `apiVersion: client.authentication.k8s.io/v1`)",
        ),
        (
            "plugin of an old version",
            user("{exec: {command: p, apiVersion: client.authentication.k8s.io/v1alpha1}}"),
            "10:41 the credential plugin of user `u` has no known `apiVersion` (write `apiVersion: client.authentication.k8s.io/v1`)",
        ),
        (
            "plugin that needs a terminal",
            user(
                "{exec: {command: p, apiVersion: client.authentication.k8s.io/v1, interactiveMode: Always}}",
            ),
            "10:91 the credential plugin of user `u` needs a terminal (run this on a terminal, or log in another way)",
        ),
        (
            "plugin of an unknown mode",
            user(
                "{exec: {command: p, apiVersion: client.authentication.k8s.io/v1, interactiveMode: Perhaps}}",
            ),
            "10:91 `interactiveMode` must be `Never`, `IfAvailable` or `Always`",
        ),
        (
            "groups without a user",
            user("{token: c2VjcmV0, as-groups: [ops]}"),
            "9:9 `as` of user `u` cannot be used: it acts as a group or uid but names no user",
        ),
        (
            "a user that fits no header",
            user(r#"{token: c2VjcmV0, as: "a\nb"}"#),
            "9:9 `as` of user `u` cannot be used: it holds characters that no header may hold",
        ),
    ]
}

#[test]
fn each_bad_kubeconfig_is_told_with_its_place_and_without_its_secrets() {
    for (case, text, expected) in bad() {
        let folder = folder(&text);
        let diagnostic = refused(&options(folder.path()));
        assert_eq!(told(&diagnostic), expected, "{case}");
        assert!(!format!("{diagnostic:?}").contains(SECRET), "{case}");
    }
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let folder = folder("");
    let mut options = options(folder.path());
    options.kubeconfig = KubeconfigSource::File(folder.path().join("nowhere"));
    assert_eq!(
        told(&refused(&options)),
        "1:1 the kubeconfig cannot be read: no such file"
    );
    options.kubeconfig = KubeconfigSource::File(folder.path().to_owned());
    assert_eq!(
        told(&refused(&options)),
        "1:1 the kubeconfig cannot be read: it is a directory"
    );
    std::fs::write(folder.path().join("config"), [0xff, 0xfe, 0xfd]).unwrap();
    options.kubeconfig = KubeconfigSource::File(folder.path().join("config"));
    assert_eq!(
        told(&refused(&options)),
        "1:1 the kubeconfig cannot be read: it is not UTF-8"
    );
}

#[test]
fn without_any_kubeconfig_it_says_where_it_looked() {
    let home = tempfile::tempdir().unwrap();
    let mut options = ConnectOptions {
        home: Some(home.path().to_owned()),
        ..ConnectOptions::default()
    };
    let path = home.path().join(".kube/config");
    let told_help = " (give one with `--kubeconfig` or `KUBECONFIG`, or try `--sandbox`)";
    assert_eq!(
        told(&refused(&options)),
        format!(
            "no kubeconfig was found: there is no `{}`{told_help}",
            path.display()
        )
    );
    options.kubeconfig = KubeconfigSource::List("/nowhere:/neither".into());
    assert_eq!(
        told(&refused(&options)),
        format!("no kubeconfig was found: none of the files of `KUBECONFIG` exists{told_help}")
    );
    options.context = Some("prod".to_owned());
    assert!(told(&refused(&options)).starts_with("the kubeconfig has no context `prod`"));
    options.in_cluster = true;
    assert!(told(&refused(&options)).starts_with("`in_cluster` is set, but this is no pod"));
}

#[test]
fn several_files_are_merged_and_the_first_word_counts() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write(
        "one",
        "contexts: [{name: x, context: {cluster: c, user: u}}]\ncurrent-context: ''\nusers: null",
    );
    write(
        "two",
        "current-context: x\nclusters: [{name: c, cluster: {server: 'https://first:1/prefix/'}}]\nusers: [{name: u, user: {token: t}}]\nextra: {left: alone}",
    );
    write(
        "three",
        "current-context: y\nclusters: [{name: c, cluster: {server: 'https://second'}}]",
    );
    let names = ["one", "nowhere", "two", "three"].map(|name| folder.path().join(name));
    let list = std::env::join_paths(names).unwrap();
    let options = ConnectOptions {
        kubeconfig: KubeconfigSource::List(list),
        ..ConnectOptions::default()
    };
    let target = KubernetesProvider::connect(&options).unwrap().target();
    assert_eq!(target.server, "https://first:1/prefix");
    assert_eq!(target.context.as_deref(), Some("x"));
    assert_eq!(target.user.as_deref(), Some("u"));
}

#[test]
fn the_home_directory_has_the_default_file() {
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join(".kube")).unwrap();
    std::fs::write(
        home.path().join(".kube/config"),
        config("{server: 'h:8080'}", "{}"),
    )
    .unwrap();
    let options = ConnectOptions {
        home: Some(home.path().to_owned()),
        context: Some("x".to_owned()),
        ..ConnectOptions::default()
    };
    let target = KubernetesProvider::connect(&options).unwrap().target();
    assert_eq!(
        target.server, "http://h:8080",
        "as kubectl: without a scheme it is http"
    );
}
