use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use rbacform_core::{ObservedSet, StateSnapshot, Step, Value};
use rbacform_executor::{Applied, Apply, ApplyError, Settled, apply, settle_open_intents};
use rbacform_state::{AuditRecord, LocalStore, StateError};
use tempfile::TempDir;

use crate::world::*;

struct Bench {
    _dir: TempDir,
    store: LocalStore,
    world: Arc<World>,
}

impl Bench {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self {
            store: LocalStore::new(dir.path().join("state"), "s", None),
            _dir: dir,
            world: Arc::default(),
        }
    }

    async fn settled(&self) -> Settled {
        let loaded = self.store.load().unwrap();
        let providers = providers(&self.world);
        let mut settled = settle_open_intents(loaded, &ObservedSet::default(), &providers, &[])
            .await
            .unwrap();
        if !settled.snapshot.exists() {
            settled.snapshot.lineage = LINEAGE.to_owned();
        }
        settled
    }

    async fn apply_with(
        &self,
        steps: &[Step],
        run: &str,
        change: impl FnOnce(&mut Apply<'_>),
    ) -> Result<Applied, ApplyError> {
        let providers = providers(&self.world);
        let (mut work, _canceller) = plain(&self.store, &providers, steps, run);
        change(&mut work);
        apply(self.settled().await, work).await
    }

    async fn apply(&self, steps: &[Step], run: &str) -> Applied {
        self.apply_with(steps, run, |_| {}).await.unwrap()
    }

    fn audit(&self) -> Vec<AuditRecord> {
        let text = std::fs::read_to_string(self.store.files().audit()).unwrap_or_default();
        let lines = text.lines();
        lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

#[tokio::test]
async fn what_was_done_is_in_the_state_the_audit_record_and_nowhere_else() {
    let bench = Bench::new();
    let applied = bench.apply(&creates(&["a", "b"]), "r1").await;
    assert!(applied.report.is_complete());
    // One for the lineage, before the first write, and one for the outcome.
    assert_eq!(applied.snapshot.serial, 2);
    let all = steps(vec![
        (update("a", "v2"), &[]),
        (delete("b"), &[0]),
        (create("c", "v1"), &[]),
    ]);
    let applied = bench.apply(&all, "r2").await;
    assert_eq!(applied.snapshot.serial, 3);

    let loaded = bench.store.load().unwrap();
    assert_eq!(loaded.snapshot, applied.snapshot);
    assert!(loaded.leftovers.is_empty());
    assert_eq!(loaded.snapshot.worlds["kubernetes"].uid, "w1");
    let state: BTreeMap<String, String> = loaded
        .snapshot
        .resources
        .values()
        .map(|r| (r.object.name().to_owned(), revision_of(&r.attributes)))
        .collect();
    assert_eq!(state, bench.world.revisions());
    for (name, thing) in &*bench.world.things.lock().unwrap() {
        assert_eq!(loaded.snapshot.resources[&object(name)].uid, thing.uid);
    }

    let audit = bench.audit();
    assert_eq!(audit.len(), 2);
    assert_eq!((audit[1].serial_before, audit[1].serial_after), (2, 3));
    assert_eq!(audit[1].done.len(), 3);
    assert_eq!(audit[1].done[0].request_id.as_deref(), Some("req-a"));
}

#[tokio::test]
async fn with_nothing_to_do_nothing_is_written() {
    let bench = Bench::new();
    let applied = bench.apply(&[], "r1").await;
    assert_eq!(applied.snapshot.serial, 0);
    assert!(!bench.store.files().dir().exists());

    bench.apply(&creates(&["a"]), "r2").await;
    let bytes = || std::fs::read(bench.store.files().state()).unwrap();
    let before = bytes();
    let moved_server = |work: &mut Apply<'_>| {
        for pin in work.worlds.values_mut() {
            pin.server = "https://y".to_owned();
        }
    };
    bench.apply_with(&[], "r3", moved_server).await.unwrap();
    assert_eq!(bytes(), before);
    // That it was asked for is on record all the same.
    let audit = bench.audit();
    assert_eq!(audit.len(), 2);
    assert_eq!(audit[1].run.id, "r3");
    assert_eq!((audit[1].serial_before, audit[1].serial_after), (2, 2));
    assert!(audit[1].done.is_empty());
}

#[tokio::test]
async fn who_may_not_read_the_worlds_id_does_not_erase_it() {
    let bench = Bench::new();
    bench.apply(&creates(&["a"]), "r1").await;
    let pinned = || bench.store.read().unwrap().snapshot.worlds["kubernetes"].clone();
    assert_eq!(pinned().uid, "w1");
    let blind = |n: i64| {
        move |work: &mut Apply<'_>| {
            for pin in work.worlds.values_mut() {
                pin.uid.clear();
                pin.ca = "other".to_owned();
            }
            work.outputs = BTreeMap::from([("n".to_owned(), n.into())]);
        }
    };
    bench
        .apply_with(&creates(&["b"]), "r2", blind(1))
        .await
        .unwrap();
    assert_eq!(pinned().uid, "w1");
    bench.apply_with(&[], "r3", blind(2)).await.unwrap();
    let pin = pinned();
    assert_eq!((pin.uid.as_str(), pin.ca.as_str()), ("w1", "other"));
}

