//! Counting requests.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use rbacform_access::Request;

use crate::google::{GoogleApi, is_read};

/// What requests are counted by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RequestKey {
    /// The `User-Agent` header; empty where none was sent.
    pub user_agent: String,
    /// The verb as the authorizer sees it; server-side apply is `patch`. Of a Google API, its
    /// method: `getIamPolicy`, `list`.
    pub verb: String,
    /// `roles`, `serviceaccounts/token`, or the path of any other URL. Of a Google API, its name
    /// and collection: `iam.serviceAccounts`, `cloudresourcemanager.projects`.
    pub resource: String,
}

/// How many requests of each sort were received.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestCounts(BTreeMap<RequestKey, u64>);

impl RequestCounts {
    /// All requests.
    pub fn total(&self) -> u64 {
        self.0.values().sum()
    }

    /// Requests of one verb and resource, from anybody.
    pub fn of(&self, verb: &str, resource: &str) -> u64 {
        self.sum(|key| key.verb == verb && key.resource == resource)
    }

    /// Requests of one verb, from anybody.
    pub fn of_verb(&self, verb: &str) -> u64 {
        self.sum(|key| key.verb == verb)
    }

    /// Requests of a Google API that change nothing.
    pub fn google_reads(&self, api: GoogleApi) -> u64 {
        self.sum(|key| is_of(key, api) && is_read(&key.verb))
    }

    /// Requests of a Google API that change something, or mean to.
    pub fn google_writes(&self, api: GoogleApi) -> u64 {
        self.sum(|key| is_of(key, api) && !is_read(&key.verb))
    }

    /// The counts of the user agents that begin with this text, such as `rbacform/`.
    pub fn by_agent(&self, prefix: &str) -> Self {
        let own = self
            .0
            .iter()
            .filter(|(key, _)| key.user_agent.starts_with(prefix));
        Self(own.map(|(key, count)| (key.clone(), *count)).collect())
    }

    /// Every sort that was counted, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&RequestKey, u64)> {
        self.0.iter().map(|(key, count)| (key, *count))
    }

    fn sum(&self, wanted: impl Fn(&RequestKey) -> bool) -> u64 {
        self.0
            .iter()
            .filter(|(key, _)| wanted(key))
            .map(|(_, count)| count)
            .sum()
    }
}

fn is_of(key: &RequestKey, api: GoogleApi) -> bool {
    let rest = key.resource.strip_prefix(api.name());
    rest.is_some_and(|rest| rest.starts_with('.'))
}

/// The running counter.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counter(Arc<Mutex<RequestCounts>>);

impl Counter {
    pub(crate) fn count(&self, key: RequestKey) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.0.entry(key).or_default() += 1;
    }

    pub(crate) fn snapshot(&self) -> RequestCounts {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(crate) fn reset(&self) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .0
            .clear();
    }
}

/// Verb and resource of a request, as counts and faults name them.
pub(crate) fn verb_and_resource(request: &Request) -> (String, String) {
    match request {
        Request::Resource(request) => (request.verb.clone(), request.full_resource()),
        Request::NonResource(request) => (request.verb.clone(), request.path.clone()),
    }
}
