use std::sync::Barrier;

use tempfile::TempDir;

use super::*;
use crate::fixtures::{self, lock_info, snapshot};

fn store(dir: &TempDir) -> LocalStore {
    LocalStore::new(dir.path().join("state"), "s", None)
}

#[test]
fn a_state_that_is_not_there_is_empty_and_the_first_commit_makes_serial_one() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(&dir);
    let read = store.read().unwrap();
    assert!(read.version.is_absent() && !read.snapshot.exists());
    assert!(!store.files().dir().exists(), "reading makes nothing");

    let mut new = snapshot("s", &["reader"]);
    let version = store.commit(&mut new, &read.version).unwrap();
    assert_eq!((new.serial, version.serial()), (1, 1));
    let again = store.read().unwrap();
    assert_eq!(again.snapshot, new);
    assert_eq!(again.version, version);
}

#[test]
fn a_state_without_a_lineage_is_not_written() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(&dir);
    let mut blank = StateSnapshot::empty("s", None);
    let error = store.commit(&mut blank, &Version::default()).unwrap_err();
    assert_eq!(error.code(), "state-unwritable");
    assert_eq!(blank.serial, 0);
}

#[test]
fn a_state_at_the_last_serial_is_not_written() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(&dir);
    let mut last = snapshot("s", &[]);
    last.serial = u64::MAX;
    let error = store.commit(&mut last, &Version::default()).unwrap_err();
    assert_eq!(error.code(), "state-unwritable");
}

#[test]
fn of_two_writers_that_read_the_same_only_one_commits() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(&dir);
    let read = store.read().unwrap();
    let (mut a, mut b) = (snapshot("s", &["a"]), snapshot("s", &["b"]));
    let version = store.commit(&mut a, &read.version).unwrap();
    let error = store.commit(&mut b, &read.version).unwrap_err();
    assert!(error.is_contention());
    assert!(
        error.to_string().contains("was serial 0 and is serial 1"),
        "{error}"
    );
    assert_eq!(b.serial, 0, "what failed is as it was given");

    // Nor over one that was removed meanwhile.
    fs::remove_file(store.files().state()).unwrap();
    let error = store.commit(&mut b, &version).unwrap_err();
    assert!(error.to_string().contains("is gone"), "{error}");
}

#[test]
fn six_at_once_lose_no_update_with_no_lock_at_all() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(&dir);
    let start = Barrier::new(6);
    std::thread::scope(|scope| {
        for worker in 0..6 {
            let (store, start) = (&store, &start);
            scope.spawn(move || {
                start.wait();
                for round in 0..5 {
                    let name = format!("w{worker}-{round}");
                    loop {
                        let mut read = store.read().unwrap();
                        let resource = fixtures::resource(&name, "v1");
                        read.snapshot.lineage = fixtures::LINEAGE.to_owned();
                        read.snapshot
                            .resources
                            .insert(resource.object.clone(), resource);
                        match store.commit(&mut read.snapshot, &read.version) {
                            Ok(_) => break,
                            Err(error) => assert!(error.is_contention(), "{error}"),
                        }
                    }
                }
            });
        }
    });
    let end = store.read().unwrap().snapshot;
    assert_eq!(end.resources.len(), 30);
    assert_eq!(end.serial, 30);
}

#[test]
fn the_last_ten_states_are_kept() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(&dir);
    let mut version = Version::default();
    for n in 0..13 {
        let mut next = snapshot("s", &[&format!("r{n}")]);
        version = store.commit(&mut next, &version).unwrap();
    }
    let kept: Vec<u64> = store
        .backups()
        .unwrap()
        .into_iter()
        .map(|(n, _)| n)
        .collect();
    assert_eq!(kept, (3..=12).collect::<Vec<u64>>());
    let bytes = fs::read(store.files().backup(12)).unwrap();
    let former = store.decode(&bytes).unwrap();
    assert!(former.resources.contains_key(&fixtures::object("r11")));

    // And named where the state itself cannot be read.
    fs::write(store.files().state(), "{").unwrap();
    let help = store.read().unwrap_err().help();
    assert!(help.contains("backups/s.12.json"), "{help}");
}

#[test]
fn state_of_another_stack_or_environment_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.json");
    let mine = LocalStore::at(&path, "s", None);
    mine.commit(&mut snapshot("s", &[]), &Version::default())
        .unwrap();
    let error = LocalStore::at(&path, "other", None).read().unwrap_err();
    assert!(
        error
            .to_string()
            .contains("the stack `s`, not of the stack `other`"),
        "{error}"
    );
    let error = LocalStore::at(&path, "s", Some("prod")).read().unwrap_err();
    assert!(error.to_string().contains("environment `prod`"), "{error}");
}

#[test]
fn a_newer_state_is_neither_read_nor_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(&dir);
    let version = store
        .commit(&mut snapshot("s", &[]), &Version::default())
        .unwrap();
    let text = fs::read_to_string(store.files().state()).unwrap();
    let newer = text.replace("state/1", "state/2");
    fs::write(store.files().state(), &newer).unwrap();
    assert_eq!(store.read().unwrap_err().code(), "state-newer");
    assert!(store.commit(&mut snapshot("s", &[]), &version).is_err());
    assert_eq!(fs::read_to_string(store.files().state()).unwrap(), newer);
}

#[test]
fn what_cannot_be_made_durable_is_an_error_that_says_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(
        dir.path().join("state"),
        "a file where the folder should be",
    )
    .unwrap();
    let error = store(&dir)
        .commit(&mut snapshot("s", &[]), &Version::default())
        .unwrap_err();
    assert_eq!(error.code(), "state-io");
    assert!(error.help().contains("run the command again"));
}

#[cfg(unix)]
#[test]
fn everything_is_private() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let store = store(&dir);
    let _lock = store.lock(lock_info("l")).unwrap();
    let version = store
        .commit(&mut snapshot("s", &[]), &Version::default())
        .unwrap();
    store.commit(&mut snapshot("s", &["a"]), &version).unwrap();
    let journal = Journal::begin(&store, fixtures::LINEAGE, 2, fixtures::run("r")).unwrap();
    store
        .audit(&AuditRecord::of_run(fixtures::run("r"), 1))
        .unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let files = store.files();
    for path in [
        files.state(),
        journal.path(),
        &files.lock(),
        &files.audit(),
        &files.backup(1),
    ] {
        assert_eq!(mode(path), 0o600, "{}", path.display());
    }
    assert_eq!((mode(files.dir()), mode(&files.backups())), (0o700, 0o700));
}
