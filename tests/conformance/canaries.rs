//! No secret is ever written: canaries planted wherever secrets come from, and searched for in
//! everything that comes out.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::support::repo::{Ran, files_below};
use crate::support::scene::Scene;
use crate::support::world::base64;

const CANARY: &str = "canary-9f31c7";

/// What came out of every run.
struct Nest<'a> {
    scene: &'a Scene,
    secrets: Vec<String>,
    /// Where the secrets were planted.
    planted: Vec<PathBuf>,
    searched: usize,
}

impl<'a> Nest<'a> {
    fn new(scene: &'a Scene) -> Self {
        let planted = vec![scene.repo.kubeconfig(), scene.repo.home()];
        let secrets = vec![
            CANARY.to_owned(),
            base64(CANARY.as_bytes()),
            scene.login.token.clone(),
        ];
        Self {
            scene,
            secrets,
            planted,
            searched: 0,
        }
    }

    /// Runs, and searches what was said.
    fn run(&mut self, args: &[&str]) -> Ran {
        let password = ["RBACFORM_VAR_password", "RBACFORM_VAR_number"];
        let ran = self.scene.repo.run_with(args, |command| {
            command.env(password[0], CANARY).env("SOME_TOKEN", CANARY);
        });
        self.search(&ran.args, &ran.stdout);
        self.search(&ran.args, &ran.stderr);
        ran
    }

    /// Searches everything that was written.
    fn search_files(&mut self) -> usize {
        let mut files = files_below(self.scene.repo.everything());
        files.retain(|(path, _)| !self.planted.iter().any(|planted| path.starts_with(planted)));
        for (path, bytes) in &files {
            self.search(&path.display().to_string(), &String::from_utf8_lossy(bytes));
        }
        files.len()
    }

    fn search(&mut self, place: &str, text: &str) {
        for secret in &self.secrets {
            assert!(!text.contains(secret), "`{secret}` in {place}:\n{text}");
        }
        self.searched += text.len();
    }
}

const STACK: &str = r#"
[variables.password]
sensitive = true

[variables.team]
default = "a"

[kubernetes.role.reader]
name = "reader"
namespace = "TAG"
labels = { team = "${vars.team}" }
rules = [{ api_groups = [""], resources = ["pods"], verbs = ["get"] }]

[kubernetes.role.lost]
name = "lost"
namespace = "TAG-nowhere"
rules = []

[outputs.role]
value = "${kubernetes.role.reader.name}"
"#;

