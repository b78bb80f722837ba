//! Logins, as kubectl reads them from a kubeconfig.

use std::fs;

use serde_json::{Value, json};

use crate::support::repo::{Ran, write_private};
use crate::support::scene::Scene;
use crate::support::world::{Server, base64};

const ROLE: &str = "[kubernetes.cluster_role.it]\nname = \"TAG-it\"\nrules = []\n";

/// A kubeconfig whose one user logs in like this.
fn with_user(scene: &Scene, user: &Value) -> Value {
    let mut config = scene.world.kubeconfig(&[&scene.login]);
    config["users"][0]["user"] = user.clone();
    config
}

/// Logs in like this; that everything works, as the scene's user.
fn works(scene: &Scene, user: &Value) {
    scene.repo.log_in(&with_user(scene, user));
    let plan = scene.repo.plan();
    let world = &plan["world"]["kubernetes"][0];
    assert_eq!(world["identity"], json!(scene.login.user));
    assert_eq!(world["server"], json!(scene.world.url()));
    scene.repo.apply();
    scene
        .repo
        .run(&["destroy", "stacks/main", "--yes"])
        .exits(0);
}

fn fails(scene: &Scene, user: &Value) -> Ran {
    scene.repo.log_in(&with_user(scene, user));
    scene.repo.stack(ROLE);
    scene.repo.run(&["plan", "stacks/main", "--json"]).exits(1)
}

pub(crate) fn token_login(scene: &Scene) {
    scene.repo.stack(ROLE);
    works(scene, &json!({"token": scene.login.token}));
    write_private(
        &scene.repo.home().join("token"),
        &format!("{}\n", scene.login.token),
    );
    works(scene, &json!({"tokenFile": "home/token"}));
}

pub(crate) fn client_certificate_login(scene: &Scene) {
    let Server::ControlPlane(plane) = &scene.world.server else {
        panic!("the sandbox serves plain HTTP");
    };
    let named = plane.certificate(&scene.login.user, &["testers"]);
    let user = plane.kubeconfig_value(&[&named])["users"][0]["user"].clone();
    scene.repo.stack(ROLE);
    works(scene, &user);
}

/// A credential plugin that runs this script, and notes each of its runs in `home/runs`.
fn plugin(scene: &Scene, script: &str) -> Value {
    let path = scene.repo.home().join("plugin");
    let runs = scene.repo.home().join("runs");
    fs::write(
        &path,
        format!("#!/bin/sh\necho run >> '{}'\n{script}\n", runs.display()),
    )
    .unwrap();
    let mut permissions = path.metadata().unwrap().permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o700);
    fs::set_permissions(&path, permissions).unwrap();
    json!({"exec": {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": path,
        "args": ["get", "token"],
        "env": [{"name": "PLUGIN_REGION", "value": "europe"}],
        "interactiveMode": "Never",
        "provideClusterInfo": false,
    }})
}

fn runs(scene: &Scene) -> usize {
    fs::read_to_string(scene.repo.home().join("runs"))
        .unwrap_or_default()
        .lines()
        .count()
}

pub(crate) fn exec_plugin_login(scene: &Scene) {
    let credential = json!({
        "apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential",
        "status": {"token": scene.login.token},
    });
    let checks = "[ \"$1 $2 $PLUGIN_REGION $HOME\" = \"get token europe $HOME\" ] || exit 7";
    let user = plugin(scene, &format!("{checks}\ncat <<'END'\n{credential}\nEND"));
    scene.repo.stack(ROLE);
    scene.repo.log_in(&with_user(scene, &user));
    scene.repo.apply();
    assert_eq!(runs(scene), 1, "once a run, however many requests");
    scene
        .repo
        .run(&["destroy", "stacks/main", "--yes"])
        .exits(0);
    works(scene, &user);
}

