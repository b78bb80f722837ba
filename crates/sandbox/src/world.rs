//! The stored objects, the facts the authorizer reads, and the revision counter.

use std::collections::BTreeMap;
use std::sync::Arc;

use rbacform_access::Facts;
use serde_json::{Value, json};

use crate::kinds::{Kind, binding, role};
use crate::object::{Object, meta, set_meta};
use crate::persist::{Log, PersistError};
use crate::token::SigningKey;

/// Something that happened to an object, for the controllers.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) kind: Kind,
    pub(crate) namespace: String,
    pub(crate) name: String,
}

/// Everything the sandbox holds. With a log, every change is in the log before it is here.
#[derive(Debug)]
pub(crate) struct World {
    objects: BTreeMap<Kind, BTreeMap<String, Arc<Object>>>,
    facts: Facts,
    revision: u64,
    signing_key: SigningKey,
    log: Option<Log>,
    events: Vec<Event>,
}

impl World {
    pub(crate) fn new(signing_key: SigningKey, revision: u64) -> Self {
        Self {
            objects: BTreeMap::new(),
            facts: Facts::default(),
            revision,
            signing_key,
            log: None,
            events: Vec::new(),
        }
    }

    /// Writes every change from now on to a log.
    pub(crate) fn attach(&mut self, log: Log) {
        self.log = Some(log);
    }

    pub(crate) fn facts(&self) -> &Facts {
        &self.facts
    }

    pub(crate) fn signing_key(&self) -> &SigningKey {
        &self.signing_key
    }

    /// The newest resourceVersion.
    pub(crate) fn revision(&self) -> u64 {
        self.revision
    }

    pub(crate) fn get(&self, kind: Kind, namespace: &str, name: &str) -> Option<Arc<Object>> {
        self.objects
            .get(&kind)?
            .get(&key(kind, namespace, name))
            .cloned()
    }

    /// All objects of a kind in key order; with a namespace, only those in it.
    pub(crate) fn list(&self, kind: Kind, namespace: &str) -> Vec<Arc<Object>> {
        let Some(objects) = self.objects.get(&kind) else {
            return Vec::new();
        };
        if namespace.is_empty() || !kind.info().namespaced {
            return objects.values().cloned().collect();
        }
        let prefix = format!("{namespace}/");
        objects
            .range(prefix.clone()..)
            .take_while(|(key, _)| key.starts_with(&prefix))
            .map(|(_, object)| Arc::clone(object))
            .collect()
    }

    /// Stores an object under a new resourceVersion.
    pub(crate) fn put(
        &mut self,
        kind: Kind,
        mut value: Value,
    ) -> Result<Arc<Object>, PersistError> {
        let revision = self.revision + 1;
        set_meta(
            &mut value,
            "resourceVersion",
            Some(json!(revision.to_string())),
        );
        let object = Object::new(value);
        if let Some(log) = &mut self.log {
            log.put(kind, &object)?;
        }
        self.revision = revision;
        Ok(self.restore(kind, object))
    }

    /// Takes an object as it was stored before, from a log.
    pub(crate) fn restore(&mut self, kind: Kind, object: Object) -> Arc<Object> {
        let object = Arc::new(object);
        let namespace = meta(&object.value, "namespace").to_owned();
        let name = meta(&object.value, "name").to_owned();
        match kind {
            Kind::Role => self.facts.put_role(role::role(&object.value)),
            Kind::ClusterRole => self
                .facts
                .put_cluster_role(role::cluster_role(&object.value)),
            Kind::RoleBinding => {
                self.facts
                    .put_role_binding(binding::role_binding(&object.value));
            }
            Kind::ClusterRoleBinding => {
                self.facts
                    .put_cluster_role_binding(binding::cluster_role_binding(&object.value));
            }
            Kind::Namespace | Kind::ServiceAccount | Kind::Secret => {}
        }
        self.objects
            .entry(kind)
            .or_default()
            .insert(key(kind, &namespace, &name), Arc::clone(&object));
        self.events.push(Event {
            kind,
            namespace,
            name,
        });
        object
    }

    /// Moves the revision counter on, never back.
    pub(crate) fn advance(&mut self, revision: u64) {
        self.revision = self.revision.max(revision);
    }

    /// Removes an object.
    pub(crate) fn remove(
        &mut self,
        kind: Kind,
        namespace: &str,
        name: &str,
    ) -> Result<(), PersistError> {
        let revision = self.revision + 1;
        if let Some(log) = &mut self.log {
            log.remove(kind, &key(kind, namespace, name), revision)?;
        }
        self.revision = revision;
        self.forget(kind, namespace, name);
        Ok(())
    }

    /// Removes an object that a log says was removed.
    pub(crate) fn forget(&mut self, kind: Kind, namespace: &str, name: &str) {
        match kind {
            Kind::Role => self.facts.remove_role(namespace, name),
            Kind::ClusterRole => self.facts.remove_cluster_role(name),
            Kind::RoleBinding => self.facts.remove_role_binding(namespace, name),
            Kind::ClusterRoleBinding => self.facts.remove_cluster_role_binding(name),
            Kind::Namespace | Kind::ServiceAccount | Kind::Secret => {}
        }
        if let Some(objects) = self.objects.get_mut(&kind) {
            objects.remove(&key(kind, namespace, name));
        }
        let (namespace, name) = (namespace.to_owned(), name.to_owned());
        self.events.push(Event {
            kind,
            namespace,
            name,
        });
    }

    /// What happened since the last call.
    pub(crate) fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }
}

/// The order of keys is the order of lists.
fn key(kind: Kind, namespace: &str, name: &str) -> String {
    if kind.info().namespaced {
        format!("{namespace}/{name}")
    } else {
        name.to_owned()
    }
}
