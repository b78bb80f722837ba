//! Logging in: credential plugins, token files, certificates, impersonation.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use rbacform_kubernetes::{FreshToken, KubeconfigSource, KubernetesProvider, TokenSource};
use rbacform_provider::{ErrorKind, Provider, ProviderError};
use serde_json::{Value as Json, json};

use crate::control_plane::{ControlPlane, Credential};
use crate::world::World;

/// A plugin that notes each run and answers what the file `answer` holds.
fn plugin(folder: &Path, script: &str) -> Json {
    let path = folder.join("plugin");
    std::fs::write(
        &path,
        format!(
            "#!/bin/sh\ncd '{}'\necho run >> runs\n{script}\n",
            folder.display()
        ),
    )
    .unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
    json!({"exec": {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": "./plugin",
        "args": ["--secret-argument"],
        "env": [{"name": "SECRET", "value": "secret-variable"}],
        "interactiveMode": "Never",
        "installHint": "install the plugin",
    }})
}

fn answer(folder: &Path, status: &Json) {
    let credential = json!({"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": status});
    std::fs::write(folder.join("answer"), credential.to_string()).unwrap();
}

fn runs(folder: &Path) -> usize {
    std::fs::read_to_string(folder.join("runs"))
        .unwrap_or_default()
        .lines()
        .count()
}

