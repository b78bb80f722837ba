use super::*;
use crate::fixtures::{LINEAGE, create, delete, run};
use crate::{Journal, Version};

#[test]
fn a_line_an_apply_even_after_one_that_was_cut_short() {
    let dir = tempfile::tempdir().unwrap();
    let store = LocalStore::new(dir.path(), "s", None);
    store.audit(&AuditRecord::of_run(run("one"), 1)).unwrap();
    let path = store.files().audit();
    let whole = std::fs::read_to_string(&path).unwrap();
    assert!(whole.starts_with("{\"format\":\"rbacform.audit/1\",\"run\":{\"id\":\"one\""));
    std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    store.audit(&AuditRecord::of_run(run("two"), 2)).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 2);
    let record: AuditRecord = serde_json::from_str(lines[1]).unwrap();
    assert_eq!(record, AuditRecord::of_run(run("two"), 2));
}

#[test]
fn a_killed_run_is_recorded_once_from_its_journal() {
    let dir = tempfile::tempdir().unwrap();
    let store = LocalStore::new(dir.path(), "s", None);
    let mut state = crate::fixtures::snapshot("s", &[]);
    store.commit(&mut state, &Version::default()).unwrap();
    let journal = Journal::begin(&store, LINEAGE, 1, run("killed")).unwrap();
    let handle = journal.handle();
    let done = Outcome::Done {
        uid: "u".into(),
        request_id: Some("r-1".into()),
    };
    let sent = [
        handle.intent(0, &create("a", "v1")),
        handle.intent(1, &create("b", "v1")),
        handle.intent(2, &delete("c")),
        handle.intent(3, &delete("d")),
        handle.outcome(0, done),
        handle.outcome(1, Outcome::Failed("forbidden".to_owned())),
        handle.outcome(2, Outcome::NotSent),
    ];
    sent.into_iter()
        .for_each(|receipt| futures_executor::block_on(receipt).unwrap());
    drop(journal);
    let leftovers = store.load().unwrap().leftovers;
    store.audit_leftovers(&leftovers, 2).unwrap();
    store.audit_leftovers(&leftovers, 2).unwrap();

    let text = std::fs::read_to_string(store.files().audit()).unwrap();
    assert_eq!(text.lines().count(), 1);
    let record: AuditRecord = serde_json::from_str(&text).unwrap();
    assert!(record.interrupted);
    assert_eq!((record.serial_before, record.serial_after), (1, 2));
    assert_eq!(record.run, run("killed"));
    let names = |entries: &[AuditEntry]| -> Vec<String> {
        entries.iter().map(|e| e.object.name().to_owned()).collect()
    };
    assert_eq!(names(&record.done), ["a"]);
    assert_eq!(record.done[0].request_id.as_deref(), Some("r-1"));
    assert_eq!(names(&record.failed), ["b"]);
    assert_eq!(names(&record.open), ["d"]);
    assert_eq!(record.not_started, [crate::fixtures::address("c")]);
}
