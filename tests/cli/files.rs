//! Which files are written, by whom, and who may read them.

use std::fs;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rbacform_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::support::repo::{Repo, files_below};

const STACK: &str = "[kubernetes.namespace.team]\nname = \"team\"\n[kubernetes.service_account.bot]\nname = \"bot\"\nnamespace = \"team\"\n[outputs.n]\nvalue = \"team\"\n";

/// A repository whose kubeconfig leads to a sandbox of its own.
fn scene() -> (Sandbox, Repo) {
    let sandbox = Sandbox::builder().start().unwrap();
    let repo = Repo::new(
        "main",
        &json!({
            "clusters": [{"name": "c", "cluster": {"server": sandbox.url()}}],
            "users": [{"name": "u", "user": {"token": sandbox.admin_token()}}],
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
            "current-context": "c",
        }),
    );
    repo.stack(STACK);
    (sandbox, repo)
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn what_only_reads_writes_nothing() {
    let (_sandbox, repo) = scene();
    let reading: [&[&str]; 12] = [
        &["validate", "stacks/main"],
        &["fmt", "stacks/main", "--check"],
        &["plan", "stacks/main"],
        &["plan", "stacks/main", "--refresh-only"],
        &["plan", "stacks/main", "--destroy", "--json"],
        &["drift", "stacks/main"],
        &["graph", "stacks/main"],
        &["output", "stacks/main"],
        &["state", "list", "stacks/main"],
        &["show", "--state", "stacks/main"],
        &["schema"],
        &["completions", "bash"],
    ];
    repo.run(&["fmt", "stacks/main"]).exits(0);
    let try_all = || {
        let before = files_below(repo.everything());
        for args in reading {
            repo.run(args).exits(0);
            assert!(
                files_below(repo.everything()) == before,
                "{args:?} wrote something"
            );
        }
    };
    try_all();
    repo.apply();
    try_all();
}

#[test]
fn refused_plans_write_nothing() {
    let (sandbox, repo) = scene();
    let saved = repo.root().join("a.plan");
    repo.run(&["plan", "stacks/main", "--out", "a.plan"])
        .exits(0);
    repo.stack("[kubernetes.namespace.team]\nname = \"team-2\"\n");
    let before = files_below(repo.everything());
    sandbox.reset_requests();
    repo.run(&["apply", "a.plan"]).exits(4);
    let writes = sandbox
        .requests()
        .iter()
        .filter(|(key, _)| key.verb == "patch")
        .count();
    assert_eq!(writes, 0);
    let state = |files: Vec<(PathBuf, Vec<u8>)>| -> Vec<_> {
        let quiet = |(path, _): &(PathBuf, Vec<u8>)| !path.to_string_lossy().ends_with(".lock");
        files.into_iter().filter(quiet).collect()
    };
    assert!(
        state(files_below(repo.everything())) == state(before),
        "something was written"
    );
    assert!(saved.is_file());
}

#[test]
fn plans_and_state_are_their_owners_alone() {
    let (_sandbox, repo) = scene();
    repo.run(&["plan", "stacks/main", "--out", "a.plan"])
        .exits(0);
    assert_eq!(mode(&repo.root().join("a.plan")), 0o600);
    // A file that was there and open to all is no less private afterwards.
    fs::write(repo.root().join("b.plan"), "").unwrap();
    fs::set_permissions(repo.root().join("b.plan"), PermissionsExt::from_mode(0o644)).unwrap();
    repo.run(&["plan", "stacks/main", "--out", "b.plan"])
        .exits(0);
    assert_eq!(mode(&repo.root().join("b.plan")), 0o600);
    repo.apply();
    repo.run(&["apply", "stacks/main", "--sandbox"]).exits(0);
    let kept = files_below(&repo.root().join("state")).into_iter();
    let rehearsed = files_below(&repo.root().join(".rbacform"));
    let all: Vec<PathBuf> = kept.chain(rehearsed).map(|(path, _)| path).collect();
    assert!(all.len() >= 5, "{all:?}");
    for path in all {
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

#[test]
fn fmt_keeps_comments_and_mode() {
    let repo = Repo::new("main", &Value::Null);
    let path = repo.root().join("stacks/main/stack.toml");
    repo.write(
        "stacks/main/stack.toml",
        "# first\n[stack]   # beside\nname   =  \"main\" # a name\n\n\n\n# last\n",
    );
    fs::set_permissions(&path, PermissionsExt::from_mode(0o640)).unwrap();
    repo.run(&["fmt", "stacks/main"]).exits(0);
    let formatted = fs::read_to_string(&path).unwrap();
    for kept in [
        "# first",
        "# beside",
        "name = \"main\"",
        "# a name",
        "# last",
    ] {
        assert!(formatted.contains(kept), "{kept} in {formatted}");
    }
    assert_eq!(mode(&path), 0o640);
    repo.run(&["fmt", "--check", "stacks/main"]).exits(0);
}

#[test]
fn a_sandbox_leaves_real_state_alone() {
    let repo = Repo::new("main", &Value::Null);
    repo.stack(STACK);
    repo.run(&["apply", "stacks/main", "--sandbox"]).exits(0);
    assert!(!repo.root().join("state").exists());
    assert!(repo.root().join(".rbacform/sandbox/main.json").is_file());
}

#[test]
fn state_is_where_the_flag_or_the_environment_says() {
    let (_sandbox, repo) = scene();
    let there = repo.root().join("elsewhere.json");
    repo.run(&["apply", "stacks/main", "--yes", "--state", "elsewhere.json"])
        .exits(0);
    assert_eq!(mode(&there), 0o600);
    assert!(!repo.root().join("state").exists());
    let listed = repo
        .run_with(&["state", "list", "stacks/main"], |command| {
            command.env("RBACFORM_STATE", &there);
        })
        .exits(0);
    assert_eq!(listed.stdout.lines().count(), 2, "{}", listed.told());
}

#[test]
fn a_reader_that_leaves_is_no_error() {
    let (_sandbox, repo) = scene();
    for args in [
        &["plan", "stacks/main", "--json"][..],
        &["completions", "zsh"],
        &["schema"],
        &["--help"],
    ] {
        let mut child = repo.command(args).spawn().unwrap();
        let mut first = [0; 1];
        child.stdout.take().unwrap().read_exact(&mut first).unwrap();
        // Its end of the pipe is closed now.
        let output = child.wait_with_output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(
            !told.contains("panicked") && !told.contains("roken pipe"),
            "{args:?}: {told}"
        );
        assert_eq!(output.status.code(), Some(0), "{args:?}: {told}");
    }
}

#[test]
fn colour_is_for_those_who_ask() {
    let repo = Repo::new("main", &Value::Null);
    repo.stack(STACK);
    let plan = ["plan", "stacks/main", "--sandbox"];
    let with = |more: &[&str], no_color: bool| {
        repo.run_with(&[&plan, more].concat(), |command| {
            if no_color {
                command.env("NO_COLOR", "1");
            }
        })
        .exits(0)
    };
    for (more, no_color) in [
        (&[][..], false),
        (&[], true),
        (&["--color", "never"], false),
    ] {
        assert!(!with(more, no_color).stdout.contains('\u{1b}'), "{more:?}");
    }
    assert!(
        with(&["--color", "always"], false)
            .stdout
            .contains('\u{1b}')
    );
    // The flag is nearer than the environment.
    assert!(with(&["--color", "always"], true).stdout.contains('\u{1b}'));
}