fn connect(world: &World, user: &Json) -> KubernetesProvider {
    let mut options = world.kubeconfig(user);
    options
        .environment
        .insert("PATH".into(), "/usr/bin:/bin".into());
    KubernetesProvider::connect(&options).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_runs_once_and_again_when_the_server_refuses_its_token() {
    for world in World::all() {
        let (user, token) = world.nobody();
        let provider = connect(&world, &plugin(world.folder(), "cat answer"));
        answer(world.folder(), &json!({"token": token}));
        let asked = futures_util::future::join_all((0..8).map(|_| provider.identity())).await;
        assert!(asked.into_iter().all(|name| name.as_ref() == Ok(&user)));
        assert_eq!(runs(world.folder()), 1);

        let provider = connect(
            &world,
            &plugin(world.folder(), "cat answer; cp good answer"),
        );
        std::fs::copy(world.folder().join("answer"), world.folder().join("good")).unwrap();
        answer(world.folder(), &json!({"token": "expired"}));
        assert_eq!(provider.identity().await.unwrap(), user);
        assert_eq!(runs(world.folder()), 3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_runs_again_before_its_credential_ends() {
    let world = World::sandbox();
    let (_, token) = world.nobody();
    let provider = connect(&world, &plugin(world.folder(), "cat answer"));
    answer(
        world.folder(),
        &json!({"token": token, "expirationTimestamp": "2020-01-01T00:00:00Z"}),
    );
    provider.identity().await.unwrap();
    answer(
        world.folder(),
        &json!({"token": token, "expirationTimestamp": "2999-01-01T00:00:00Z"}),
    );
    provider.identity().await.unwrap();
    provider.identity().await.unwrap();
    assert_eq!(runs(world.folder()), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_plugin_says_or_is_given_is_never_shown() {
    let world = World::sandbox();
    let wrong_key = r#"echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"clientCertificateData":"secret-output","clientKeyData":"secret-output"}}'"#;
    for (script, expected) in [
        (
            "echo secret-output; echo secret-output >&2; exit 7",
            "failed with exit code 7",
        ),
        ("echo secret-output", "answered no ExecCredential"),
        ("kill -9 $$", "was killed by a signal"),
        (
            "echo '{}'",
            "did not answer an ExecCredential of `client.authentication.k8s.io/v1`",
        ),
        (wrong_key, "the client certificate is no PEM certificate"),
    ] {
        let provider = connect(&world, &plugin(world.folder(), script));
        let error = provider.identity().await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Unauthenticated);
        assert!(error.message.contains(expected), "{error}");
        assert_eq!(error.help.as_deref(), Some("install the plugin"));
        assert!(!format!("{error:?}").contains("secret"), "{error:?}");
    }
    let mut user = plugin(world.folder(), "");
    std::fs::write(world.folder().join("runs"), "").unwrap();
    let failing = connect(&world, &plugin(world.folder(), "exit 1"));
    let asked = futures_util::future::join_all((0..8).map(|_| failing.identity())).await;
    assert!(asked.iter().all(Result::is_err));
    assert_eq!(runs(world.folder()), 1, "all who wait hear of one failure");

    user["exec"]["command"] = "no-such-plugin".into();
    let error = connect(&world, &user).identity().await.unwrap_err();
    assert!(
        error.message.contains("`no-such-plugin` was not found"),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_is_told_what_it_asks_for() {
    let world = World::sandbox();
    let (_, token) = world.nobody();
    let mut user = plugin(
        world.folder(),
        r#"echo "$KUBERNETES_EXEC_INFO" > info; echo "$SECRET" > variable; cat answer"#,
    );
    user["exec"]["provideClusterInfo"] = true.into();
    answer(world.folder(), &json!({"token": token}));
    connect(&world, &user).identity().await.unwrap();
    let info: Json =
        serde_json::from_slice(&std::fs::read(world.folder().join("info")).unwrap()).unwrap();
    assert_eq!(
        info["spec"],
        json!({"interactive": false, "cluster": {"server": world.url()}})
    );
    assert_eq!(
        std::fs::read_to_string(world.folder().join("variable")).unwrap(),
        "secret-variable\n"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_file_is_trimmed_and_read_again_when_it_is_refused() {
    for world in World::all() {
        let (user, token) = world.nobody();
        let path = world.folder().join("token");
        std::fs::write(&path, format!("{token}\n")).unwrap();
        let provider = connect(&world, &json!({"tokenFile": "token"}));
        assert_eq!(provider.identity().await.unwrap(), user);

        std::fs::write(&path, "expired").unwrap();
        let provider = connect(&world, &json!({"tokenFile": "token"}));
        let error = provider.identity().await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Unauthenticated);
        assert!(error.help.unwrap().contains("user `u` of the kubeconfig"));
        std::fs::write(&path, &token).unwrap();
        assert_eq!(provider.identity().await.unwrap(), user);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_may_act_as_another() {
    // The sandbox knows no impersonation.
    for world in World::all().into_iter().skip(1) {
        let user =
            json!({"token": world.admin_token(), "as": "ana@example.com", "as-groups": ["ops"]});
        assert_eq!(
            connect(&world, &user).identity().await.unwrap(),
            "ana@example.com"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_certificate_logs_in_from_the_kubeconfig_and_from_a_plugin() {
    let Some(plane) = ControlPlane::shared() else {
        return;
    };
    let identity = plane.certificate("cert-user", &[]);
    let Credential::Certificate { certificate, key } = &identity.credential else {
        panic!("no certificate")
    };
    let world = World::all().pop().unwrap();
    let user = json!({"client-certificate-data": certificate, "client-key-data": key});
    assert_eq!(
        connect(&world, &user).identity().await.unwrap(),
        "cert-user"
    );

    let pem = |data: &str| {
        use base64::Engine as _;
        String::from_utf8(
            base64::engine::general_purpose::STANDARD
                .decode(data)
                .unwrap(),
        )
        .unwrap()
    };
    let provider = connect(&world, &plugin(world.folder(), "cat answer"));
    answer(
        world.folder(),
        &json!({"clientCertificateData": pem(certificate), "clientKeyData": pem(key)}),
    );
    assert_eq!(provider.identity().await.unwrap(), "cert-user");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_nobody_vouches_for_is_refused() {
    let Some(plane) = ControlPlane::shared() else {
        return;
    };
    let world = World::all().pop().unwrap();
    let options = world.kubeconfig(&json!({"token": "secret-token"}));
    let text = std::fs::read_to_string(world.folder().join("kubeconfig")).unwrap();
    let mut config: Json = serde_json::from_str(&text).unwrap();
    config["clusters"][0]["cluster"]
        .as_object_mut()
        .unwrap()
        .remove("certificate-authority");
    std::fs::write(world.folder().join("kubeconfig"), config.to_string()).unwrap();
    let provider = KubernetesProvider::connect(&options).unwrap();
    let error = provider.identity().await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Configuration, "{error}");
    assert!(
        error.message.contains(plane.server_url()) && error.message.contains("certificate"),
        "{error}"
    );

    config["clusters"][0]["cluster"]["insecure-skip-tls-verify"] = true.into();
    config["users"][0]["user"]["token"] = world.admin_token().into();
    std::fs::write(world.folder().join("kubeconfig"), config.to_string()).unwrap();
    let provider = KubernetesProvider::connect(&options).unwrap();
    assert_eq!(provider.identity().await.unwrap(), "admin");
}

/// A cloud that gives `first`, and `good` where that was refused; notes what it was asked.
struct Cloud {
    first: String,
    good: String,
    asked: std::sync::Mutex<Vec<bool>>,
    lifetime: Option<std::time::Duration>,
}

#[async_trait::async_trait]
impl TokenSource for Cloud {
    async fn token(&self, refused: bool) -> Result<FreshToken, ProviderError> {
        self.asked.lock().unwrap().push(refused);
        let token = if refused { &self.good } else { &self.first };
        Ok(FreshToken {
            token: token.clone().into(),
            good_for: self.lifetime,
        })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clouds_token_is_renewed_before_it_ends_and_once_where_it_is_refused() {
    let world = World::sandbox();
    let (user, token) = world.nobody();
    let connect = |cloud: &std::sync::Arc<Cloud>| {
        let mut options = world.kubeconfig(&json!({}));
        options.kubeconfig = KubeconfigSource::Cloud {
            url: world.url(),
            authorities: None,
            tokens: cloud.clone(),
            user: Some("ana@example.com".to_owned()),
        };
        KubernetesProvider::connect(&options).unwrap()
    };
    let cloud = |first: &str, lifetime| {
        std::sync::Arc::new(Cloud {
            first: first.to_owned(),
            good: token.clone(),
            asked: std::sync::Mutex::default(),
            lifetime,
        })
    };
    let refused = cloud("expired", None);
    let provider = connect(&refused);
    assert_eq!(
        provider.target().user.as_deref(),
        Some("ana@example.com"),
        "who it is said to be before the server is asked"
    );
    assert_eq!(provider.identity().await.unwrap(), user);
    assert_eq!(*refused.asked.lock().unwrap(), [false, true]);

    // Ten seconds before its end a token is old.
    let short = cloud(&token, Some(std::time::Duration::from_secs(5)));
    let provider = connect(&short);
    provider.identity().await.unwrap();
    provider.identity().await.unwrap();
    assert_eq!(*short.asked.lock().unwrap(), [false, false]);
    let long = cloud(&token, Some(std::time::Duration::from_secs(3600)));
    let provider = connect(&long);
    provider.identity().await.unwrap();
    provider.identity().await.unwrap();
    assert_eq!(*long.asked.lock().unwrap(), [false]);
}
