//! Grants beside objects: many edits in one write, two providers in one run, no marks anywhere.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::Ordering;

use rbacform_core::{EditKind, Text};
use rbacform_executor::{EditEnd, NotStarted};
use rbacform_provider::ErrorKind;

use crate::policies::*;
use crate::world::create;

#[tokio::test]
async fn edits_of_one_policy_are_one_write_with_an_outcome_each() {
    let bench = Bench::new(Policies {
        poisoned: BTreeSet::from(["p viewer user:nobody".to_owned()]),
        ..Policies::default()
    });
    let all = [
        "p viewer user:ana",
        "p viewer user:nobody",
        "p viewer user:bo",
    ];
    let steps = [
        step(0, all.iter().map(|ident| give(ident)).collect(), &[]),
        step(1, vec![create("after", "v1")], &[0]),
        step(2, vec![create("beside", "v1")], &[]),
    ];
    let applied = bench.apply(&steps, "r").await;
    assert_eq!(*bench.policies.writes.lock().unwrap(), [all]);
    let [ana, nobody, bo] = applied.report.edits[0].as_slice() else {
        panic!("{:?}", applied.report);
    };
    assert!(ana.is_done() && bo.is_done());
    assert!(matches!(nobody, EditEnd::Failed(error) if error.kind == ErrorKind::Invalid));
    let summary = applied.report.summary(&steps);
    assert_eq!(summary.failed.len(), 1);
    assert_eq!(summary.failed[0].address, steps[0].edits[1].address);
    assert_eq!(
        applied.report.edits[1],
        [EditEnd::NotStarted(NotStarted::DependencyFailed(
            steps[0].edits[1].address.clone()
        ))]
    );
    let managed: Vec<&str> = applied
        .snapshot
        .resources
        .keys()
        .map(|object| object.ident.as_str())
        .collect();
    assert_eq!(
        managed,
        ["p viewer user:ana", "p viewer user:bo", "bob/beside"]
    );
    bench.assert_nothing_lost("after a partial failure").await;
}

#[tokio::test]
async fn a_lost_answer_of_a_whole_policy_is_settled_grant_by_grant() {
    let bench = Bench::new(Policies {
        grants: Mutex::new(BTreeSet::from(["p viewer user:old".to_owned()])),
        poisoned: BTreeSet::from(["p viewer user:nobody".to_owned()]),
        loses_answers: true,
        ..Policies::default()
    });
    let edits = vec![
        give("p viewer user:ana"),
        give("p viewer user:bo"),
        give("p viewer user:nobody"),
        edit("p viewer user:old", EditKind::Delete),
    ];
    let applied = bench.apply(&[step(0, edits, &[])], "r").await;
    assert!(applied.report.wrote_anything);
    assert!(applied.snapshot.resources.is_empty());
    bench.assert_nothing_lost("after a lost answer").await;
    // One that was refused is known not to stand; the others are asked for.
    assert_eq!(bench.policies.reads.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn what_is_adopted_as_it_stands_is_never_sent() {
    let bench = Bench::new(Policies {
        grants: Mutex::new(BTreeSet::from(["p viewer user:ana".to_owned()])),
        ..Policies::default()
    });
    let mut adopted = edit("p viewer user:ana", EditKind::Record);
    if let Some(record) = &mut adopted.records {
        record.uid = Text::const_new("-");
    }
    let mixed = vec![adopted.clone(), give("p viewer user:bo")];
    let applied = bench.apply(&[step(0, vec![adopted], &[])], "r1").await;
    assert!(applied.report.is_complete());
    assert_eq!(bench.policies.writes.lock().unwrap().len(), 0);
    bench.apply(&[step(0, mixed, &[])], "r2").await;
    assert_eq!(
        *bench.policies.writes.lock().unwrap(),
        [["p viewer user:bo"]]
    );
    bench.assert_nothing_lost("after adoptions").await;
}

#[tokio::test]
async fn two_providers_are_one_run_in_one_order() {
    let bench = Bench::new(Policies::default());
    let steps = [
        step(0, vec![create("a", "v1")], &[]),
        step(1, vec![give("p viewer user:ana")], &[0]),
        step(2, vec![create("b", "v1")], &[1]),
    ];
    let applied = bench.apply(&steps, "r").await;
    assert!(applied.report.is_complete());
    assert_eq!(applied.report.finished, [0, 1, 2]);
    assert_eq!(bench.policies.all().len(), 1);
    assert_eq!(bench.cluster.revisions().len(), 2);
    assert_eq!(applied.snapshot.resources.len(), 3);
}
