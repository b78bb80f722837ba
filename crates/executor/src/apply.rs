//! The commit protocol around a run.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use rbacform_core::{Edit, ObjectId, StateSnapshot, Step, Value, WorldPin};
use rbacform_state::{
    AuditRecord, Intent, Journal, LocalStore, RunInfo, StateError, Verb, Version, apply_outcome,
    check_writable,
};
use tokio::sync::mpsc;

use crate::{Cancel, EditEnd, Event, Providers, Report, Run, Settled, audit, execute};

/// What to apply. The caller holds the lock.
pub struct Apply<'a> {
    /// Where state lives.
    pub store: &'a LocalStore,
    /// The plan's steps.
    pub steps: &'a [Step],
    /// The worlds that the plan was made against.
    pub worlds: BTreeMap<String, WorldPin>,
    /// The outputs, once everything is done.
    pub outputs: BTreeMap<String, Value>,
    /// The outputs again, from the state that has what only a server could tell. Asked once
    /// everything is done, where `outputs` hold a value not yet known; none where it cannot tell.
    pub outputs_after: Option<&'a OutputsAfter<'a>>,
    /// Who runs it, when, with which plan, and why.
    pub run: RunInfo,
    /// Who carries out the steps.
    pub providers: &'a Providers,
    /// How many calls may be in flight.
    pub parallelism: usize,
    /// How long a step with `settle` waits.
    pub settle: Duration,
    /// Asks it to stop.
    pub cancel: Cancel,
    /// Who wants to know how it goes.
    pub events: Option<mpsc::UnboundedSender<Event>>,
}

/// Works out outputs from a state.
pub type OutputsAfter<'a> =
    dyn Fn(&StateSnapshot) -> Option<BTreeMap<String, Value>> + Send + Sync + 'a;

/// What an apply came to. That edits failed is in the report; the state has what was done.
#[derive(Debug)]
pub struct Applied {
    /// What became of every edit.
    pub report: Report,
    /// The state, as committed.
    pub snapshot: StateSnapshot,
}

/// An apply whose state could not be kept.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// Before anything was sent.
    #[error(transparent)]
    NotStarted(StateError),
    /// After: the journal has what was done, and the next run takes it from there.
    #[error("what was done could not be saved: {error}")]
    Unsaved {
        /// What became of every edit.
        report: Box<Report>,
        /// Why.
        error: StateError,
    },
}

/// Runs a plan on the state that it started from, and keeps the outcome. A state that had no
/// lineage was given one before planning, since the objects' marks carry it.
///
/// ```text
/// state is still what was read -> lineage, world pins and settled intents committed
///   -> journal begun -> steps -> open intents and bridges that stand carried over
///   -> state committed, serial + 1
///   -> audit record -> journal removed
/// ```
///
/// Killed anywhere in between, [`LocalStore::load`] and
/// [`settle_open_intents`](crate::settle_open_intents) find what was done. With nothing to do and
/// nothing to record, only the audit record is written, and where there is no state nothing at all.
pub async fn apply(prior: Settled, apply: Apply<'_>) -> Result<Applied, ApplyError> {
    let mut keeper = Keeper::prepare(prior, &apply).map_err(ApplyError::NotStarted)?;
    if apply.steps.is_empty() {
        let report = Report::default();
        let kept = keeper.keep_nothing(&apply);
        return kept
            .map(|()| keeper.applied(report))
            .map_err(ApplyError::NotStarted);
    }
    let journal = Journal::begin(
        apply.store,
        &keeper.snapshot.lineage,
        keeper.version.serial(),
        apply.run.clone(),
    )
    .map_err(ApplyError::NotStarted)?;
    let report = execute(Run {
        steps: apply.steps,
        providers: apply.providers,
        journal: journal.handle(),
        parallelism: apply.parallelism,
        settle: apply.settle,
        cancel: apply.cancel.clone(),
        events: apply.events.clone(),
    })
    .await;
    match keeper.keep(&apply, &report, journal.close()) {
        Ok(()) => Ok(keeper.applied(report)),
        Err(error) => Err(ApplyError::Unsaved {
            report: Box::new(report),
            error,
        }),
    }
}

