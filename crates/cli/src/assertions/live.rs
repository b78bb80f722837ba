//! Assertions asked of the server itself: what it answers is what counts, whichever authorizers it
//! has.

use std::time::Duration;

use futures_util::future::join_all;
use rbacform_access::assert::{Question, questions};
use rbacform_access::{Facts, Request};
use rbacform_core::Diagnostic;
use rbacform_kubernetes::KubernetesProvider;
use rbacform_provider::{ErrorKind, ProviderError};
use rbacform_stack::Stack;
use serde_json::{Value, json};

/// How long the server's caches may take to see what was just written.
const PATIENCE: [Duration; 6] = [
    Duration::from_millis(50),
    Duration::from_millis(100),
    Duration::from_millis(250),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
];

/// What asking came to.
pub(crate) struct Answers {
    /// How many questions were answered as they must be.
    pub(crate) agreed: usize,
    /// Errors: assertions that do not hold on the server.
    pub(crate) refuted: Vec<Diagnostic>,
}

/// Asks the server everything that it can be asked about a stack's assertions. `None` where this
/// identity may not ask.
pub(crate) async fn ask(
    stack: &Stack,
    facts: &Facts,
    cluster: &KubernetesProvider,
) -> Result<Option<Answers>, ProviderError> {
    let mut answers = Answers {
        agreed: 0,
        refuted: Vec::new(),
    };
    for assertion in &stack.assertions {
        let asked = questions(assertion, facts);
        let replies = join_all(asked.iter().map(|question| settled(question, cluster))).await;
        for (question, reply) in asked.iter().zip(replies) {
            match reply {
                Ok(None) => answers.agreed += 1,
                Ok(Some(reason)) => {
                    let told = told(question, &reason);
                    let message = format!("`{}` does not hold: {told}", assertion.name);
                    let error = Diagnostic::error("assertion-refuted", message);
                    answers.refuted.push(error.at(assertion.places.whole));
                }
                Err(error) if error.kind == ErrorKind::Forbidden => return Ok(None),
                Err(error) => return Err(error),
            }
        }
    }
    Ok(Some(answers))
}

/// Asks until the answer is as it must be, within patience; else the server's reason for the other.
async fn settled(
    question: &Question,
    cluster: &KubernetesProvider,
) -> Result<Option<String>, ProviderError> {
    let spec = spec(question);
    let mut reply = cluster.may_somebody(&spec).await?;
    for wait in PATIENCE {
        if reply.allowed == question.allowed {
            return Ok(None);
        }
        tokio::time::sleep(wait).await;
        reply = cluster.may_somebody(&spec).await?;
    }
    Ok((reply.allowed != question.allowed).then_some(reply.reason))
}

fn spec(question: &Question) -> Value {
    let mut spec = json!({ "user": question.user.name, "groups": question.user.groups });
    let (key, attributes) = match &question.request {
        Request::Resource(asked) => (
            "resourceAttributes",
            json!({
                "verb": asked.verb, "group": asked.api_group, "resource": asked.resource,
                "subresource": asked.subresource, "namespace": asked.namespace, "name": asked.name,
            }),
        ),
        Request::NonResource(asked) => (
            "nonResourceAttributes",
            json!({ "verb": asked.verb, "path": asked.path }),
        ),
    };
    if let Some(object) = spec.as_object_mut() {
        object.insert(key.to_owned(), attributes);
    }
    spec
}

fn told(question: &Question, reason: &str) -> String {
    let what = match &question.request {
        Request::Resource(asked) => {
            let group = match asked.api_group.as_str() {
                "" => String::new(),
                group => format!(".{group}"),
            };
            let place = match asked.namespace.as_str() {
                "" => "in the whole cluster".to_owned(),
                namespace => format!("in namespace `{namespace}`"),
            };
            format!("{} {}{group} {place}", asked.verb, asked.full_resource())
        }
        Request::NonResource(asked) => format!("{} {}", asked.verb, asked.path),
    };
    let who = match (question.user.name.as_str(), question.user.groups.first()) {
        ("", Some(group)) => format!("group:{group}"),
        (name, _) => name.to_owned(),
    };
    match (question.allowed, reason) {
        (true, _) => format!("the server does not allow `{who}` to {what}"),
        (false, "") => format!("the server allows `{who}` to {what}"),
        (false, reason) => format!("the server allows `{who}` to {what}: {reason}"),
    }
}
