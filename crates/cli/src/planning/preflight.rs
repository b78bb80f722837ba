//! The preflight: what the servers will refuse whoever carries the plan out.

use std::borrow::Cow;

use futures_util::future::join_all;
use rbacform_access::preflight::{Answer, Input, Inquiry, doubts};
use rbacform_access::{Facts, Request as Question, User};
use rbacform_core::plan::Preflight;
use rbacform_core::{EditKind, ObservedSet, Step};
use rbacform_kubernetes::KubernetesProvider;
use rbacform_planner::Planned;
use rbacform_provider::{ErrorKind, ProviderError};
use serde_json::{Value, json};

use super::identities::Identities;
use super::read::Reader;
use super::{GOOGLE, google_preflight};
use crate::analysis::Worlds;

/// Foresees refusals, in order of address.
pub(super) async fn preflight(
    planned: &Planned,
    reader: &Reader<'_>,
    worlds: Option<&Worlds>,
    identities: &Identities,
) -> Result<Vec<Preflight>, ProviderError> {
    let mut found = Vec::new();
    let connection = &reader.connection;
    if let (Some(cluster), Some(user)) = (connection.kubernetes(), &identities.user) {
        let facts = match worlds {
            Some(worlds) => Cow::Borrowed(&worlds.before),
            None => Cow::Owned(facts(&reader.observed)),
        };
        found = at_cluster(cluster, user, &facts, &planned.steps, &reader.observed).await?;
    }
    if let Some(google) = connection.gcp() {
        let identity = identities.names.get(GOOGLE).map(String::as_str);
        found.extend(google_preflight::at_google(google, identity, &planned.steps).await?);
    }
    found.sort_by(|a, b| a.address.cmp(&b.address));
    Ok(found)
}

/// What was read of RBAC where the plan changes nothing of it.
fn facts(observed: &ObservedSet) -> Facts {
    let mut facts = Facts::default();
    for object in observed.iter() {
        facts.put(&object.object, &object.attributes);
    }
    facts
}

/// Holds every write against RBAC, and asks the cluster about those that RBAC, as far as it was
/// read, does not let through.
async fn at_cluster(
    cluster: &KubernetesProvider,
    user: &User,
    facts: &Facts,
    steps: &[Step],
    observed: &ObservedSet,
) -> Result<Vec<Preflight>, ProviderError> {
    let writes = steps.iter().flat_map(|step| &step.edits);
    if !writes.into_iter().any(|edit| edit.kind != EditKind::Record) {
        return Ok(Vec::new());
    }
    let mut inquiry = Inquiry::new(doubts(&Input {
        user,
        facts,
        steps,
        observed,
    }));
    loop {
        let asked = inquiry.next();
        if asked.is_empty() {
            return Ok(inquiry.verdicts());
        }
        let answers = asked.iter().map(|question| ask(cluster, question));
        let answers = join_all(answers).await;
        for (question, answer) in asked.into_iter().zip(answers) {
            inquiry.learn(question, answer?);
        }
    }
}

/// What a server that may not be asked does not say is not known; other failures end the plan.
async fn ask(cluster: &KubernetesProvider, question: &Question) -> Result<Answer, ProviderError> {
    match cluster.may(&spec(question)).await {
        Ok(review) if !review.allowed => Ok(Answer::No),
        Ok(review) if review.reason.starts_with("RBAC:") => Ok(Answer::ByRbac),
        Ok(_) => Ok(Answer::ByAnother),
        Err(error) => match error.kind {
            ErrorKind::Forbidden | ErrorKind::NotFound => Ok(Answer::Unknown),
            _ => Err(error),
        },
    }
}

fn spec(question: &Question) -> Value {
    match question {
        Question::Resource(asked) => json!({"resourceAttributes": {
            "verb": asked.verb,
            "group": asked.api_group,
            "resource": asked.resource,
            "subresource": asked.subresource,
            "namespace": asked.namespace,
            "name": asked.name,
        }}),
        Question::NonResource(asked) => json!({"nonResourceAttributes": {
            "verb": asked.verb,
            "path": asked.path,
        }}),
    }
}
