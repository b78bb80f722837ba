//! A second world beside the cluster: policies, and grants on them that carry no mark.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use rbacform_core::{
    Address, Adoption, Argument, Diagnostic, Edit, EditKind, Node, ObjectId, ObservedObject,
    ObservedSet, Precondition, ResolvedObject, ResourceInput, Semantics, StateResource, Step, Text,
    TypeSchema, Value,
};
use rbacform_executor::{Applied, Providers, Settled, apply, settle_open_intents};
use rbacform_provider::{
    ErrorKind, Observation, Provider, ProviderError, Query, WriteOutcome, Written,
};
use rbacform_state::LocalStore;

use crate::world::{LINEAGE, World, create, mark, object, plain, providers};

/// Policies as sets of `POLICY ROLE MEMBER`.
#[derive(Default)]
pub(crate) struct Policies {
    pub(crate) grants: Mutex<BTreeSet<String>>,
    pub(crate) file: Option<PathBuf>,
    /// Members that no policy takes.
    pub(crate) poisoned: BTreeSet<String>,
    pub(crate) loses_answers: bool,
    pub(crate) writes: Mutex<Vec<Vec<String>>>,
    pub(crate) reads: AtomicU64,
}

impl Policies {
    pub(crate) fn in_file(file: PathBuf) -> Arc<Self> {
        let grants = std::fs::read(&file).map(|bytes| serde_json::from_slice(&bytes).unwrap());
        Arc::new(Self {
            grants: Mutex::new(grants.unwrap_or_default()),
            file: Some(file),
            ..Self::default()
        })
    }

    pub(crate) fn all(&self) -> BTreeSet<String> {
        self.grants.lock().unwrap().clone()
    }
}

fn stands(ident: &str) -> ObservedObject {
    ObservedObject {
        object: grant(ident),
        uid: Text::const_new("-"),
        version: Text::const_new("etag"),
        attributes: attributes(ident),
        mark: None,
        managed_by: None,
        last_writer: None,
        terminating: false,
        bootstrap: false,
    }
}

#[async_trait]
impl Provider for Policies {
    async fn read(&self, _: &Query) -> Result<Observation, ProviderError> {
        Ok(Observation::default())
    }

    async fn read_one(&self, object: &ObjectId) -> Result<Option<ObservedObject>, ProviderError> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        let grants = self.grants.lock().unwrap();
        Ok(grants.get(object.ident.as_str()).map(|ident| stands(ident)))
    }

    async fn identity(&self) -> Result<String, ProviderError> {
        Ok("ana@example.com".to_owned())
    }

    /// All of a step at once, as one policy is set.
    async fn write(&self, step: &Step) -> Vec<WriteOutcome> {
        tokio::task::yield_now().await;
        let idents = step.edits.iter().map(|edit| edit.object.ident.to_string());
        self.writes.lock().unwrap().push(idents.collect());
        let mut grants = self.grants.lock().unwrap();
        let outcomes = step.edits.iter().map(|edit| {
            let ident = edit.object.ident.to_string();
            let uid = match &edit.kind {
                EditKind::Record => panic!("a record was sent"),
                EditKind::Delete => {
                    grants.remove(&ident);
                    ""
                }
                _ if self.poisoned.contains(&ident) => {
                    return Err(ProviderError::new(ErrorKind::Invalid, "no such member"));
                }
                _ => {
                    grants.insert(ident);
                    "-"
                }
            };
            match self.loses_answers {
                true => Err(ProviderError::new(
                    ErrorKind::Unknown,
                    "the answer was lost",
                )),
                false => Ok(Written {
                    uid: uid.into(),
                    request_id: None,
                }),
            }
        });
        let outcomes = outcomes.collect();
        if let Some(file) = &self.file {
            let temp = file.with_extension("tmp");
            std::fs::write(&temp, serde_json::to_vec(&*grants).unwrap()).unwrap();
            std::fs::rename(temp, file).unwrap();
        }
        outcomes
    }

    fn requests(&self) -> u64 {
        self.reads.load(Ordering::SeqCst)
    }
}

struct Grants;

impl Semantics for Grants {
    fn provider(&self) -> &'static str {
        "gcp"
    }
    fn types(&self) -> &'static [TypeSchema] {
        &[]
    }
    fn settings(&self) -> &'static [Argument] {
        &[]
    }
    fn resolve(&self, _: &ResourceInput<'_>) -> Result<ResolvedObject, Vec<Diagnostic>> {
        Err(Vec::new())
    }
    fn manifest(
        &self,
        _: &str,
        _: &Node,
        _: &str,
    ) -> Option<Result<ResolvedObject, Vec<Diagnostic>>> {
        None
    }
    fn adoption(&self, _: &str) -> Adoption {
        Adoption::Freely
    }
}

pub(crate) fn grant(ident: &str) -> ObjectId {
    ObjectId::cluster("gcp", "IamMember", ident)
}

