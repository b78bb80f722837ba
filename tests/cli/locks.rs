//! A lock that another run holds.

use rbacform_state::{LocalStore, LockInfo};
use serde_json::Value;

use crate::support::repo::{Ran, Repo};

const STACK: &str = "[kubernetes.namespace.team]\nname = \"team\"\n";

fn info() -> LockInfo {
    LockInfo {
        id: "4711".to_owned(),
        operation: "apply".to_owned(),
        who: "bo".to_owned(),
        host: "desk".to_owned(),
        pid: 42,
        created: "2026-11-21T00:00:00Z".to_owned(),
    }
}

#[test]
fn a_held_lock_is_told_and_stops_what_writes() {
    let repo = Repo::new("main", &Value::Null);
    repo.stack(STACK);
    repo.run(&["apply", "stacks/main", "--sandbox"]).exits(0);
    let store = LocalStore::new(repo.root().join(".rbacform/sandbox"), "main", None);
    let held = store.lock(info()).unwrap();
    let writing: [&[&str]; 4] = [
        &["apply", "stacks/main", "--sandbox"],
        &["destroy", "stacks/main", "--sandbox"],
        &[
            "state",
            "rm",
            "stacks/main",
            "kubernetes.namespace.team",
            "--sandbox",
        ],
        &[
            "state",
            "mv",
            "stacks/main",
            "kubernetes.namespace.team",
            "kubernetes.namespace.x",
            "--sandbox",
        ],
    ];
    for args in writing {
        let ran = repo.run(args).exits(4);
        for word in [
            "error[state-locked]",
            "by bo on desk",
            "rbacform unlock",
            "4711",
        ] {
            assert!(ran.stderr.contains(word), "{word}: {}", ran.told());
        }
    }
    repo.run(&["plan", "stacks/main", "--sandbox"]).exits(0);
    repo.run(&["unlock", "stacks/main", "4712", "--sandbox"])
        .exits(1);
    repo.run(&["unlock", "stacks/main", "4711", "--sandbox"])
        .exits(0);
    repo.run(&["apply", "stacks/main", "--sandbox"]).exits(0);
    drop(held);
}

#[test]
fn runs_in_one_sandbox_wait_for_each_other() {
    let repo = Repo::new("main", &Value::Null);
    repo.stack(STACK);
    let args = ["plan", "stacks/main", "--sandbox"];
    let all: Vec<_> = (0..8)
        .map(|_| repo.command(&args).spawn().unwrap())
        .collect();
    for child in all {
        Ran::of(&args, child.wait_with_output().unwrap()).exits(0);
    }
}

#[test]
fn a_lock_dies_with_its_holder() {
    let repo = Repo::new("main", &Value::Null);
    repo.stack(STACK);
    repo.run(&["apply", "stacks/main", "--sandbox"]).exits(0);
    let text = serde_json::to_string(&info()).unwrap();
    repo.write(".rbacform/sandbox/main.lock", &text);
    repo.run(&["apply", "stacks/main", "--sandbox"]).exits(0);
}
