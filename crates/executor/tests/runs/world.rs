//! A world of objects, and a provider that writes to it and does as it is told.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use rbacform_core::{
    Address, Edit, EditKind, Mark, ObjectId, ObservedObject, Precondition, StateResource, Step,
    Text, Value, WorldPin,
};
use rbacform_executor::{Apply, Cancel, Canceller, Providers, cancel};
use rbacform_provider::{
    ErrorKind, Observation, Provider, ProviderError, Query, WriteOutcome, Written,
};
use rbacform_state::{LocalStore, RunInfo};
use tokio::sync::Semaphore;

pub(crate) const LINEAGE: &str = "lineage-1";

#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Thing {
    pub(crate) uid: String,
    pub(crate) revision: String,
    pub(crate) mark: Option<Mark>,
}

/// How the provider misbehaves for one object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mischief {
    /// Refuses.
    Refuse,
    /// Does it and loses the answer.
    LoseAnswer,
    /// Never answers.
    Hang,
}

#[derive(Default)]
pub(crate) struct World {
    pub(crate) things: Mutex<BTreeMap<String, Thing>>,
    /// Where the things are kept, for worlds that outlive a process.
    pub(crate) file: Option<PathBuf>,
    pub(crate) mischief: Mutex<BTreeMap<String, Mischief>>,
    /// `start NAME` and `end NAME`, as they happened.
    pub(crate) log: Mutex<Vec<String>>,
    /// Every call takes one of these before it ends, where given.
    pub(crate) gate: Option<Semaphore>,
    pub(crate) in_flight: AtomicUsize,
    pub(crate) most_in_flight: AtomicUsize,
    pub(crate) reads: AtomicU64,
    pub(crate) writes: AtomicU64,
    born: AtomicU64,
}

impl World {
    pub(crate) fn gated() -> Arc<Self> {
        Arc::new(Self {
            gate: Some(Semaphore::new(0)),
            ..Self::default()
        })
    }

    pub(crate) fn in_file(file: PathBuf) -> Arc<Self> {
        let things = match std::fs::read(&file) {
            Ok(bytes) => serde_json::from_slice(&bytes).unwrap(),
            Err(_) => BTreeMap::new(),
        };
        Arc::new(Self {
            things: Mutex::new(things),
            file: Some(file),
            born: AtomicU64::new(u64::from(std::process::id()) * 1000),
            ..Self::default()
        })
    }

    pub(crate) fn misbehave(&self, name: &str, how: Mischief) {
        self.mischief.lock().unwrap().insert(name.to_owned(), how);
    }

    pub(crate) fn revisions(&self) -> BTreeMap<String, String> {
        let things = self.things.lock().unwrap();
        things
            .iter()
            .map(|(name, thing)| (name.clone(), thing.revision.clone()))
            .collect()
    }

    pub(crate) fn started(&self) -> Vec<String> {
        let log = self.log.lock().unwrap();
        let starts = log.iter().filter_map(|line| line.strip_prefix("start "));
        starts.map(str::to_owned).collect()
    }

    /// Waits until `count` calls have started.
    pub(crate) async fn until_started(&self, count: usize) {
        while self.started().len() < count {
            tokio::task::yield_now().await;
        }
    }

