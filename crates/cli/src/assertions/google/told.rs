//! What Google has said so far.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use rbacform_access::assert::PermissionQuestion;
use rbacform_access::google::Resource;
use rbacform_gcp::target::ResourceName;
use rbacform_provider::{ErrorKind, ProviderError};

/// How many permissions one request may hold.
const MOST: usize = 100;

/// Answers, by resource and permission.
#[derive(Default)]
pub(super) struct Told {
    held: BTreeMap<(String, String), bool>,
    /// Why it does not answer.
    silent: BTreeMap<(String, String), String>,
}

impl Told {
    /// Asks, side by side.
    pub(super) async fn learn(
        &mut self,
        questions: &[&PermissionQuestion],
        test: &impl AsyncFn(&ResourceName, &[&str]) -> Result<Vec<String>, ProviderError>,
    ) -> Result<(), ProviderError> {
        let mut by_resource: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for question in questions {
            let permissions = by_resource.entry(&question.resource).or_default();
            permissions.push(&question.permission);
        }
        let asked: Vec<(&str, &[&str])> = by_resource
            .iter()
            .flat_map(|(resource, all)| all.chunks(MOST).map(|some| (*resource, some)))
            .collect();
        let replies = join_all(
            asked
                .iter()
                .map(|(resource, some)| on(resource, some, test)),
        )
        .await;
        for ((resource, _), reply) in asked.iter().zip(replies) {
            for (permission, answer) in reply? {
                let key = ((*resource).to_owned(), permission);
                match answer {
                    Ok(held) => drop(self.held.insert(key, held)),
                    Err(why) => drop(self.silent.insert(key, why)),
                }
            }
        }
        Ok(())
    }

    /// What Google does not answer, and why.
    pub(super) fn silences(&self) -> BTreeSet<String> {
        self.silent.values().cloned().collect()
    }

    fn held(&self, question: &PermissionQuestion) -> Option<bool> {
        let key = (question.resource.clone(), question.permission.clone());
        self.held.get(&key).copied()
    }

    pub(super) fn is_answered(&self, question: &PermissionQuestion) -> bool {
        self.held(question).is_some()
    }

    pub(super) fn agrees(&self, question: &PermissionQuestion) -> bool {
        self.held(question) == Some(question.held)
    }

    pub(super) fn differs(&self, question: &PermissionQuestion) -> bool {
        self.held(question) == Some(!question.held)
    }
}

/// Each permission with whether it is held; with why not, where Google does not say.
type Answered = Vec<(String, Result<bool, String>)>;

/// Asks about one resource. A permission that means nothing there spoils the whole question, so
/// that each is asked alone then.
async fn on(
    resource: &str,
    permissions: &[&str],
    test: &impl AsyncFn(&ResourceName, &[&str]) -> Result<Vec<String>, ProviderError>,
) -> Result<Answered, ProviderError> {
    let name = Resource::parse(resource).ok();
    let Some(name) = name.and_then(|it| ResourceName::parse(it.as_str()).ok()) else {
        return Ok(silent(resource, permissions, "it has no policy"));
    };
    match test(&name, permissions).await {
        Ok(held) => Ok(said(permissions, &held)),
        Err(error) if error.kind == ErrorKind::Invalid && permissions.len() > 1 => {
            let each = permissions
                .chunks(1)
                .map(async |one| match test(&name, one).await {
                    Ok(held) => Ok(said(one, &held)),
                    Err(error) => unsaid(resource, one, error),
                });
            let each: Result<Vec<Answered>, ProviderError> =
                join_all(each).await.into_iter().collect();
            Ok(each?.into_iter().flatten().collect())
        }
        Err(error) => unsaid(resource, permissions, error),
    }
}

fn said(permissions: &[&str], held: &[String]) -> Answered {
    let answers = permissions.iter().map(|permission| {
        let is_held = held.iter().any(|held| held == permission);
        ((*permission).to_owned(), Ok(is_held))
    });
    answers.collect()
}

/// Not being told is no failure; not reaching Google is.
fn unsaid(
    resource: &str,
    permissions: &[&str],
    error: ProviderError,
) -> Result<Answered, ProviderError> {
    match error.kind {
        ErrorKind::Forbidden | ErrorKind::NotFound | ErrorKind::Invalid => {
            Ok(silent(resource, permissions, &error.message))
        }
        _ => Err(error),
    }
}

fn silent(resource: &str, permissions: &[&str], why: &str) -> Answered {
    let why = |permission: &str| format!("{permission} on {resource}: {why}");
    let answers = permissions
        .iter()
        .map(|permission| ((*permission).to_owned(), Err(why(permission))));
    answers.collect()
}