/// The state of an apply on its way from one commit to the next.
struct Keeper {
    snapshot: StateSnapshot,
    version: Version,
    /// Temporary objects of earlier runs that are still in the world.
    bridges: BTreeMap<ObjectId, Intent>,
    /// The journal that carries over what the last commit left open.
    carried: Option<PathBuf>,
}

impl Keeper {
    /// Everything that must be durable before the first write.
    fn prepare(prior: Settled, apply: &Apply<'_>) -> Result<Self, StateError> {
        let Apply { store, worlds, .. } = apply;
        store.check_current(&prior.version)?;
        check_values(apply)?;
        let mut keeper = Self {
            snapshot: prior.snapshot,
            version: prior.version,
            bridges: prior.bridges,
            carried: None,
        };
        // The journals that tell of bridges are about to go.
        let mut dirty = prior.changed || !keeper.bridges.is_empty();
        let sends = !apply.steps.is_empty();
        let exists = !keeper.version.is_absent();
        // A stack of nothing pins no world.
        if (sends || exists) && pins_something(&keeper.snapshot, worlds) {
            keeper.pin(worlds);
            dirty = true;
        }
        if dirty || (sends && !exists) {
            keeper.commit(store, &keeper.left_bridges(&[]))?;
        }
        if !prior.leftovers.is_empty() {
            store.audit_leftovers(&prior.leftovers, keeper.version.serial())?;
            let paths: Vec<PathBuf> = prior.leftovers.into_iter().map(|l| l.path).collect();
            store.remove_journals(&paths)?;
        }
        Ok(keeper)
    }

    /// Pins the worlds. That this identity may not read a world's id does not make it forgotten.
    fn pin(&mut self, worlds: &BTreeMap<String, WorldPin>) {
        for (instance, world) in worlds {
            let pinned = self.snapshot.worlds.entry(instance.clone()).or_default();
            let known = std::mem::replace(pinned, world.clone()).uid;
            if pinned.uid.is_empty() {
                pinned.uid = known;
            }
        }
    }

    /// With no steps: commits where the outputs are news. That it was run is on record, and why.
    fn keep_nothing(&mut self, apply: &Apply<'_>) -> Result<(), StateError> {
        let before = self.version.serial();
        let news = !same_outputs(&self.snapshot.outputs, &apply.outputs);
        if news {
            self.keep_outputs(apply)?;
        }
        // A stack that never had anything leaves nothing behind.
        if self.version.is_absent() {
            return Ok(());
        }
        let mut record = AuditRecord::of_run(apply.run.clone(), before);
        record.serial_after = self.version.serial();
        apply.store.audit(&record)
    }

    fn keep_outputs(&mut self, apply: &Apply<'_>) -> Result<(), StateError> {
        self.snapshot.outputs = apply.outputs.clone();
        self.pin(&apply.worlds);
        self.commit(apply.store, &self.left_bridges(&[]))
    }

    /// After the steps: commits what was done, and ends the journal.
    fn keep(
        &mut self,
        apply: &Apply<'_>,
        report: &Report,
        journal: PathBuf,
    ) -> Result<(), StateError> {
        let before = self.version.serial();
        for index in &report.finished {
            let (Some(step), Some(ends)) = (apply.steps.get(*index), report.edits.get(*index))
            else {
                continue;
            };
            for (edit, end) in step.edits.iter().zip(ends) {
                if let EditEnd::Done { uid, .. } = end {
                    apply_outcome(&mut self.snapshot, edit, uid);
                }
            }
        }
        self.pin(&apply.worlds);
        if report.is_complete() {
            let unknown = apply.outputs.values().any(Value::has_unknown);
            let after = apply.outputs_after.filter(|_| unknown);
            let known = after.and_then(|after| after(&self.snapshot));
            self.snapshot.outputs = known.unwrap_or_else(|| apply.outputs.clone());
        }
        self.commit_run(apply, report)?;
        let mut record = AuditRecord::of_run(apply.run.clone(), before);
        record.serial_after = self.version.serial();
        audit::fill(&mut record, apply.steps, report);
        apply.store.audit(&record)?;
        apply.store.remove_journals(&[journal])
    }