pub(crate) fn exec_plugin_that_fails_says_so(scene: &Scene) {
    let failed = fails(
        scene,
        &plugin(scene, "echo 'please log in again' >&2\nexit 3"),
    );
    let diagnostic = failed.json()["diagnostics"][0].clone();
    let message = diagnostic["message"].as_str().unwrap();
    assert!(
        message.contains("home/plugin") && message.contains('3'),
        "{message}"
    );
    // What it says may hold a credential.
    assert!(
        !failed.told().contains("please log in again"),
        "{}",
        failed.told()
    );
    assert!(
        failed.stdout.contains("kubectl get --raw"),
        "{}",
        failed.told()
    );
    let missing = json!({"exec": {
        "apiVersion": "client.authentication.k8s.io/v1", "command": "no-such-plugin",
        "interactiveMode": "Never", "installHint": "install it from example.com",
    }});
    let failed = fails(scene, &missing);
    assert!(
        failed.stdout.contains("no-such-plugin"),
        "{}",
        failed.told()
    );
    assert!(
        failed.stdout.contains("install it from example.com"),
        "{}",
        failed.told()
    );
}

pub(crate) fn expired_token_says_so(scene: &Scene) {
    let failed = fails(scene, &json!({"token": "expired"}));
    assert_eq!(failed.codes(), ["unauthenticated"]);
    assert!(
        failed
            .stdout
            .contains(&format!("user `{}`", scene.login.user)),
        "{}",
        failed.told()
    );
}

pub(crate) fn unreachable_server_says_so(scene: &Scene) {
    let mut config = scene.world.kubeconfig(&[&scene.login]);
    // Nothing listens on port 1.
    config["clusters"][0]["cluster"]["server"] = json!("http://127.0.0.1:1");
    scene.repo.log_in(&config);
    scene.repo.stack(ROLE);
    let failed = scene.repo.run(&["plan", "stacks/main", "--json"]).exits(1);
    assert_eq!(failed.codes(), ["unavailable"]);
    assert!(
        failed.stdout.contains("http://127.0.0.1:1"),
        "{}",
        failed.told()
    );
}

pub(crate) fn named_context_wins(scene: &Scene) {
    let nobody = scene.world.new_user();
    scene
        .repo
        .log_in(&scene.world.kubeconfig(&[&nobody, &scene.login]));
    scene.repo.stack(ROLE);
    let identity = |args: &[&str]| {
        let args = [&["plan", "stacks/main", "--json"], args].concat();
        let plan = scene.repo.run(&args).exits(0).json();
        let world = plan["world"]["kubernetes"][0].clone();
        (world["context"].clone(), world["identity"].clone())
    };
    let ours = json!(scene.login.user);
    // Who may read nothing still learns what the server refuses.
    let refused = scene.repo.run(&["plan", "stacks/main", "--json"]).exits(1);
    assert_eq!(refused.codes(), ["forbidden"], "{}", refused.told());
    assert!(refused.stdout.contains(&nobody.user), "{}", refused.told());
    assert_eq!(
        identity(&["--context", &scene.login.user]),
        (ours.clone(), ours.clone())
    );
    let chosen = format!(
        "{ROLE}[providers.kubernetes]\ncontext = \"{}\"\n",
        scene.login.user
    );
    scene.repo.stack(&chosen);
    assert_eq!(identity(&[]), (ours.clone(), ours.clone()));
    // A second file is merged in, the first wins.
    let second = scene.repo.home().join("second");
    write_private(
        &second,
        &scene.world.kubeconfig(&[&scene.login]).to_string(),
    );
    scene.repo.log_in(&scene.world.kubeconfig(&[&nobody]));
    let both = format!("{}:{}", scene.repo.kubeconfig().display(), second.display());
    let plan = scene
        .repo
        .run_with(&["plan", "stacks/main", "--json"], |command| {
            command.env("KUBECONFIG", both);
        });
    assert_eq!(
        plan.exits(0).json()["world"]["kubernetes"][0]["identity"],
        ours
    );
    let missing = scene
        .repo
        .run(&["plan", "stacks/main", "--json", "--context", "nowhere"])
        .exits(1);
    assert!(missing.stdout.contains("`nowhere`"), "{}", missing.told());
    let inline = with_user(
        scene,
        &json!({
            "client-certificate-data": base64(b"no certificate"), "client-key-data": base64(b"no key"),
        }),
    );
    scene.repo.log_in(&inline);
    if matches!(scene.world.server, Server::ControlPlane(_)) {
        scene.repo.run(&["plan", "stacks/main"]).exits(1);
    }
}
