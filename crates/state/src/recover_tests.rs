use std::fs;

use futures_executor::block_on;

use super::*;
use crate::fixtures::{LINEAGE, create, delete, object, run, snapshot, update};
use crate::{Journal, Outcome};

fn store(dir: &tempfile::TempDir) -> LocalStore {
    LocalStore::new(dir.path(), "s", None)
}

fn done(uid: &str) -> Outcome {
    Outcome::Done {
        uid: uid.into(),
        request_id: None,
    }
}

/// A state of serial one with `old`, and the journal of a run that made `new`, deleted `old` and
/// was killed while it made `late`.
fn killed_run(store: &LocalStore) -> PathBuf {
    store
        .commit(&mut snapshot("s", &["old"]), &Version::default())
        .unwrap();
    let journal = Journal::begin(store, LINEAGE, 1, run("killed")).unwrap();
    let handle = journal.handle();
    block_on(handle.intent(0, &create("new", "v1"))).unwrap();
    block_on(handle.intent(1, &delete("old"))).unwrap();
    block_on(handle.outcome(1, done(""))).unwrap();
    block_on(handle.outcome(0, done("u-9"))).unwrap();
    block_on(handle.intent(2, &create("late", "v1"))).unwrap();
    journal.close()
}

#[test]
fn what_a_killed_run_did_is_in_the_loaded_state_and_the_rest_is_open() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(&dir);
    let path = killed_run(&store);
    let loaded = store.load().unwrap();
    assert!(loaded.changed);
    assert_eq!(loaded.journals(), [path]);
    let objects: Vec<&ObjectId> = loaded.snapshot.resources.keys().collect();
    assert_eq!(objects, [&object("new")]);
    assert_eq!(loaded.snapshot.resources[&object("new")].uid, "u-9");
    let open: Vec<&ObjectId> = loaded.open.iter().map(|intent| &intent.object).collect();
    assert_eq!(open, [&object("late")]);
    // Loading wrote nothing: it says the same again.
    assert_eq!(store.load().unwrap().snapshot, loaded.snapshot);
    assert_eq!(store.read().unwrap().snapshot.serial, 1);
}

#[test]
fn a_journal_cut_at_any_byte_yields_its_whole_lines() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(&dir);
    let path = killed_run(&store);
    let bytes = fs::read(&path).unwrap();
    for end in 0..=bytes.len() {
        fs::write(&path, &bytes[..end]).unwrap();
        let loaded = store.load().unwrap();
        let lines = bytes[..end].iter().filter(|byte| **byte == b'\n').count();
        let leftover = &loaded.leftovers[0];
        assert_eq!(leftover.header.is_some(), lines > 0);
        assert_eq!(
            leftover.records.len(),
            lines.saturating_sub(1),
            "cut at {end}"
        );
    }
}

#[test]
fn a_journal_that_is_wrong_before_its_end_is_an_error_with_its_line() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(&dir);
    let path = killed_run(&store);
    let text = fs::read_to_string(&path).unwrap();
    for (line, wrong) in [
        (1, "garbage"),
        (2, "{\"intent\":{}}"),
        (3, "{\"outcome\":{\"seq\":77,\"result\":\"unknown\"}}"),
        (4, "\0\0\0\0"),
    ] {
        let mut lines: Vec<&str> = text.lines().collect();
        lines[line - 1] = wrong;
        fs::write(&path, lines.join("\n") + "\n").unwrap();
        let error = store.load().unwrap_err();
        let StateError::Broken { line: found, .. } = &error else {
            panic!("{error}");
        };
        assert_eq!(*found as usize, line, "{error}");
        assert!(error.help().contains("mark"), "{}", error.help());
    }
    fs::write(&path, text.replace("journal/1", "journal/2")).unwrap();
    assert_eq!(store.load().unwrap_err().code(), "state-newer");
}

#[test]
fn a_journal_whose_state_is_committed_is_spent() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(&dir);
    let path = killed_run(&store);
    let version = store.read().unwrap().version;
    let mut committed = snapshot("s", &["new"]);
    store.commit(&mut committed, &version).unwrap();

    let loaded = store.load().unwrap();
    assert!(!loaded.changed && loaded.open.is_empty());
    assert_eq!(loaded.snapshot, committed);
    assert_eq!(loaded.journals(), [path], "it is still to be removed");
}

