use super::*;
use crate::Version;
use crate::fixtures::{lock_info, snapshot};

#[test]
fn a_held_lock_names_its_holder_and_how_to_remove_it() {
    let dir = tempfile::tempdir().unwrap();
    let store = LocalStore::new(dir.path(), "s", None);
    let held = store.lock(lock_info("one")).unwrap();
    let error = store.lock(lock_info("two")).unwrap_err();
    assert!(error.is_contention());
    let said = error.to_string();
    for part in ["`apply`", "ana", "laptop", "42", "2026-01-02", "`one`"] {
        assert!(said.contains(part), "{said}");
    }
    assert!(
        error.help().contains("`rbacform unlock one`"),
        "{}",
        error.help()
    );

    drop(held);
    assert!(!store.files().lock().exists());
    store.lock(lock_info("two")).unwrap();
}

#[test]
fn of_six_at_once_one_gets_the_lock() {
    let dir = tempfile::tempdir().unwrap();
    let store = LocalStore::new(dir.path(), "s", None);
    let start = std::sync::Barrier::new(6);
    let results: Vec<Result<LockGuard, StateError>> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..6)
            .map(|n| {
                let (store, start) = (&store, &start);
                scope.spawn(move || {
                    start.wait();
                    store.lock(lock_info(&format!("l{n}")))
                })
            })
            .collect();
        workers.into_iter().map(|w| w.join().unwrap()).collect()
    });
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    for error in results.into_iter().filter_map(Result::err) {
        let StateError::Held { holder, .. } = error else {
            panic!("{error}");
        };
        assert!(holder.id.starts_with('l'), "every loser learns who won");
    }
}

#[test]
fn an_unlocked_holder_that_lives_can_no_longer_commit_once_another_did() {
    let dir = tempfile::tempdir().unwrap();
    let store = LocalStore::new(dir.path(), "s", None);
    let zombie = store.lock(lock_info("zombie")).unwrap();
    let read = store.read().unwrap();

    let error = store.unlock("guess").unwrap_err();
    assert!(
        error.to_string().contains("`zombie`, not `guess`"),
        "{error}"
    );
    assert_eq!(store.unlock("zombie").unwrap().who, "ana");
    assert!(!zombie.is_ours());

    let next = store.lock(lock_info("next")).unwrap();
    store
        .commit(&mut snapshot("s", &["next"]), &read.version)
        .unwrap();
    assert!(
        store
            .commit(&mut snapshot("s", &["zombie"]), &read.version)
            .is_err()
    );

    drop(zombie);
    assert!(
        next.is_ours(),
        "a zombie that ends leaves the new lock alone"
    );
    assert!(store.lock(lock_info("third")).is_err());
}

#[test]
fn there_is_nothing_to_unlock_where_nobody_locked() {
    let dir = tempfile::tempdir().unwrap();
    let store = LocalStore::new(dir.path().join("none"), "s", None);
    assert_eq!(store.unlock("x").unwrap_err().code(), "state-not-locked");
    assert!(!store.files().dir().exists());
}

#[test]
fn what_a_dead_holder_left_is_taken_over_whatever_it_says() {
    let dir = tempfile::tempdir().unwrap();
    let store = LocalStore::new(dir.path(), "s", None);
    for left in [
        "",
        "{\"id\":\"dead\"",
        "not json at all, and longer than what follows it",
    ] {
        std::fs::write(store.files().lock(), left).unwrap();
        let held = store.lock(lock_info("live")).unwrap();
        assert!(held.is_ours());
    }
    assert_eq!(store.read().unwrap().version, Version::default());
}