/// A plugin that hands out the token, and has a canary in its environment and arguments.
fn plugin(scene: &Scene, output: &str) -> Value {
    let path = scene.repo.home().join("plugin");
    fs::write(&path, format!("#!/bin/sh\ncat <<'END'\n{output}\nEND\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
    json!({"exec": {
        "apiVersion": "client.authentication.k8s.io/v1", "command": path,
        "args": ["--password", CANARY], "env": [{"name": "PASSWORD", "value": CANARY}],
        "interactiveMode": "Never",
    }})
}

fn log_in(scene: &Scene, user: &Value) {
    let mut config = scene.world.kubeconfig(&[&scene.login]);
    config["users"][0]["user"] = user.clone();
    // Another user's credentials lie in the same file.
    let other = json!({"name": "other", "user": {"token": CANARY, "client-key-data": base64(CANARY.as_bytes())}});
    config["users"].as_array_mut().unwrap().push(other);
    scene.repo.log_in(&config);
}

pub(crate) fn no_secret_is_ever_written(scene: &Scene) {
    scene.namespace();
    scene.repo.stack(STACK);
    let mut nest = Nest::new(scene);
    let credential = json!({
        "apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential",
        "status": {"token": scene.login.token},
    });
    for login in [
        json!({"token": scene.login.token}),
        plugin(scene, &credential.to_string()),
    ] {
        log_in(scene, &login);
        nest.run(&["validate", "stacks/main", "-v"]).exits(0);
        nest.run(&["plan", "stacks/main", "-v"]).exits(0);
        nest.run(&["plan", "stacks/main", "--json", "--out", "saved.plan", "-v"])
            .exits(0);
        nest.run(&["show", "saved.plan", "--json"]).exits(0);
        // One of two fails, so that failures and an audit record are there to be searched.
        let ended = nest.run(&["apply", "saved.plan", "-v", "--reason", "a test"]);
        assert!(matches!(ended.code, Some(1 | 3)), "{}", ended.told());
        nest.run(&["apply", "stacks/main", "--yes", "--json", "-v"])
            .exits(1);
        nest.run(&["drift", "stacks/main", "-v"]).exits(0);
        nest.run(&["show", "--state", "--json", "stacks/main"]);
        nest.run(&["state", "list", "stacks/main", "--json"])
            .exits(0);
        nest.run(&[
            "state",
            "show",
            "stacks/main",
            "kubernetes.role.reader",
            "--json",
        ])
        .exits(0);
        nest.run(&["output", "stacks/main", "--json"]).exits(0);
        nest.run(&["graph", "stacks/main"]).exits(0);
        nest.run(&[
            "plan",
            "stacks/main",
            "--var",
            "team=b",
            "--out",
            "other.plan",
        ])
        .exits(0);
        assert!(nest.search_files() >= 5, "state, audit, backups, plans");
        nest.run(&["destroy", "stacks/main", "--yes", "-v"])
            .exits(0);
        fs::remove_file(scene.repo.root().join("saved.plan")).unwrap();
    }
    nest.search_files();
    assert!(nest.searched > 10_000);
}

pub(crate) fn no_secret_is_told_in_failures(scene: &Scene) {
    scene
        .repo
        .stack("[kubernetes.cluster_role.it]\nname = \"TAG-it\"\nrules = []\n");
    let mut nest = Nest::new(scene);
    let key = |text: &str| {
        json!({
            "client-certificate-data": base64(text.as_bytes()), "client-key-data": base64(CANARY.as_bytes()),
        })
    };
    let pem = format!("-----BEGIN CERTIFICATE-----\n{CANARY}\n-----END CERTIFICATE-----\n");
    let odd = |status: Value| {
        json!({
            "apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": status,
        })
    };
    let logins = [
        json!({"token": CANARY}),
        json!({"token": format!("{CANARY}\nwith a second line")}),
        json!({"username": "ana", "password": CANARY}),
        json!({"token": {"nested": CANARY}}),
        json!({"client-certificate-data": CANARY, "client-key-data": CANARY}),
        key("no certificate"),
        key(&pem),
        json!({"auth-provider": {"name": "gcp", "config": {"access-token": CANARY}}}),
        plugin(scene, CANARY),
        plugin(
            scene,
            &odd(json!({"token": {"nested": CANARY}})).to_string(),
        ),
        plugin(
            scene,
            &odd(json!({"token": format!("{CANARY}\nsecond")})).to_string(),
        ),
        plugin(
            scene,
            &odd(json!({"clientKeyData": CANARY, "clientCertificateData": CANARY})).to_string(),
        ),
        plugin(scene, &format!("{{\"token\": \"{CANARY}\"")),
    ];
    for login in &logins {
        // Each plugin overwrote the one before.
        if let Some(path) = login.pointer("/exec/command") {
            assert!(PathBuf::from(path.as_str().unwrap()).is_file());
        }
        log_in(scene, login);
        for extra in [&["-v"][..], &["--json"]] {
            let ran = nest.run(&[&["apply", "stacks/main", "--yes"], extra].concat());
            assert!(matches!(ran.code, Some(0 | 1)), "{}", ran.told());
        }
    }
    let sides = [
        ("server", format!("https://ana:{CANARY}@127.0.0.1:1")),
        ("proxy-url", format!("http://ana:{CANARY}@127.0.0.1:1")),
        ("certificate-authority-data", base64(CANARY.as_bytes())),
    ];
    for (key, value) in sides {
        let mut config = scene.world.kubeconfig(&[&scene.login]);
        config["clusters"][0]["cluster"][key] = json!(value);
        scene.repo.log_in(&config);
        for extra in [&["-v"][..], &["--json"]] {
            nest.run(&[&["plan", "stacks/main"], extra].concat());
        }
    }
    scene.repo.log_in(&scene.world.kubeconfig(&[&scene.login]));
    let stacks = [
        "[variables.password]\nsensitive = true\ntype = \"number\"\n",
        "[variables.password]\nsensitive = true\n[kubernetes.cluster_role.it]\nname = \"TAG-${vars.password}\"\nrules = []\n",
        "[variables.password]\nsensitive = true\n[outputs.it]\nvalue = \"${vars.password}\"\n",
        "[variables.password]\nsensitive = true\nvalidation = { condition = \"vars.password == ''\", message = \"no\" }\n",
        "[providers.kubernetes]\ntoken = \"canary-9f31c7\"\n",
    ];
    for stack in stacks {
        scene.repo.stack(stack);
        let ran = nest.run(&["plan", "stacks/main"]);
        assert_ne!(ran.code, Some(0), "{stack}\n{}", ran.told());
    }
    nest.planted.push(scene.repo.root().join("stacks"));
    nest.search_files();
}