#[test]
fn after_an_older_state_was_put_back_the_world_decides_everything() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(&dir);
    killed_run(&store);
    let text = fs::read_to_string(store.files().state()).unwrap();
    fs::write(
        store.files().state(),
        text.replace("\"serial\": 1", "\"serial\": 0"),
    )
    .unwrap();
    let loaded = store.load().unwrap();
    assert!(!loaded.changed);
    let open: Vec<&str> = loaded.open.iter().map(|i| i.object.name()).collect();
    assert_eq!(open, ["late", "new", "old"]);
}

#[test]
fn a_journal_of_another_state_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(&dir);
    killed_run(&store);
    fs::remove_file(store.files().state()).unwrap();
    let error = store.load().unwrap_err();
    assert!(error.to_string().contains("there is no state"), "{error}");
    assert!(error.help().contains("state recover"), "{}", error.help());
}

#[test]
fn where_two_runs_worked_on_one_object_the_world_decides() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(&dir);
    killed_run(&store);
    let zombie = Journal::begin(&store, LINEAGE, 1, run("zombie")).unwrap();
    block_on(zombie.handle().intent(0, &update("new", "v2"))).unwrap();
    block_on(zombie.handle().outcome(0, done("u-9"))).unwrap();
    drop(zombie);
    let loaded = store.load().unwrap();
    let open: Vec<&str> = loaded.open.iter().map(|i| i.object.name()).collect();
    assert_eq!(open, ["late", "new"]);
    assert!(!loaded.snapshot.resources.contains_key(&object("old")));
}

#[test]
fn surgery_keeps_open_intents_for_the_next_run() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(&dir);
    killed_run(&store);
    let mut loaded = store.load().unwrap();
    let journals = loaded.journals();
    store
        .commit_over(
            &mut loaded.snapshot,
            &loaded.version,
            &loaded.open,
            &journals,
        )
        .unwrap();

    let again = store.load().unwrap();
    assert_eq!(again.snapshot.serial, 2);
    assert!(!again.changed);
    assert_eq!(again.open.len(), 1);
    assert_eq!(again.open[0].object, object("late"));
    assert_eq!(again.leftovers.len(), 1, "the killed run's journal is gone");
}

#[test]
fn a_crash_between_carrying_over_and_the_commit_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(&dir);
    killed_run(&store);
    let loaded = store.load().unwrap();
    store
        .carry_over(&loaded.snapshot, &loaded.version, &loaded.open)
        .unwrap();
    let again = store.load().unwrap();
    assert_eq!(again.snapshot, loaded.snapshot);
    assert_eq!(again.open.len(), 1);
    assert_eq!(again.leftovers.len(), 2);
}

#[test]
fn a_bridge_that_was_not_taken_down_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(&dir);
    store
        .commit(&mut snapshot("s", &[]), &Version::default())
        .unwrap();
    let journal = Journal::begin(&store, LINEAGE, 1, run("r")).unwrap();
    for (seq, (name, taken_down)) in [("left", false), ("gone", true)].into_iter().enumerate() {
        let seq = 2 * seq as u64;
        let mut edit = create(name, "v1");
        edit.transient = true;
        block_on(journal.handle().intent(seq, &edit)).unwrap();
        block_on(journal.handle().outcome(seq, done("b"))).unwrap();
        if taken_down {
            let mut edit = delete(name);
            edit.transient = true;
            block_on(journal.handle().intent(seq + 1, &edit)).unwrap();
            block_on(journal.handle().outcome(seq + 1, done(""))).unwrap();
        }
    }
    drop(journal);
    let loaded = store.load().unwrap();
    assert!(loaded.snapshot.resources.is_empty() && !loaded.changed);
    assert_eq!(loaded.bridges.keys().collect::<Vec<_>>(), [&object("left")]);

    // Surgery does not forget it.
    let (mut state, journals) = (loaded.snapshot.clone(), loaded.journals());
    store
        .commit_over(&mut state, &loaded.version, &loaded.unsettled(), &journals)
        .unwrap();
    let again = store.load().unwrap();
    assert_eq!(again.bridges.keys().collect::<Vec<_>>(), [&object("left")]);
    assert_eq!(again.leftovers.len(), 1);
}