#[tokio::test]
async fn outputs_are_kept_once_everything_is_done_and_only_when_they_change() {
    let bench = Bench::new();
    let secret = || Value::Sensitive(Box::new("canary".into()));
    let outputs = |n: i64| BTreeMap::from([("n".to_owned(), n.into()), ("s".to_owned(), secret())]);
    let set = |n| move |work: &mut Apply<'_>| work.outputs = outputs(n);
    let applied = bench.apply_with(&[], "r1", set(1)).await.unwrap();
    assert_eq!(applied.snapshot.serial, 1);
    let applied = bench.apply_with(&[], "r2", set(1)).await.unwrap();
    assert_eq!(applied.snapshot.serial, 1);

    bench.world.misbehave("a", Mischief::Refuse);
    let applied = bench
        .apply_with(&creates(&["a"]), "r3", set(2))
        .await
        .unwrap();
    assert_eq!(applied.snapshot.outputs["n"], 1.into());
    let text = std::fs::read_to_string(bench.store.files().state()).unwrap();
    assert!(!text.contains("canary"));
}

#[tokio::test]
async fn a_lost_answer_stays_open_until_the_next_run_reads_the_object() {
    let bench = Bench::new();
    bench.world.misbehave("a", Mischief::LoseAnswer);
    let applied = bench.apply(&creates(&["a", "b"]), "r1").await;
    assert!(applied.report.wrote_anything);
    assert_eq!(applied.snapshot.resources.len(), 1);
    assert_eq!(bench.audit()[0].open.len(), 1);
    bench.world.mischief.lock().unwrap().clear();

    let settled = bench.settled().await;
    assert!(settled.changed);
    assert_eq!(settled.snapshot.resources.len(), 2);
    assert_eq!(
        bench.world.reads.load(Ordering::SeqCst),
        1,
        "only what is open"
    );
    assert_eq!(
        bench.store.read().unwrap().snapshot.resources.len(),
        1,
        "nothing written"
    );

    let applied = bench.apply(&[], "r2").await;
    assert_eq!(applied.snapshot.resources.len(), 2);
    let loaded = bench.store.load().unwrap();
    assert!(loaded.leftovers.is_empty());
    assert_eq!(loaded.snapshot, applied.snapshot);
}

#[tokio::test]
async fn what_was_listed_already_is_not_read_again_to_settle() {
    let bench = Bench::new();
    for name in ["a", "b"] {
        bench.world.misbehave(name, Mischief::LoseAnswer);
    }
    bench.apply(&creates(&["a", "b"]), "r1").await;
    let mut observed = ObservedSet::default();
    let provider = &providers(&bench.world)["kubernetes"];
    observed.insert(provider.read_one(&object("a")).await.unwrap().unwrap());
    observed
        .complete
        .insert(("kubernetes".into(), "Role".into()));
    let loaded = bench.store.load().unwrap();
    let settled = settle_open_intents(loaded, &observed, &Default::default(), &[])
        .await
        .unwrap();
    let names: Vec<&str> = settled
        .snapshot
        .resources
        .keys()
        .map(|o| o.name())
        .collect();
    assert_eq!(names, ["a"]);

    // Without a provider and without a list there is no telling.
    let loaded = bench.store.load().unwrap();
    let error = settle_open_intents(loaded, &ObservedSet::default(), &Default::default(), &[])
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("kubernetes/Role/bob/a"),
        "{error}"
    );
}

#[tokio::test]
async fn a_state_that_changed_since_it_was_read_is_refused_before_the_first_write() {
    let bench = Bench::new();
    bench.apply(&creates(&["a"]), "r1").await;
    let stale = bench.settled().await;
    bench.apply(&creates(&["b"]), "r2").await;
    let providers = providers(&bench.world);
    let steps = creates(&["c"]);
    let (work, _canceller) = plain(&bench.store, &providers, &steps, "r3");
    let error = apply(stale, work).await.unwrap_err();
    assert!(matches!(
        error,
        ApplyError::NotStarted(StateError::Changed { .. })
    ));
    assert!(!bench.world.revisions().contains_key("c"));
}

