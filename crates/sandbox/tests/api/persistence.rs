//! A world that is kept.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use rbacform_sandbox::{PersistError, Sandbox, SandboxError};
use serde_json::json;

use crate::client::{admin, meta, namespace, role, roles};

fn open(directory: &Path) -> Sandbox {
    Sandbox::builder().persist(directory).start().unwrap()
}

#[test]
fn a_world_survives_a_restart() {
    let home = tempfile::tempdir().unwrap();
    let directory = home.path().join("a/world");
    let first = open(&directory);
    let client = admin(&first);
    client.post("/api/v1/namespaces", &namespace("n")).object();
    let kept = client.post(&roles("n"), &role("kept", json!([]))).object();
    client.post(&roles("n"), &role("gone", json!([]))).object();
    client.delete(&format!("{}/gone", roles("n"))).object();
    let (id, token) = (first.world_id().to_owned(), first.admin_token().to_owned());
    first.shutdown();

    let second = open(&directory);
    assert_eq!(second.world_id(), id);
    assert_ne!(second.admin_token(), token);
    let client = admin(&second);
    assert_eq!(client.get(&format!("{}/kept", roles("n"))).object(), kept);
    assert_eq!(client.get(&format!("{}/gone", roles("n"))).code, 404);
    let next = client.post(&roles("n"), &role("next", json!([]))).object();
    let version = |object| meta(object, "resourceVersion").parse::<u64>().unwrap();
    assert!(version(&next) > version(&kept) + 2, "a removal counts too");
}

#[test]
fn every_answered_write_is_in_the_file_and_a_torn_line_is_ignored() {
    let home = tempfile::tempdir().unwrap();
    let log = home.path().join("world.jsonl");
    let sandbox = open(home.path());
    admin(&sandbox)
        .post("/api/v1/namespaces", &namespace("n"))
        .object();
    let killed = fs::read(&log).unwrap();
    sandbox.shutdown();

    // What a killed process leaves: all it answered for, and half of what it did not.
    fs::write(&log, &killed).unwrap();
    fs::OpenOptions::new()
        .append(true)
        .open(&log)
        .unwrap()
        .write_all(b"{\"put\":\"ro")
        .unwrap();
    let sandbox = open(home.path());
    assert_eq!(admin(&sandbox).get("/api/v1/namespaces/n").code, 200);
}

#[test]
fn the_files_are_private_and_hold_no_admin_token() {
    let home = tempfile::tempdir().unwrap();
    let sandbox = Sandbox::builder()
        .persist(home.path())
        .identity("canary-token", "ana", &[])
        .start()
        .unwrap();
    for name in ["world.jsonl", "world.lock"] {
        let path = home.path().join(name);
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600,
            "{name}"
        );
        let text = fs::read_to_string(&path).unwrap();
        assert!(!text.contains(sandbox.admin_token()) && !text.contains("canary-token"));
    }
}

#[test]
fn a_world_in_use_or_broken_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let sandbox = open(home.path());
    let refused = Sandbox::builder().persist(home.path()).start().unwrap_err();
    let SandboxError::World(PersistError::InUse { holder, .. }) = &refused else {
        panic!("{refused}")
    };
    assert_eq!(*holder, std::process::id().to_string());
    sandbox.shutdown();
    fs::write(
        home.path().join("world.jsonl"),
        "{\"format\":\"other/2\"}\n",
    )
    .unwrap();
    let refused = Sandbox::builder().persist(home.path()).start().unwrap_err();
    assert!(refused.to_string().contains("line 1"), "{refused}");
}
