use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use rbacform_core::Step;
use rbacform_executor::{EditEnd, Event, NotStarted, Report, Run, cancel, execute};
use rbacform_provider::ErrorKind;
use rbacform_state::{Journal, LocalStore, RunInfo};

use crate::world::*;

async fn run(world: &Arc<World>, steps: &[Step], parallelism: usize) -> (Report, Vec<Event>) {
    let dir = tempfile::tempdir().unwrap();
    let store = LocalStore::new(dir.path(), "s", None);
    let journal = Journal::begin(&store, LINEAGE, 1, RunInfo::default()).unwrap();
    let (_canceller, cancel) = cancel();
    let (events, mut seen) = tokio::sync::mpsc::unbounded_channel();
    let report = execute(Run {
        steps,
        providers: &providers(world),
        journal: journal.handle(),
        parallelism,
        settle: Duration::from_millis(5),
        cancel,
        events: Some(events),
    })
    .await;
    let mut all = Vec::new();
    while let Ok(event) = seen.try_recv() {
        all.push(event);
    }
    (report, all)
}

#[tokio::test]
async fn what_depends_on_a_step_starts_after_it_ended() {
    let world = Arc::<World>::default();
    let steps = steps(vec![
        (create("d", "v1"), &[1, 2]),
        (create("b", "v1"), &[3]),
        (create("c", "v1"), &[3]),
        (create("a", "v1"), &[]),
    ]);
    let (report, _) = run(&world, &steps, 16).await;
    assert!(report.is_complete() && report.wrote_anything && !report.interrupted);
    let log = world.log.lock().unwrap().clone();
    let at = |line: &str| log.iter().position(|l| l == line).unwrap();
    assert!(at("end a") < at("start b").min(at("start c")));
    assert!(at("end b").max(at("end c")) < at("start d"));
    assert_eq!(report.finished.len(), 4);
    assert_eq!((report.finished[0], report.finished[3]), (3, 0));
}

#[tokio::test]
async fn one_at_a_time_the_order_is_that_of_the_plan() {
    let world = Arc::<World>::default();
    let names = ["e", "a", "d", "b", "c"];
    run(&world, &creates(&names), 1).await;
    assert_eq!(world.started(), names);
}

