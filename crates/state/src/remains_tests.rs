use futures_executor::block_on;

use super::*;
use crate::fixtures::{LINEAGE, create, object, run, snapshot};
use crate::{Journal, Version};

fn store(dir: &tempfile::TempDir) -> LocalStore {
    LocalStore::new(dir.path(), "s", None)
}

/// A store with three states, and the journal of a killed run.
fn used(dir: &tempfile::TempDir) -> LocalStore {
    let store = store(dir);
    let mut state = snapshot("s", &["a"]);
    let mut version = Version::default();
    for _ in 0..3 {
        version = store.commit(&mut state, &version).unwrap();
    }
    let journal = Journal::begin(&store, LINEAGE, 3, run("killed")).unwrap();
    block_on(journal.handle().intent(0, &create("late", "v1"))).unwrap();
    journal.close();
    store
}

fn bridge() -> Intent {
    let mut edit = create("bridge", "v1");
    edit.transient = true;
    Intent::of(0, &edit)
}

#[test]
fn what_is_left_tells_the_backup_and_a_serial_that_nobody_had() {
    let dir = tempfile::tempdir().unwrap();
    let store = used(&dir);
    let left = store.remains().unwrap();
    assert_eq!(left.current.unwrap().serial, 3);
    assert_eq!(left.backup.unwrap().serial, 2);
    assert_eq!(left.journals.len(), 1);

    fs::remove_file(store.files().state()).unwrap();
    let left = store.remains().unwrap();
    assert!(left.current.is_none() && left.version.is_absent());
    assert!(left.version.serial() >= 3, "{:?}", left.version);

    fs::write(store.files().state(), "{\"format\": \"rbacform.state/1\",").unwrap();
    fs::write(store.files().backup(2), "torn").unwrap();
    let left = store.remains().unwrap();
    assert!(left.current.is_none() && !left.version.is_absent());
    assert_eq!(left.backup.unwrap().serial, 1);
}

#[test]
fn a_state_that_is_not_lost_but_not_for_us_stays() {
    let dir = tempfile::tempdir().unwrap();
    let store = used(&dir);
    let path = store.files().state().to_owned();
    let text = fs::read_to_string(&path).unwrap();
    for (from, to, code) in [
        ("state/1", "state/2", "state-newer"),
        ("\"stack\": \"s\"", "\"stack\": \"t\"", "state-other-stack"),
    ] {
        fs::write(&path, text.replace(from, to)).unwrap();
        assert_eq!(store.remains().unwrap_err().code(), code);
    }
}

#[test]
fn a_rebuilt_state_takes_the_place_of_what_is_left_and_loses_none_of_it() {
    for lost in [None, Some("torn")] {
        let dir = tempfile::tempdir().unwrap();
        let store = used(&dir);
        fs::remove_file(store.files().state()).unwrap();
        if let Some(text) = lost {
            fs::write(store.files().state(), text).unwrap();
        }
        // A journal of yet another state is no obstacle either.
        Journal::begin(&store, "elsewhere", 9, run("other"))
            .unwrap()
            .close();

        let left = store.remains().unwrap();
        let mut state = snapshot("s", &["a", "b"]);
        store.rebuild(&mut state, &left, &[bridge()]).unwrap();
        let loaded = store.load().unwrap();
        assert_eq!(loaded.snapshot, state);
        assert!(state.serial > 9);
        assert_eq!(
            loaded.bridges.keys().collect::<Vec<_>>(),
            [&object("bridge")]
        );
        assert_eq!(loaded.leftovers.len(), 1, "only what was carried over");

        let kept = names_in(&store.files().backups()).unwrap();
        let journals = kept.iter().filter(|name| name.ends_with(".journal"));
        assert_eq!(journals.count(), 2, "{kept:?}");
        for serial in [1, 2] {
            assert!(kept.contains(&format!("s.{serial}.json")), "{kept:?}");
        }
        if let Some(text) = lost {
            let path = store.files().backup(left.version.serial());
            assert_eq!(fs::read_to_string(path).unwrap(), text);
        }
    }
}
