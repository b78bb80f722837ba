use rbacform_executor::{EditEnd, NotStarted, apply, settle_open_intents};
use rbacform_state::LocalStore;

use crate::world::*;

/// What a fresh store loads to, with the lineage that the marks carry.
async fn fresh(store: &LocalStore) -> rbacform_executor::Settled {
    let loaded = store.load().unwrap();
    let mut settled = settle_open_intents(loaded, &Default::default(), &Default::default(), &[])
        .await
        .unwrap();
    settled.snapshot.lineage = LINEAGE.to_owned();
    settled
}

#[tokio::test]
async fn the_first_cancel_starts_nothing_more_and_finishes_what_is_in_flight() {
    let dir = tempfile::tempdir().unwrap();
    let store = LocalStore::new(dir.path(), "s", None);
    let world = World::gated();
    let providers = providers(&world);
    let steps = creates(&["a", "b", "c", "d", "e", "f", "g", "h"]);
    let (work, canceller) = plain(&store, &providers, &steps, "r");
    let prior = fresh(&store).await;
    let interrupt = async {
        world.until_started(4).await;
        canceller.cancel();
        tokio::task::yield_now().await;
        world.gate.as_ref().unwrap().add_permits(100);
    };
    let (applied, ()) = tokio::join!(apply(prior, work), interrupt);
    let applied = applied.unwrap();
    assert!(applied.report.interrupted && applied.report.wrote_anything);
    assert_eq!(world.started().len(), 4);
    for (index, ends) in applied.report.edits.iter().enumerate() {
        match &ends[0] {
            EditEnd::Done { .. } => assert!(index < 4),
            end => assert_eq!(*end, EditEnd::NotStarted(NotStarted::Interrupted)),
        }
    }
    let loaded = store.load().unwrap();
    assert!(loaded.leftovers.is_empty() && loaded.open.is_empty());
    assert_eq!(loaded.snapshot.resources.len(), 4);
}

#[tokio::test]
async fn the_second_cancel_stops_at_once_and_the_next_run_settles_the_rest() {
    let dir = tempfile::tempdir().unwrap();
    let store = LocalStore::new(dir.path(), "s", None);
    let world = std::sync::Arc::<World>::default();
    world.misbehave("a", Mischief::Hang);
    let providers = providers(&world);
    let steps = creates(&["a", "b"]);
    let (work, canceller) = plain(&store, &providers, &steps, "r");
    let prior = fresh(&store).await;
    let interrupt = async {
        while ours(&world).len() < 2 {
            tokio::task::yield_now().await;
        }
        canceller.cancel();
        tokio::task::yield_now().await;
        canceller.cancel();
    };
    let (applied, ()) = tokio::join!(apply(prior, work), interrupt);
    let applied = applied.unwrap();
    assert_eq!(applied.report.edits[0], [EditEnd::Open]);
    assert!(applied.report.interrupted && applied.report.wrote_anything);
    let summary = applied.report.summary(&steps);
    assert_eq!(summary.failed[0].code, "unknown-outcome");

    let loaded = store.load().unwrap();
    assert_eq!(loaded.open[0].object, object("a"));
    let settled = settle_open_intents(loaded, &Default::default(), &providers, &[])
        .await
        .unwrap();
    assert!(settled.changed);
    assert_eq!(settled.snapshot.resources.len(), 2);
}

#[tokio::test]
async fn a_run_cancelled_before_it_began_sends_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = LocalStore::new(dir.path(), "s", None);
    let world = std::sync::Arc::<World>::default();
    let providers = providers(&world);
    let mut steps = creates(&["a", "b"]);
    steps[1].settle = true;
    let (mut work, canceller) = plain(&store, &providers, &steps, "r");
    work.settle = std::time::Duration::from_secs(3600);
    canceller.cancel();
    let applied = apply(fresh(&store).await, work).await.unwrap();
    assert!(applied.report.interrupted && !applied.report.wrote_anything);
    assert_eq!(world.started().len(), 0);
}