    /// Commits what a run did. Where somebody else has committed meanwhile, it is left for the
    /// next run to find out.
    fn commit_run(&mut self, apply: &Apply<'_>, report: &Report) -> Result<(), StateError> {
        let store = apply.store;
        let mut open = intents(apply.steps, report, EditEnd::is_open);
        let done = intents(apply.steps, report, EditEnd::is_done);
        open.extend(self.left_bridges(&done));
        let committed = self.commit(store, &open);
        if let Err(StateError::Changed { .. }) = &committed {
            store.leave_behind(&self.snapshot, &done)?;
        }
        committed
    }

    /// Commits; what is open is carried over, in place of what was before.
    fn commit(&mut self, store: &LocalStore, open: &[Intent]) -> Result<(), StateError> {
        let carried = store.carry_over(&self.snapshot, &self.version, open)?;
        self.version = store.commit(&mut self.snapshot, &self.version)?;
        let spent = std::mem::replace(&mut self.carried, carried);
        store.remove_journals(spent.as_slice())
    }

    /// The temporary objects that stand in the world once these intents were carried out.
    fn left_bridges(&self, done: &[Intent]) -> Vec<Intent> {
        let made = done
            .iter()
            .filter(|intent| intent.transient && intent.verb == Verb::Create);
        let gone: BTreeSet<&ObjectId> = done
            .iter()
            .filter(|intent| intent.verb == Verb::Delete)
            .map(|intent| &intent.object)
            .collect();
        let all = self.bridges.values().chain(made);
        all.filter(|intent| !gone.contains(&intent.object))
            .cloned()
            .collect()
    }

    fn applied(self, report: Report) -> Applied {
        Applied {
            report,
            snapshot: self.snapshot,
        }
    }
}

/// Refuses, before anything is sent, what the state file could not hold afterwards.
fn check_values(apply: &Apply<'_>) -> Result<(), StateError> {
    for (name, value) in &apply.outputs {
        check_writable(&format_args!("the output `{name}`"), value)?;
    }
    let edits = apply.steps.iter().flat_map(|step| &step.edits);
    for resource in edits.filter_map(|edit| edit.records.as_ref()) {
        check_writable(&resource.address, &resource.attributes)?;
    }
    Ok(())
}

/// Whether a world is known better than state has it. A server's URL that moved is no news by
/// itself: the world is the same.
fn pins_something(snapshot: &StateSnapshot, worlds: &BTreeMap<String, WorldPin>) -> bool {
    worlds.iter().any(|(instance, world)| {
        snapshot
            .worlds
            .get(instance)
            .is_none_or(|pinned| pinned.uid.is_empty() && !world.uid.is_empty())
    })
}

/// Compared as they are stored: of a sensitive output only that it is one.
fn same_outputs(a: &BTreeMap<String, Value>, b: &BTreeMap<String, Value>) -> bool {
    a.len() == b.len()
        && a.iter()
            .zip(b)
            .all(|((a_name, a), (b_name, b))| a_name == b_name && a.to_json() == b.to_json())
}

/// The intents of the edits that ended like that.
fn intents(steps: &[Step], report: &Report, like: impl Fn(&EditEnd) -> bool) -> Vec<Intent> {
    let edits = steps.iter().zip(&report.edits);
    let edits = edits.flat_map(|(step, ends)| step.edits.iter().zip(ends));
    let chosen = edits.filter(|(_, end)| like(end));
    chosen
        .zip(0..)
        .map(|((edit, _), seq): ((&Edit, _), u64)| Intent::of(seq, edit))
        .collect()
}
