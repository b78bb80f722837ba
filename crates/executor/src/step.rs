//! One step: intents durable, the call, outcomes durable.

use std::sync::Arc;

use futures_util::future::{join_all, try_join_all};
use rbacform_core::{Edit, EditKind, Step};
use rbacform_provider::{ErrorKind, Provider, ProviderError, WriteOutcome, Written};
use rbacform_state::{JournalHandle, Outcome, Point, StateError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::event::{Event, Subject};
use crate::{Cancel, EditEnd, NotStarted};

/// What a step needs of its run.
pub(crate) struct Context<'a> {
    pub(crate) journal: &'a JournalHandle,
    pub(crate) cancel: &'a Cancel,
    /// How many calls may be in flight.
    pub(crate) calls: Arc<Semaphore>,
    pub(crate) total: usize,
    pub(crate) emit: &'a (dyn Fn(Event) + Sync),
}

/// A step and what it ended in.
pub(crate) struct StepEnd {
    pub(crate) index: usize,
    pub(crate) edits: Vec<EditEnd>,
    pub(crate) journal_error: Option<StateError>,
}

/// Carries out one step. `first` is the number of its first edit; `admission` lets the next step
/// journal its intents once this one's call is answered.
pub(crate) async fn carry_out(
    context: &Context<'_>,
    provider: Option<&Arc<dyn Provider>>,
    (index, step): (usize, &Step),
    first: usize,
    admission: OwnedSemaphorePermit,
) -> StepEnd {
    let end = |edits, journal_error| StepEnd {
        index,
        edits,
        journal_error,
    };
    let all = |what: EditEnd| vec![what; step.edits.len()];
    let sends = step.edits.iter().any(|edit| edit.kind != EditKind::Record);
    if sends && provider.is_none() {
        return end(all(EditEnd::Failed(no_provider(&step.instance))), None);
    }
    let intents = numbered(step, first).map(|(seq, edit)| context.journal.intent(seq, edit));
    if let Err(error) = try_join_all(intents).await {
        return end(all(EditEnd::NotStarted(NotStarted::Journal)), Some(error));
    }
    let reach = |point| context.journal.checkpoint().reach(point);
    reach(Point::AfterIntent);
    let Some(permit) = call_permit(context).await else {
        let outcomes =
            numbered(step, first).map(|(seq, _)| context.journal.outcome(seq, Outcome::NotSent));
        let error = try_join_all(outcomes).await.err();
        return end(all(EditEnd::NotStarted(NotStarted::Interrupted)), error);
    };
    for (seq, edit) in step.edits.iter().enumerate() {
        let subject = Subject::of(edit, first + seq, context.total);
        (context.emit)(Event::Started(subject));
    }
    let results = send(provider, step).await;
    reach(Point::Call);
    drop((permit, admission));
    let outcomes = numbered(step, first)
        .zip(&results)
        .map(|((seq, _), result)| context.journal.outcome(seq, outcome(result)));
    let durable = join_all(outcomes).await;
    reach(Point::Outcome);
    let error = durable.into_iter().find_map(Result::err);
    end(results.into_iter().map(edit_end).collect(), error)
}

fn numbered(step: &Step, first: usize) -> impl Iterator<Item = (u64, &Edit)> {
    (first as u64..).zip(&step.edits)
}

/// Leave to send a call; none where the run was asked to stop meanwhile.
async fn call_permit(context: &Context<'_>) -> Option<OwnedSemaphorePermit> {
    let permit = Arc::clone(&context.calls).acquire_owned();
    tokio::select! {
        biased;
        () = context.cancel.cancelled() => None,
        permit = permit => permit.ok(),
    }
}

/// Sends what of a step is to be sent. One result an edit, in order.
async fn send(provider: Option<&Arc<dyn Provider>>, step: &Step) -> Vec<WriteOutcome> {
    let is_sent = |edit: &&Edit| edit.kind != EditKind::Record;
    let sent = step.edits.iter().filter(is_sent).count();
    let mut answers = match provider {
        Some(provider) if sent == step.edits.len() => provider.write(step).await,
        Some(provider) if sent > 0 => {
            let edits = step.edits.iter().filter(is_sent).cloned().collect();
            let only_sent = Step {
                edits,
                ..step.clone()
            };
            provider.write(&only_sent).await
        }
        _ => Vec::new(),
    }
    .into_iter();
    let results = step.edits.iter().map(|edit| match edit.kind {
        EditKind::Record => Ok(Written::default()),
        _ => answers.next().unwrap_or_else(|| {
            Err(ProviderError::new(
                ErrorKind::Unknown,
                "the provider did not say what became of it",
            ))
        }),
    });
    results.collect()
}

fn outcome(result: &WriteOutcome) -> Outcome {
    match result {
        Ok(written) => Outcome::Done {
            uid: written.uid.clone(),
            request_id: written.request_id.clone(),
        },
        Err(error) if error.kind == ErrorKind::Unknown => Outcome::Unknown,
        Err(error) => Outcome::Failed(error.kind.code().to_owned()),
    }
}

fn edit_end(result: WriteOutcome) -> EditEnd {
    match result {
        Ok(written) => EditEnd::Done {
            uid: written.uid,
            request_id: written.request_id,
        },
        Err(error) => EditEnd::Failed(error),
    }
}

pub(crate) fn no_provider(instance: &str) -> ProviderError {
    ProviderError::new(
        ErrorKind::Configuration,
        format!("there is no provider instance `{instance}`"),
    )
    .help(format!("configure it under `[providers.{instance}]`"))
}