    fn carry_out(&self, edit: &Edit) -> WriteOutcome {
        let name = edit.object.name().to_owned();
        let mut things = self.things.lock().unwrap();
        let born = format!("u{}", self.born.fetch_add(1, Ordering::SeqCst));
        let uid = match &edit.kind {
            EditKind::Create {
                attributes, mark, ..
            } => {
                if things.contains_key(&name) {
                    return Err(ProviderError::new(ErrorKind::Conflict, "it is there"));
                }
                let thing = Thing {
                    uid: born.clone(),
                    revision: revision_of(attributes),
                    mark: Some(mark.clone()),
                };
                things.insert(name, thing);
                born
            }
            EditKind::Update { attributes, mark } => {
                let Some(thing) = things.get_mut(&name) else {
                    return Err(ProviderError::new(ErrorKind::Stale, "it is gone"));
                };
                thing.revision = revision_of(attributes);
                thing.mark = Some(mark.clone());
                thing.uid.clone()
            }
            EditKind::Abandon { .. } => {
                if let Some(thing) = things.get_mut(&name) {
                    thing.mark = None;
                }
                String::new()
            }
            EditKind::Delete => {
                things.remove(&name);
                String::new()
            }
            EditKind::Record => panic!("a record was sent"),
        };
        if let Some(file) = &self.file {
            let temp = file.with_extension("tmp");
            std::fs::write(&temp, serde_json::to_vec(&*things).unwrap()).unwrap();
            std::fs::rename(temp, file).unwrap();
        }
        Ok(Written {
            uid: uid.into(),
            request_id: Some(format!("req-{}", edit.object.name()).into()),
        })
    }
}

#[async_trait]
impl Provider for World {
    async fn read(&self, _: &Query) -> Result<Observation, ProviderError> {
        Ok(Observation::default())
    }

    async fn read_one(&self, object: &ObjectId) -> Result<Option<ObservedObject>, ProviderError> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        let things = self.things.lock().unwrap();
        let thing = things.get(object.name());
        Ok(thing.map(|thing| observed(object.name(), thing)))
    }

    async fn identity(&self) -> Result<String, ProviderError> {
        Ok("ana".to_owned())
    }

    async fn write(&self, step: &Step) -> Vec<WriteOutcome> {
        self.writes.fetch_add(1, Ordering::SeqCst);
        let now = self.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_in_flight.fetch_max(now, Ordering::SeqCst);
        let name = step.edits[0].object.name().to_owned();
        self.log.lock().unwrap().push(format!("start {name}"));
        match &self.gate {
            Some(gate) => gate.acquire().await.unwrap().forget(),
            None => tokio::task::yield_now().await,
        }
        let mut outcomes = Vec::new();
        for edit in &step.edits {
            let how = self
                .mischief
                .lock()
                .unwrap()
                .get(edit.object.name())
                .copied();
            outcomes.push(match how {
                Some(Mischief::Refuse) => {
                    Err(ProviderError::new(ErrorKind::Forbidden, "you may not"))
                }
                Some(Mischief::LoseAnswer) => {
                    let _ = self.carry_out(edit);
                    Err(ProviderError::new(
                        ErrorKind::Unknown,
                        "the answer was lost",
                    ))
                }
                Some(Mischief::Hang) => {
                    let _ = self.carry_out(edit);
                    std::future::pending().await
                }
                None => self.carry_out(edit),
            });
        }
        self.log.lock().unwrap().push(format!("end {name}"));
        self.in_flight.fetch_sub(1, Ordering::SeqCst);
        outcomes
    }

    fn requests(&self) -> u64 {
        self.reads.load(Ordering::SeqCst) + self.writes.load(Ordering::SeqCst)
    }
}

pub(crate) fn providers(world: &Arc<World>) -> Providers {
    let provider: Arc<dyn Provider> = Arc::clone(world) as _;
    BTreeMap::from([("kubernetes".to_owned(), provider)])
}

pub(crate) fn object(name: &str) -> ObjectId {
    ObjectId::namespaced("kubernetes", "Role", "bob", name)
}

pub(crate) fn address(name: &str) -> Address {
    Address::new("kubernetes.role", name, None)
}

pub(crate) fn mark() -> Mark {
    Mark::new("s", None, LINEAGE)
}

fn attributes(revision: &str) -> Value {
    Value::from_json(&serde_json::json!({"labels": {"revision": revision}}))
}

