use futures_executor::block_on;

use super::*;
use crate::fixtures::{LINEAGE, create, delete, run};

fn begin(dir: &tempfile::TempDir) -> (LocalStore, Journal) {
    let store = LocalStore::new(dir.path(), "s", None);
    let journal = Journal::begin(&store, LINEAGE, 3, run("r1")).unwrap();
    (store, journal)
}

fn done(uid: &str) -> Outcome {
    Outcome::Done {
        uid: uid.into(),
        request_id: None,
    }
}

#[test]
fn a_good_receipt_means_that_it_is_in_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let (_, journal) = begin(&dir);
    let text = || std::fs::read_to_string(journal.path()).unwrap();
    assert_eq!(
        text(),
        format!(
            "{{\"format\":\"rbacform.journal/1\",\"lineage\":\"{LINEAGE}\",\"serial\":3,\
             \"run\":{{\"id\":\"r1\",\"operation\":\"apply\",\"who\":\"ana\",\"host\":\"\",\"at\":\"\"}}}}\n"
        )
    );
    block_on(journal.handle().intent(0, &delete("reader"))).unwrap();
    assert!(text().ends_with(
        "{\"intent\":{\"seq\":0,\"address\":\"kubernetes.role.reader\",\
         \"object\":\"kubernetes/Role/bob/reader\",\"do\":\"delete\"}}\n"
    ));
    block_on(journal.handle().outcome(0, done(""))).unwrap();
    assert!(text().ends_with("{\"outcome\":{\"seq\":0,\"result\":{\"done\":{\"uid\":\"\"}}}}\n"));
}

#[test]
fn an_intent_reads_back_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let (store, journal) = begin(&dir);
    let edit = create("reader", "v1");
    block_on(journal.handle().intent(5, &edit)).unwrap();
    let bytes = std::fs::read_to_string(journal.close()).unwrap();
    let line = bytes.lines().last().unwrap();
    let record: Record = serde_json::from_str(line).unwrap();
    assert_eq!(record, Record::Intent(Box::new(Intent::of(5, &edit))));
    drop(store);
}

#[test]
fn many_waiters_from_many_threads_all_get_their_answer() {
    let dir = tempfile::tempdir().unwrap();
    let (_, journal) = begin(&dir);
    std::thread::scope(|scope| {
        for worker in 0..8_u64 {
            let handle = journal.handle();
            scope.spawn(move || {
                for n in 0..50 {
                    let seq = worker * 100 + n;
                    block_on(handle.intent(seq, &delete("x"))).unwrap();
                    block_on(handle.outcome(seq, done(""))).unwrap();
                }
            });
        }
    });
    let text = std::fs::read_to_string(journal.close()).unwrap();
    assert_eq!(text.lines().count(), 1 + 8 * 50 * 2);
}

#[test]
fn what_was_sent_before_the_end_is_written_and_what_comes_after_fails() {
    let dir = tempfile::tempdir().unwrap();
    let (_, journal) = begin(&dir);
    let handle = journal.handle();
    let receipts: Vec<Receipt> = (0..20).map(|n| handle.intent(n, &delete("x"))).collect();
    let path = journal.close();
    for receipt in receipts {
        block_on(receipt).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap().lines().count(), 21);
    assert!(block_on(handle.intent(99, &delete("x"))).is_err());
}

#[cfg(target_os = "linux")]
#[test]
fn after_a_failed_write_every_later_one_fails_too() {
    let dir = tempfile::tempdir().unwrap();
    let path: Arc<Path> = dir.path().join("x").as_path().into();
    let file = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let (queue, messages) = mpsc::channel();
    let handle = JournalHandle {
        queue: queue.clone(),
        path: Arc::clone(&path),
        checkpoint: Checkpoint::default(),
    };
    let writer = std::thread::spawn(move || Writer { file, path }.run(&messages));
    let first = block_on(handle.outcome(0, done(""))).unwrap_err();
    let second = block_on(handle.outcome(1, done(""))).unwrap_err();
    assert_eq!(first.to_string(), second.to_string());
    assert_eq!(first.code(), "state-io");
    queue.send(Message::Stop).unwrap();
    writer.join().unwrap();
}

#[test]
fn two_runs_never_share_a_journal() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _first) = begin(&dir);
    assert!(Journal::begin(&store, LINEAGE, 3, run("r1")).is_err());
    assert!(Journal::begin(&store, LINEAGE, 3, run("r2")).is_ok());
}

#[test]
fn a_sensitive_attribute_never_reaches_the_journal() {
    let dir = tempfile::tempdir().unwrap();
    let (_, journal) = begin(&dir);
    let mut edit = create("reader", "v1");
    let secret = rbacform_core::Value::Sensitive(Box::new("canary".into()));
    if let Some(resource) = &mut edit.records {
        resource.attributes = secret;
    }
    block_on(journal.handle().intent(0, &edit)).unwrap();
    let text = std::fs::read_to_string(journal.path()).unwrap();
    assert!(text.contains("{\"$sensitive\":true}") && !text.contains("canary"));
}
