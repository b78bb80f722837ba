//! Writing: one step, an outcome for each of its edits.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use rbacform_core::{
    Edit, EditKind, ObjectId, ObservedObject, Precondition, Step, Text, Value, compare,
};
use rbacform_provider::{ErrorKind, ProviderError, WriteOutcome, Written};

use super::http::Http;
use super::read::Seen;
use super::transport::Reply;
use crate::ident::{CUSTOM_ROLE, Ident, SERVICE_ACCOUNT};
use crate::target::ResourceName;

/// The uid of objects that Google gives none.
pub(super) const NO_UID: &str = "-";

/// The write side of the provider.
pub(super) struct Writer {
    pub(super) http: Arc<Http>,
    pub(super) instance: Text,
    pub(super) seen: Arc<Seen>,
    /// Addresses of service accounts that this run made: policies may not know them yet.
    made: Mutex<BTreeSet<String>>,
}

impl Writer {
    pub(super) fn new(http: Arc<Http>, instance: Text, seen: Arc<Seen>) -> Self {
        Self {
            http,
            instance,
            seen,
            made: Mutex::default(),
        }
    }

    /// Carries out a step. Edits of one policy are one read-modify-write, whoever grouped them.
    pub(super) async fn step(&self, step: &Step) -> Vec<WriteOutcome> {
        let mut outcomes: BTreeMap<usize, WriteOutcome> = BTreeMap::new();
        let mut policies: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (index, edit) in step.edits.iter().enumerate() {
            match Ident::of(&edit.object) {
                Some(about) if is_sent(edit) => {
                    policies.entry(about.resource).or_default().push(index);
                }
                _ => {
                    outcomes.insert(index, self.single(edit).await);
                }
            }
        }
        for (resource, indices) in policies {
            let edits: Vec<&Edit> = indices
                .iter()
                .filter_map(|index| step.edits.get(*index))
                .collect();
            let written = match ResourceName::parse(resource) {
                Ok(name) => self.policy(&name, &edits).await,
                Err(error) => vec![Err(invalid(&error.message)); edits.len()],
            };
            outcomes.extend(indices.into_iter().zip(written));
        }
        outcomes.into_values().collect()
    }

    async fn single(&self, edit: &Edit) -> WriteOutcome {
        match edit.object.kind.as_str() {
            _ if !is_sent(edit) => Ok(written(&edit.precondition, None)),
            SERVICE_ACCOUNT => self.service_account(edit).await,
            CUSTOM_ROLE => self.custom_role(edit).await,
            kind => Err(invalid(&format!(
                "`{kind}` is no kind that this provider knows"
            ))),
        }
    }

    /// Remembers that this run made an account.
    pub(super) fn made_service_account(&self, email: &str) {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        made.insert(email.to_owned());
    }

    /// Whether a text names an account that this run made.
    pub(super) fn names_made_account(&self, text: &str) -> bool {
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        made.iter().any(|email| text.contains(email.as_str()))
    }
}

/// Whether anything goes out: Google's objects carry no mark that could be taken off.
fn is_sent(edit: &Edit) -> bool {
    !matches!(edit.kind, EditKind::Abandon { .. } | EditKind::Record)
}

pub(super) fn invalid(message: &str) -> ProviderError {
    ProviderError::new(ErrorKind::Invalid, message)
}

/// An object that is as it should be.
pub(super) fn written(precondition: &Precondition, reply: Option<&Reply>) -> Written {
    made(precondition.uid.clone().unwrap_or_default(), reply)
}

/// An object that has this uid now.
pub(super) fn made(uid: Text, reply: Option<&Reply>) -> Written {
    Written {
        uid,
        request_id: reply
            .and_then(|reply| reply.header("x-goog-request-id"))
            .map(Text::from),
    }
}

/// An object that is no more.
pub(super) fn deleted(reply: Option<&Reply>) -> Written {
    made(Text::default(), reply)
}

/// What the plan compared is not so any longer.
pub(super) fn stale(edit: &Edit, observed: Option<&ObservedObject>) -> ProviderError {
    let compared = &edit.precondition.compared;
    let why = match observed {
        None => "was deleted".to_owned(),
        Some(_) if edit.precondition.uid.is_none() => "was made by somebody".to_owned(),
        Some(observed) if edit.precondition.uid.as_ref() != Some(&observed.uid) => {
            "was deleted and made again".to_owned()
        }
        Some(observed) => {
            let now = compare::project(&observed.attributes, compared, &Value::Null);
            let found = compare::differences(compared, &now);
            let paths: Vec<_> = found.iter().map(|found| found.path.as_str()).collect();
            format!("was changed: `{}`", paths.join("`, `"))
        }
    };
    let message = format!("`{}` {why}, after the plan was made", edit.object);
    ProviderError::new(ErrorKind::Stale, message).help("plan again")
}

/// Somebody made an object of that name since the plan.
pub(super) fn in_the_way(edit: &Edit, attributes: &Value, found: &ObservedObject) -> ProviderError {
    let projected = compare::project(&found.attributes, attributes, &Value::Null);
    if compare::same(&projected, attributes) {
        return stale(edit, Some(found));
    }
    let message = format!("`{}` exists already, with other content", edit.object);
    ProviderError::new(ErrorKind::Conflict, message).help(
        "plan again; `--adopt` or an `[[import]]` block takes it over, if that is what you want",
    )
}

/// What became of a write cannot be told.
pub(super) fn unknown(object: &ObjectId, error: &ProviderError) -> ProviderError {
    let message = format!("it is not known what became of `{object}`: {error}");
    ProviderError::new(ErrorKind::Unknown, message)
        .help("the journal keeps it open: the next run finds out and goes on")
}