#[tokio::test]
async fn no_more_calls_are_in_flight_than_allowed_and_no_fewer_than_possible() {
    let world = World::gated();
    let names: Vec<String> = (0..40).map(|n| format!("r{n:02}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let steps = creates(&names);
    let opener = async {
        world.until_started(5).await;
        world.gate.as_ref().unwrap().add_permits(40);
    };
    let ((report, _), ()) = tokio::join!(run(&world, &steps, 5), opener);
    assert!(report.is_complete());
    assert_eq!(world.most_in_flight.load(Ordering::SeqCst), 5);
}

#[tokio::test]
async fn a_failure_stops_what_depends_on_it_and_nothing_else() {
    let world = Arc::<World>::default();
    world.misbehave("a", Mischief::Refuse);
    let steps = steps(vec![
        (create("a", "v1"), &[]),
        (create("b", "v1"), &[0]),
        (create("c", "v1"), &[1, 3]),
        (create("x", "v1"), &[]),
        (create("y", "v1"), &[3]),
    ]);
    let (report, events) = run(&world, &steps, 4).await;
    assert_eq!(ours(&world).into_iter().collect::<Vec<_>>(), ["x", "y"]);
    let because = EditEnd::NotStarted(NotStarted::DependencyFailed(address("a")));
    assert!(
        report.edits[1..3]
            .iter()
            .flatten()
            .all(|end| *end == because)
    );
    assert!(!report.is_complete() && !report.interrupted && report.wrote_anything);

    let summary = report.summary(&steps);
    assert_eq!(summary.done, [address("x"), address("y")]);
    assert_eq!(summary.failed.len(), 1);
    assert_eq!(summary.failed[0].code, "forbidden");
    assert_eq!(summary.not_started.len(), 2);
    let skipped = events.iter().filter(
        |event| matches!(event, Event::Skipped(_, why) if why == "`kubernetes.role.a` failed"),
    );
    assert_eq!(skipped.count(), 2);
}

#[tokio::test]
async fn nothing_was_written_where_everything_was_refused() {
    let world = Arc::<World>::default();
    world.misbehave("a", Mischief::Refuse);
    let (report, _) = run(&world, &creates(&["a"]), 4).await;
    assert!(!report.wrote_anything);
    world.misbehave("a", Mischief::LoseAnswer);
    let (report, _) = run(&world, &creates(&["a"]), 4).await;
    assert!(report.wrote_anything, "nobody knows, so it counts");
}

#[tokio::test]
async fn of_a_coalesced_step_each_edit_has_its_own_end() {
    let world = Arc::<World>::default();
    world.misbehave("b", Mischief::Refuse);
    let mut all = steps(vec![(create("a", "v1"), &[]), (create("z", "v1"), &[0])]);
    all[0]
        .edits
        .extend([create("b", "v1"), record("c", "v1"), create("d", "v1")]);
    let (report, events) = run(&world, &all, 4).await;
    let done: Vec<bool> = report.edits[0].iter().map(EditEnd::is_done).collect();
    assert_eq!(done, [true, false, true, true]);
    let because = NotStarted::DependencyFailed(address("b"));
    assert_eq!(report.edits[1], [EditEnd::NotStarted(because)]);
    assert_eq!(world.writes.load(Ordering::SeqCst), 1);
    let indices: Vec<usize> = events
        .iter()
        .filter_map(|event| match event {
            Event::Finished(subject) => Some(subject.index),
            _ => None,
        })
        .collect();
    assert_eq!(indices, [1, 3, 4]);
}

#[tokio::test]
async fn a_record_sends_nothing() {
    let world = Arc::<World>::default();
    let all = steps(vec![(record("a", "v1"), &[])]);
    let (report, events) = run(&world, &all, 4).await;
    assert!(report.is_complete());
    assert_eq!(world.writes.load(Ordering::SeqCst), 0);
    assert_eq!(events.len(), 2);
}

#[tokio::test]
async fn a_step_that_settles_holds_up_nobody_else() {
    let world = Arc::<World>::default();
    let mut all = steps(vec![
        (create("slow", "v1"), &[]),
        (create("after", "v1"), &[0]),
        (create("quick", "v1"), &[]),
    ]);
    all[0].settle = true;
    let (report, _) = run(&world, &all, 1).await;
    assert!(report.is_complete());
    assert_eq!(world.started(), ["quick", "slow", "after"]);
}

#[tokio::test]
async fn steps_that_wait_for_each_other_end_as_failures() {
    let world = Arc::<World>::default();
    let all = steps(vec![
        (create("a", "v1"), &[1]),
        (create("b", "v1"), &[0]),
        (create("c", "v1"), &[9]),
        (create("d", "v1"), &[3]),
        (create("e", "v1"), &[]),
    ]);
    let (report, _) = run(&world, &all, 4).await;
    for ends in &report.edits[..4] {
        assert!(matches!(&ends[0], EditEnd::Failed(e) if e.kind == ErrorKind::Protocol));
    }
    assert!(report.edits[4][0].is_done());
}

#[tokio::test]
async fn an_instance_that_nobody_configured_fails_before_anything_is_sent() {
    let world = Arc::<World>::default();
    let mut all = creates(&["a", "b"]);
    all[0].instance = "elsewhere".into();
    let (report, _) = run(&world, &all, 4).await;
    let EditEnd::Failed(error) = &report.edits[0][0] else {
        panic!("{report:?}");
    };
    assert_eq!(error.kind, ErrorKind::Configuration);
    assert!(error.message.contains("`elsewhere`"));
    assert!(report.edits[1][0].is_done());
}

#[tokio::test]
async fn where_the_journal_fails_nothing_more_is_sent_and_what_was_done_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let store = LocalStore::new(dir.path(), "s", None);
    let journal = Journal::begin(&store, LINEAGE, 1, RunInfo::default()).unwrap();
    let handle = journal.handle();
    let world = World::gated();
    let steps = steps(vec![
        (create("a", "v1"), &[]),
        (create("b", "v1"), &[0]),
        (create("c", "v1"), &[1]),
    ]);
    let (_canceller, cancel) = cancel();
    let providers = providers(&world);
    let run = execute(Run {
        steps: &steps,
        providers: &providers,
        journal: handle,
        parallelism: usize::MAX,
        settle: Duration::ZERO,
        cancel,
        events: None,
    });
    let fail = async {
        world.until_started(1).await;
        journal.close();
        world.gate.as_ref().unwrap().add_permits(9);
    };
    let (report, ()) = tokio::join!(run, fail);
    assert!(report.edits[0][0].is_done() && report.wrote_anything);
    assert_eq!(report.journal_error.as_ref().unwrap().code(), "state-io");
    assert!(!report.is_complete());
    for ends in &report.edits[1..] {
        assert_eq!(*ends, [EditEnd::NotStarted(NotStarted::Journal)]);
    }
    assert_eq!(world.started(), ["a"]);
}

#[tokio::test]
async fn a_thousand_steps_go_through() {
    let world = Arc::<World>::default();
    let names: Vec<String> = (0..1000).map(|n| format!("r{n:04}")).collect();
    let edits = names.iter().map(|name| (create(name, "v1"), &[][..]));
    let mut all = steps(edits.collect());
    for step in all.iter_mut().skip(1).step_by(2) {
        step.depends_on = vec![step.id - 1];
    }
    let (report, events) = run(&world, &all, 16).await;
    assert!(report.is_complete());
    assert_eq!(ours(&world).len(), 1000);
    assert_eq!(events.len(), 2000);
}

#[test]
fn a_run_may_be_moved_to_another_thread() {
    fn sendable<T: Send>(_: impl FnOnce(Run<'static>) -> T) {}
    sendable(execute);
}