pub(crate) fn revision_of(attributes: &Value) -> String {
    let revision = attributes.get("labels").and_then(|l| l.get("revision"));
    revision
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

fn observed(name: &str, thing: &Thing) -> ObservedObject {
    ObservedObject {
        object: object(name),
        uid: thing.uid.as_str().into(),
        version: Text::const_new("1"),
        attributes: attributes(&thing.revision),
        mark: thing.mark.clone(),
        managed_by: None,
        last_writer: None,
        terminating: false,
        bootstrap: false,
    }
}

pub(crate) fn resource(name: &str, revision: &str) -> StateResource {
    StateResource {
        address: address(name),
        object: object(name),
        uid: Text::default(),
        attributes: attributes(revision),
        requires: Vec::new(),
        depends_on: Vec::new(),
        prevent_destroy: false,
        on_destroy: Default::default(),
        ignore_changes: Vec::new(),
    }
}

fn edit(name: &str, kind: EditKind, records: Option<StateResource>) -> Edit {
    Edit {
        address: address(name),
        object: object(name),
        kind,
        precondition: Precondition::default(),
        records,
        transient: false,
    }
}

pub(crate) fn create(name: &str, revision: &str) -> Edit {
    let kind = EditKind::Create {
        attributes: attributes(revision),
        mark: mark(),
        built_in: false,
    };
    edit(name, kind, Some(resource(name, revision)))
}

pub(crate) fn update(name: &str, revision: &str) -> Edit {
    let kind = EditKind::Update {
        attributes: attributes(revision),
        mark: mark(),
    };
    edit(name, kind, Some(resource(name, revision)))
}

pub(crate) fn delete(name: &str) -> Edit {
    edit(name, EditKind::Delete, None)
}

pub(crate) fn record(name: &str, revision: &str) -> Edit {
    edit(name, EditKind::Record, Some(resource(name, revision)))
}

pub(crate) fn transient(edit: Edit) -> Edit {
    Edit {
        transient: true,
        records: None,
        ..edit
    }
}

/// Steps of one edit each, with what they depend on.
pub(crate) fn steps(edits: Vec<(Edit, &[usize])>) -> Vec<Step> {
    let numbered = edits.into_iter().enumerate();
    numbered
        .map(|(id, (edit, depends_on))| Step {
            id,
            instance: "kubernetes".into(),
            edits: vec![edit],
            group: None,
            depends_on: depends_on.to_vec(),
            settle: false,
        })
        .collect()
}

pub(crate) fn creates(names: &[&str]) -> Vec<Step> {
    steps(
        names
            .iter()
            .map(|name| (create(name, "v1"), &[][..]))
            .collect(),
    )
}

/// An apply of `steps` with everything else as plain as can be.
pub(crate) fn plain<'a>(
    store: &'a LocalStore,
    providers: &'a Providers,
    steps: &'a [Step],
    run: &str,
) -> (Apply<'a>, Canceller) {
    let (canceller, cancel) = cancel();
    (apply_of(store, providers, steps, run, cancel), canceller)
}

fn apply_of<'a>(
    store: &'a LocalStore,
    providers: &'a Providers,
    steps: &'a [Step],
    run: &str,
    cancel: Cancel,
) -> Apply<'a> {
    let pin = WorldPin {
        server: "https://x".to_owned(),
        uid: "w1".to_owned(),
        ca: String::new(),
    };
    Apply {
        store,
        steps,
        worlds: BTreeMap::from([("kubernetes".to_owned(), pin)]),
        outputs: BTreeMap::new(),
        outputs_after: None,
        run: RunInfo {
            id: run.to_owned(),
            operation: "apply".to_owned(),
            ..RunInfo::default()
        },
        providers,
        parallelism: 4,
        settle: std::time::Duration::ZERO,
        cancel,
        events: None,
    }
}

/// The names in the world that carry our mark.
pub(crate) fn ours(world: &World) -> BTreeSet<String> {
    let things = world.things.lock().unwrap();
    let ours = things
        .iter()
        .filter(|(_, thing)| thing.mark == Some(mark()));
    ours.map(|(name, _)| name.clone()).collect()
}
