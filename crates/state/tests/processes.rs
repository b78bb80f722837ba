//! The lock and the commit across processes: this test binary runs itself as the other one.
#![allow(clippy::unwrap_used)]

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use rbacform_core::StateSnapshot;
use rbacform_state::{Checkpoint, LocalStore, LockInfo, Point, StateError, Version};

const DIR: &str = "RBACFORM_TEST_STATE_DIR";
const POINT: &str = "RBACFORM_TEST_STATE_POINT";

fn info(id: &str) -> LockInfo {
    LockInfo {
        id: id.to_owned(),
        operation: "apply".to_owned(),
        who: "the other process".to_owned(),
        ..LockInfo::default()
    }
}

fn state(output: i64) -> StateSnapshot {
    let mut state = StateSnapshot::empty("s", None);
    state.lineage = "lineage".to_owned();
    state.outputs.insert("n".to_owned(), output.into());
    state
}

fn spawn(test: &str, dir: &Path, point: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            test,
            "--ignored",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(DIR, dir)
        .env(POINT, point)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
#[ignore = "the other process of `a_lock_dies_with_its_process`"]
fn holds_the_lock() {
    let Ok(dir) = std::env::var(DIR) else { return };
    let store = LocalStore::new(dir, "s", None);
    let _lock = store.lock(info("other")).unwrap();
    println!("locked");
    let _ = std::io::stdin().read(&mut [0]);
}

#[test]
fn a_lock_dies_with_its_process() {
    let dir = tempfile::tempdir().unwrap();
    let mut other = spawn("holds_the_lock", dir.path(), "");
    let mut lines = BufReader::new(other.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("locked")));

    let store = LocalStore::new(dir.path(), "s", None);
    let error = store.lock(info("me")).unwrap_err();
    assert!(matches!(&error, StateError::Held { .. }));
    assert!(error.to_string().contains("the other process"), "{error}");

    other.kill().unwrap();
    other.wait().unwrap();
    assert!(
        store.files().lock().exists(),
        "it had no chance to clean up"
    );
    assert!(store.lock(info("me")).unwrap().is_ours());
}

#[test]
#[ignore = "the other process of `a_commit_that_is_killed_leaves_the_former_or_the_new_state`"]
fn is_killed_in_a_commit() {
    let Ok(dir) = std::env::var(DIR) else { return };
    let point = std::env::var(POINT).unwrap();
    let hook = Checkpoint::new(move |reached| {
        if format!("{reached:?}") == point {
            std::process::abort();
        }
    });
    let store = LocalStore::new(dir, "s", None).with_checkpoint(hook);
    let version = store.read().unwrap().version;
    store.commit(&mut state(2), &version).unwrap();
}

#[test]
fn a_commit_that_is_killed_leaves_the_former_or_the_new_state() {
    for (point, serial) in [(Point::CommitTemp, 1), (Point::CommitRename, 2)] {
        let dir = tempfile::tempdir().unwrap();
        let store = LocalStore::new(dir.path(), "s", None);
        store.commit(&mut state(1), &Version::default()).unwrap();
        let mut other = spawn("is_killed_in_a_commit", dir.path(), &format!("{point:?}"));
        assert!(!other.wait().unwrap().success());

        let read = store.read().unwrap();
        assert_eq!(read.snapshot.serial, serial, "{point:?}");
        assert_eq!(
            read.snapshot.outputs["n"],
            i64::try_from(serial).unwrap().into()
        );
        // And the next commit is not in its way.
        let mut next = state(3);
        store.commit(&mut next, &read.version).unwrap();
        assert_eq!(store.read().unwrap().snapshot.serial, serial + 1);
    }
}
