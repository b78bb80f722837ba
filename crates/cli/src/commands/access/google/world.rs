//! What is known about Google in a world: policies as stacks, states, files and Google itself say.

use std::collections::BTreeSet;

use rbacform_access::bridge::{Bridge, Workloads};
use rbacform_access::google::{Facts, Resource};
use rbacform_core::{ObjectId, StateSnapshot, Value};

use super::live::{Live, resource_of};
use crate::google_roles;
use crate::load::LoadedStack;
use crate::planning::GOOGLE;

/// What is known about Google, and about the cluster's service accounts.
#[derive(Default)]
pub(in super::super) struct Google {
    pub(super) facts: Facts,
    pub(super) workloads: Workloads,
    /// How it was read, for people.
    pub(super) notes: Vec<String>,
    /// Whether it was read of Google itself: then a policy that is not known whole was not read.
    pub(in super::super) is_live: bool,
}

/// The same in the making: what lies over what is settled at the end.
#[derive(Default)]
pub(in super::super) struct Layers {
    live: Option<Live>,
    documents: Vec<serde_json::Value>,
    state: Vec<(ObjectId, Value)>,
    /// What was applied and is declared no longer.
    forgotten: Vec<(ObjectId, Value)>,
    declared: Vec<(ObjectId, Value)>,
    /// The project whose pool the cluster is in.
    project: Option<String>,
}

impl Layers {
    /// What a stack declares.
    pub(in super::super) fn add_stack(&mut self, loaded: &LoadedStack) {
        let resources = loaded.stack.resources.iter();
        let objects = resources.map(|held| (held.object.clone(), held.attributes.clone()));
        self.declared.extend(objects);
        self.project = self.project.take().or(loaded.pool_project());
    }

    /// What a stack has applied.
    pub(in super::super) fn add_state(&mut self, snapshot: &StateSnapshot) {
        let resources = snapshot.resources.iter();
        let objects = resources.map(|(object, held)| (object.clone(), held.attributes.clone()));
        self.state.extend(objects);
    }

    /// What goes with the next apply.
    pub(in super::super) fn forget(&mut self, object: &ObjectId, attributes: &Value) {
        self.forgotten.push((object.clone(), attributes.clone()));
    }

    /// A document of a file. False where it is none that says anything here.
    pub(in super::super) fn add_document(
        &mut self,
        document: &serde_json::Value,
    ) -> Result<bool, rbacform_access::google::InvalidDocument> {
        // Judged now, where its place is known; laid later.
        let known = Facts::default().put_document(document)?;
        let kind = document.get("kind").and_then(serde_json::Value::as_str);
        if known || kind == Some("ServiceAccount") {
            self.documents.push(document.clone());
        }
        Ok(known)
    }

    /// The resources that any of it speaks of.
    pub(in super::super) fn about(&self) -> Vec<Resource> {
        let mut files = Facts::default();
        for document in &self.documents {
            // What was wrong with it was said when it was read.
            let _ = files.put_document(document);
        }
        let of_files = files.policies().map(|(name, _)| name.to_owned());
        let objects = self.state.iter().chain(&self.declared);
        let objects = objects.filter(|(object, _)| object.instance == GOOGLE);
        let of_objects = objects.filter_map(|(object, _)| resource_of(object));
        let names: BTreeSet<String> = of_files.chain(of_objects).collect();
        let resources = names.iter().map(|name| Resource::parse(name));
        resources.filter_map(Result::ok).collect()
    }

    /// What was read of Google and of the cluster's service accounts.
    pub(in super::super) fn set_live(&mut self, live: Live) {
        self.live = Some(live);
    }

    /// Everything, each layer over the one before.
    pub(in super::super) fn settle(self) -> Google {
        let mut google = Google::default();
        google.workloads.project = self.project;
        if let Some(live) = self.live {
            google.is_live = true;
            google.facts = live.facts;
            google.notes = live.notes;
            google.put_all(&live.accounts);
        }
        for document in &self.documents {
            // What was wrong with it was said when it was read.
            if !matches!(google.facts.put_document(document), Ok(true)) {
                google.workloads.put_manifest(document);
            }
        }
        google.put_all(&self.state);
        let kept: BTreeSet<&ObjectId> = self.declared.iter().map(|(object, _)| object).collect();
        for (object, attributes) in &self.forgotten {
            if object.instance == GOOGLE && !kept.contains(object) {
                google.facts.remove(object, attributes);
            }
        }
        google.put_all(&self.declared);
        google
    }
}

impl Google {
    fn put_all(&mut self, objects: &[(ObjectId, Value)]) {
        for (object, attributes) in objects {
            match object.instance.as_str() {
                GOOGLE => self.facts.put(object, attributes),
                _ => self.workloads.put(object, attributes),
            }
        }
    }

    /// Whether there is anything to ask about.
    pub(in super::super) fn is_empty(&self) -> bool {
        self.facts.is_empty()
    }

    /// One graph over this and a cluster's bindings, at a moment.
    pub(super) fn bridge<'w>(
        &'w self,
        kubernetes: &'w rbacform_access::Facts,
        now: i64,
    ) -> Bridge<'w> {
        Bridge {
            google: google_roles::evaluator(&self.facts, now),
            kubernetes,
            workloads: &self.workloads,
        }
    }
}