#[tokio::test]
async fn a_zombie_cannot_commit_and_the_next_run_finds_what_it_did() {
    let bench = Bench::new();
    bench.apply(&creates(&["a"]), "r1").await;
    let providers = providers(&bench.world);
    let world = World::gated();
    let slow = crate::world::providers(&world);
    let steps = creates(&["late"]);
    let (work, _canceller) = plain(&bench.store, &slow, &steps, "zombie");
    let prior = bench.settled().await;
    let meanwhile = async {
        world.until_started(1).await;
        let steps = creates(&["b"]);
        let (work, _canceller) = plain(&bench.store, &providers, &steps, "next");
        // The new run finds the zombie's intent open, and nothing of it in the world.
        apply(bench.settled().await, work).await.unwrap();
        world.gate.as_ref().unwrap().add_permits(1);
    };
    let (zombie, ()) = tokio::join!(apply(prior, work), meanwhile);
    let Err(ApplyError::Unsaved { report, error }) = zombie else {
        panic!("a zombie committed");
    };
    assert!(report.wrote_anything && error.is_contention());
    let loaded = bench.store.load().unwrap();
    let managed = |state: &StateSnapshot| -> Vec<String> {
        let names = state.resources.keys().map(|object| object.name());
        names.map(str::to_owned).collect()
    };
    assert_eq!(managed(&loaded.snapshot), ["a", "b"]);
    let settled = settle_open_intents(loaded, &ObservedSet::default(), &slow, &[])
        .await
        .unwrap();
    assert_eq!(managed(&settled.snapshot), ["a", "b", "late"]);
    let (work, _canceller) = plain(&bench.store, &slow, &[], "third");
    let applied = apply(settled, work).await.unwrap();
    assert_eq!(managed(&applied.snapshot), ["a", "b", "late"]);
    assert!(bench.store.load().unwrap().leftovers.is_empty());
}

#[tokio::test]
async fn a_value_that_state_cannot_hold_is_refused_before_the_first_write() {
    let bench = Bench::new();
    let mut deep = Value::Null;
    for _ in 0..200 {
        deep = Value::from(vec![deep]);
    }
    let set = |work: &mut Apply<'_>| work.outputs = BTreeMap::from([("deep".to_owned(), deep)]);
    let error = bench
        .apply_with(&creates(&["a"]), "r", set)
        .await
        .unwrap_err();
    assert!(matches!(error, ApplyError::NotStarted(_)), "{error}");
    assert!(bench.world.revisions().is_empty());
    assert!(!bench.store.files().dir().exists());
}

#[tokio::test]
async fn a_bridge_is_journaled_and_never_in_state() {
    let bench = Bench::new();
    let all = steps(vec![
        (transient(create("bridge", "v1")), &[]),
        (create("a", "v1"), &[0]),
        (transient(delete("bridge")), &[1]),
    ]);
    let applied = bench.apply(&all, "r").await;
    assert!(applied.report.is_complete());
    let names: Vec<&str> = applied
        .snapshot
        .resources
        .keys()
        .map(|o| o.name())
        .collect();
    assert_eq!(names, ["a"]);
    assert_eq!(bench.audit()[0].done.len(), 3);
}

#[tokio::test]
async fn a_bridge_that_could_not_be_removed_is_remembered_until_it_is_gone() {
    let bench = Bench::new();
    let all = steps(vec![
        (transient(create("bridge", "v1")), &[]),
        (create("a", "v1"), &[0]),
        (transient(delete("bridge")), &[1]),
    ]);
    bench.world.misbehave("a", Mischief::Refuse);
    bench.apply(&all, "r1").await;
    bench.world.mischief.lock().unwrap().clear();
    let bridges = |settled: Settled| settled.bridges.into_keys().collect::<Vec<_>>();
    assert_eq!(bridges(bench.settled().await), [object("bridge")]);

    // A run that does something else does not forget it, whatever it commits.
    let outputs = |work: &mut Apply<'_>| {
        work.outputs = BTreeMap::from([("n".to_owned(), 1.into())]);
    };
    bench.apply_with(&[], "r2", outputs).await.unwrap();
    bench.apply(&creates(&["b"]), "r3").await;
    assert_eq!(bridges(bench.settled().await), [object("bridge")]);
    assert_eq!(bench.store.load().unwrap().leftovers.len(), 1);

    // The next plan deletes it as what carries our mark.
    bench
        .apply(&steps(vec![(delete("bridge"), &[])]), "r4")
        .await;
    assert_eq!(ours(&bench.world).into_iter().collect::<Vec<_>>(), ["b"]);
    let loaded = bench.store.load().unwrap();
    assert!(loaded.leftovers.is_empty() && loaded.bridges.is_empty());
}

#[tokio::test]
async fn a_bridge_that_somebody_removed_is_forgotten() {
    let bench = Bench::new();
    bench.world.misbehave("a", Mischief::Refuse);
    let all = steps(vec![
        (transient(create("bridge", "v1")), &[]),
        (create("a", "v1"), &[0]),
        (transient(delete("bridge")), &[1]),
    ]);
    bench.apply(&all, "r1").await;
    bench.world.things.lock().unwrap().clear();
    assert!(bench.settled().await.bridges.is_empty());
    bench.apply(&[], "r2").await;
    assert!(bench.store.load().unwrap().leftovers.is_empty());
}
