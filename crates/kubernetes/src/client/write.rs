//! Writing: one edit, one request, proven by its own reply.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use http::Method;
use rbacform_core::{
    Edit, EditKind, Map, ObjectId, ObservedObject, Precondition, Step, Text, Value, compare,
};
use rbacform_provider::{ErrorKind, ProviderError, WriteOutcome, Written};

use super::errors::{Failure, Subject, refused};
use super::http::{Call, Http, Reply};
use super::read::Reader;
use super::retry::{Patience, is_busy};
use super::seen::Seen;
use crate::request::{Apply, object_path};
use crate::types::Kind;

/// The write side of one provider instance.
pub(crate) struct Writer {
    pub(super) http: Arc<Http>,
    pub(super) reader: Reader,
    pub(super) seen: Arc<Seen>,
    /// Transient objects that this run made: no plan could know their uid, and they go again.
    made: Mutex<BTreeMap<ObjectId, ObservedObject>>,
}

/// What a write came to, where it came to anything.
pub(super) enum Answer {
    /// The server answered; not with 429 or 503, but where patience ended.
    Reply(Reply),
    /// It may have been carried out: the answer was lost, or is a 5xx.
    Lost(ProviderError),
}

impl Writer {
    pub(crate) fn new(http: Arc<Http>, reader: Reader, seen: Arc<Seen>) -> Self {
        Self {
            http,
            reader,
            seen,
            made: Mutex::default(),
        }
    }

    /// Remembers a transient object, for the step that removes it.
    pub(super) fn remember(&self, edit: &Edit, made: &ObservedObject) {
        if edit.transient {
            let mut known = self.made.lock().unwrap_or_else(PoisonError::into_inner);
            known.insert(edit.object.clone(), made.clone());
        }
    }

    /// The edit, its precondition completed by what this run itself made.
    pub(super) fn completed(&self, edit: &Edit) -> Edit {
        let known = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        match known.get(&edit.object) {
            Some(made) if edit.precondition.uid.is_none() => Edit {
                precondition: Precondition {
                    uid: Some(made.uid.clone()),
                    version: Some(made.version.clone()),
                    // Nothing of it was compared; its uid says enough.
                    compared: Value::Map(Map::new()),
                },
                ..edit.clone()
            },
            _ => edit.clone(),
        }
    }

    /// Carries out a step. Kubernetes coalesces nothing: each edit is a write of its own.
    pub(crate) async fn step(&self, step: &Step) -> Vec<WriteOutcome> {
        let mut outcomes = Vec::with_capacity(step.edits.len());
        for edit in &step.edits {
            outcomes.push(self.edit(edit).await);
        }
        outcomes
    }

    async fn edit(&self, edit: &Edit) -> WriteOutcome {
        let Some(kind) = Kind::named(&edit.object.kind) else {
            let message = format!("`{}` is no kind that this provider knows", edit.object.kind);
            return Err(ProviderError::new(ErrorKind::Invalid, message));
        };
        match &edit.kind {
            EditKind::Create {
                attributes,
                mark,
                built_in,
            } => self.create(kind, edit, attributes, mark, *built_in).await,
            EditKind::Update { attributes, mark } => {
                self.update(kind, edit, attributes, Some(mark)).await
            }
            EditKind::Abandon { attributes } => self.update(kind, edit, attributes, None).await,
            EditKind::Delete => self.delete(kind, &self.completed(edit)).await,
            EditKind::Record => Ok(Written {
                uid: edit.precondition.uid.clone().unwrap_or_default(),
                request_id: None,
            }),
        }
    }

    /// Sends a write until the server takes it up.
    pub(super) async fn send(
        &self,
        call: &Call,
        edit: &Edit,
        patience: &mut Patience,
    ) -> Result<Answer, ProviderError> {
        loop {
            match self.http.send(call).await {
                Ok(reply) if is_busy(reply.status) => {
                    if !patience.wait(reply.retry_after).await {
                        return Ok(Answer::Reply(reply));
                    }
                }
                Ok(reply) if reply.status.is_server_error() => {
                    let error = self.refused(&reply, edit);
                    return match error.kind {
                        ErrorKind::Unavailable => Ok(Answer::Lost(error)),
                        _ => Err(error),
                    };
                }
                Ok(reply) => return Ok(Answer::Reply(reply)),
                Err(Failure::NotSent(error)) => return Err(error),
                Err(Failure::Lost(error)) => return Ok(Answer::Lost(error)),
                // Nothing was sent: sending it again is safe.
                Err(Failure::Unreached(error)) => {
                    if !self.http.was_reached() || !patience.wait(None).await {
                        return Err(error);
                    }
                }
            }
        }
    }

    /// Reads afresh after a write whose fate is not known.
    pub(super) async fn settle(
        &self,
        kind: &Kind,
        edit: &Edit,
        lost: &ProviderError,
    ) -> Result<Option<ObservedObject>, ProviderError> {
        self.reader.get(kind, &edit.object).await.map_err(|error| {
            let message = format!("{lost}; nor can it be read what became of it: {error}");
            ProviderError::new(ErrorKind::Unknown, message)
                .help("the journal keeps it open: the next run finds out and goes on")
        })
    }

    pub(super) fn refused(&self, reply: &Reply, edit: &Edit) -> ProviderError {
        refused(reply, &Subject::Object(&edit.object), self.http.access())
    }
}

/// A server-side apply.
pub(super) fn apply(apply: &Apply<'_>, force: bool) -> Call {
    let path = object_path(apply.kind, apply.object);
    Call {
        method: Method::PATCH,
        path: format!("{path}?fieldManager=rbacform&force={force}"),
        content_type: Some("application/apply-patch+yaml"),
        body: apply.body().to_string().into_bytes(),
        large: false,
    }
}

/// A write that its own reply proves.
pub(super) fn written(uid: Text, reply: Option<&Reply>) -> Written {
    Written {
        uid,
        request_id: reply.and_then(|reply| reply.audit_id.clone()),
    }
}

/// What the plan compared is not so any longer.
pub(super) fn stale(edit: &Edit, observed: Option<&ObservedObject>) -> ProviderError {
    let compared = &edit.precondition.compared;
    let why = match observed {
        None => "was deleted".to_owned(),
        Some(observed) if edit.precondition.uid.as_ref() != Some(&observed.uid) => {
            "was deleted and made again".to_owned()
        }
        Some(observed) => {
            let now = compare::project(&observed.attributes, compared, &Value::Null);
            let found = compare::differences(compared, &now);
            let paths: Vec<_> = found
                .iter()
                .map(|difference| difference.path.as_str())
                .collect();
            let by = match &observed.last_writer {
                Some(writer) => format!(" by `{}`", writer.manager),
                None => String::new(),
            };
            format!("was changed{by}: `{}`", paths.join("`, `"))
        }
    };
    let message = format!("`{}` {why}, after the plan was made", edit.object);
    ProviderError::new(ErrorKind::Stale, message).help("plan again")
}
