//! The service accounts of a cluster, and which Google account each is to act as.

use std::collections::BTreeMap;

use rbacform_core::{ObjectId, Value};

/// Google's annotation (`kubernetes-engine/docs/how-to/workload-identity`).
const ANNOTATION: &str = "iam.gke.io/gcp-service-account";

/// The service accounts of a cluster.
#[derive(Debug, Clone, Default)]
pub struct Workloads {
    /// The address in each one's annotation, by namespace and name.
    accounts: BTreeMap<(String, String), Option<String>>,
    /// The project whose pool the cluster is in (`PROJECT.svc.id.goog`). Where it is not known, a
    /// workload of any pool is taken for one of this cluster.
    pub project: Option<String>,
}

/// The Google account that a service account's pods are to act as, as its annotation has it.
pub fn annotation(service_account: &Value) -> Option<&str> {
    let annotations = service_account.get("annotations")?;
    annotations.get(ANNOTATION)?.as_str()
}

impl Workloads {
    /// Adds a service account; other objects are none.
    pub fn put(&mut self, object: &ObjectId, attributes: &Value) {
        let (Some(namespace), "ServiceAccount") = (object.namespace(), object.kind.as_str()) else {
            return;
        };
        self.add(namespace, object.name(), annotation(attributes));
    }

    /// Takes one away, as deleting it does.
    pub fn remove(&mut self, object: &ObjectId) {
        if let (Some(namespace), "ServiceAccount") = (object.namespace(), object.kind.as_str()) {
            let key = (namespace.to_owned(), object.name().to_owned());
            self.accounts.remove(&key);
        }
    }

    /// The same of an object as the API writes it, or each of a `List`.
    pub fn put_manifest(&mut self, object: &serde_json::Value) {
        let text = |at: &serde_json::Value, key: &str| {
            at.get(key).and_then(|it| it.as_str()).map(str::to_owned)
        };
        if let Some(items) = object.get("items").and_then(serde_json::Value::as_array) {
            for item in items {
                self.put_manifest(item);
            }
        }
        let Some(metadata) = object.get("metadata") else {
            return;
        };
        if text(object, "kind").as_deref() != Some("ServiceAccount") {
            return;
        }
        let annotations = metadata.get("annotations");
        let annotation = annotations.and_then(|all| text(all, ANNOTATION));
        if let Some(name) = text(metadata, "name") {
            let namespace = text(metadata, "namespace");
            let namespace = namespace.as_deref().unwrap_or("default");
            self.add(namespace, &name, annotation.as_deref());
        }
    }

    fn add(&mut self, namespace: &str, name: &str, annotation: Option<&str>) {
        let key = (namespace.to_owned(), name.to_owned());
        self.accounts.insert(key, annotation.map(str::to_lowercase));
    }

    /// The Google account that a service account is to act as, by its annotation.
    pub fn acts_as(&self, namespace: &str, name: &str) -> Option<&str> {
        let key = (namespace.to_owned(), name.to_owned());
        self.accounts.get(&key)?.as_deref()
    }

    /// Whether a service account is among them.
    pub(super) fn is_known(&self, namespace: &str, name: &str) -> bool {
        let key = (namespace.to_owned(), name.to_owned());
        self.accounts.contains_key(&key)
    }

    /// Whether there is a service account of a name in a namespace; without either, any at all.
    pub(super) fn has_any(&self, namespace: Option<&str>, name: Option<&str>) -> bool {
        match (namespace, name) {
            (Some(namespace), Some(name)) => self.is_known(namespace, name),
            (Some(namespace), None) => {
                let mut from = self.accounts.range((namespace.to_owned(), String::new())..);
                from.next()
                    .is_some_and(|((first, _), _)| first == namespace)
            }
            (None, _) => !self.accounts.is_empty(),
        }
    }

    /// Every service account, by namespace and name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let keys = self.accounts.keys();
        keys.map(|(namespace, name)| (namespace.as_str(), name.as_str()))
    }

    /// The Google accounts of all annotations.
    pub(super) fn annotated(&self) -> impl Iterator<Item = &str> {
        self.accounts.values().flatten().map(String::as_str)
    }
}