fn attributes(ident: &str) -> Value {
    Value::from_json(&serde_json::json!({ "grant": ident }))
}

pub(crate) fn edit(ident: &str, kind: EditKind) -> Edit {
    let address = Address::new("gcp.iam_member", ident.replace([' ', ':'], "_"), None);
    let records = (kind != EditKind::Delete).then(|| StateResource {
        address: address.clone(),
        object: grant(ident),
        uid: Text::default(),
        attributes: attributes(ident),
        requires: Vec::new(),
        depends_on: Vec::new(),
        prevent_destroy: false,
        on_destroy: Default::default(),
        ignore_changes: Vec::new(),
    });
    Edit {
        address,
        object: grant(ident),
        kind,
        precondition: Precondition::default(),
        records,
        transient: false,
    }
}

pub(crate) fn give(ident: &str) -> Edit {
    let kind = EditKind::Create {
        attributes: attributes(ident),
        mark: mark(),
        built_in: false,
    };
    edit(ident, kind)
}

pub(crate) fn step(id: usize, edits: Vec<Edit>, depends_on: &[usize]) -> Step {
    Step {
        id,
        instance: edits[0].object.instance.clone(),
        group: Some("p".to_owned()),
        edits,
        depends_on: depends_on.to_vec(),
        settle: false,
    }
}

pub(crate) struct Bench {
    pub(crate) store: LocalStore,
    pub(crate) cluster: Arc<World>,
    pub(crate) policies: Arc<Policies>,
    _dir: Option<tempfile::TempDir>,
}

impl Bench {
    pub(crate) fn new(policies: Policies) -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self {
            store: LocalStore::new(dir.path().join("state"), "s", None),
            cluster: Arc::default(),
            policies: Arc::new(policies),
            _dir: Some(dir),
        }
    }

    pub(crate) fn open(dir: &Path) -> Self {
        Self {
            store: LocalStore::new(dir.join("state"), "s", None),
            cluster: World::in_file(dir.join("cluster.json")),
            policies: Policies::in_file(dir.join("policies.json")),
            _dir: None,
        }
    }

    fn providers(&self) -> Providers {
        let mut both = providers(&self.cluster);
        both.insert("gcp".to_owned(), Arc::clone(&self.policies) as _);
        both
    }

    pub(crate) async fn settled(&self) -> Settled {
        let loaded = self.store.load().unwrap();
        let providers = self.providers();
        let nothing_read = ObservedSet::default();
        let mut settled = settle_open_intents(loaded, &nothing_read, &providers, &[&Grants])
            .await
            .unwrap();
        if !settled.snapshot.exists() {
            settled.snapshot.lineage = LINEAGE.to_owned();
        }
        settled
    }

    pub(crate) async fn apply(&self, steps: &[Step], run: &str) -> Applied {
        let providers = self.providers();
        let (work, _canceller) = plain(&self.store, &providers, steps, run);
        apply(self.settled().await, work).await.unwrap()
    }

    /// Plans and applies: a write for each policy, and for each a role that waits for it.
    pub(crate) async fn reach(&self, wanted: &[&str], run: &str) -> usize {
        let settled = self.settled().await;
        let known = |ident: &str| settled.snapshot.resources.contains_key(&grant(ident));
        let mut edits: BTreeMap<String, Vec<Edit>> = BTreeMap::new();
        let policy = |ident: &str| ident.split(' ').next().unwrap().to_owned();
        for ident in wanted.iter().filter(|ident| !known(ident)) {
            edits.entry(policy(ident)).or_default().push(give(ident));
        }
        let managed = settled.snapshot.resources.keys();
        for object in managed.filter(|object| object.instance == "gcp") {
            if !wanted.contains(&object.ident.as_str()) {
                let gone = edit(&object.ident, EditKind::Delete);
                edits.entry(policy(&object.ident)).or_default().push(gone);
            }
        }
        let mut steps = Vec::new();
        for (policy, edits) in edits {
            let write = steps.len();
            steps.push(step(write, edits, &[]));
            if !settled.snapshot.resources.contains_key(&object(&policy)) {
                steps.push(step(write + 1, vec![create(&policy, "v1")], &[write]));
            }
        }
        let applied = self.apply(&steps, run).await;
        assert!(applied.report.is_complete(), "{:?}", applied.report);
        steps.len()
    }

    /// State, once settled, has exactly the grants that stand.
    pub(crate) async fn assert_nothing_lost(&self, at: &str) {
        let settled = self.settled().await;
        let managed = settled.snapshot.resources.into_values();
        let grants = managed.filter(|resource| resource.object.instance == "gcp");
        let known: BTreeSet<String> = grants
            .inspect(|resource| assert_eq!(resource.uid, "-", "{at}"))
            .map(|resource| resource.object.ident.to_string())
            .collect();
        assert_eq!(known, self.policies.all(), "{at}");
    }
}
