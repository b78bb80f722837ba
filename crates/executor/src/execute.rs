use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use rbacform_core::Step;
use rbacform_provider::{ErrorKind, Provider, ProviderError};
use rbacform_state::JournalHandle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use crate::event::{Event, Subject};
use crate::graph::Graph;
use crate::step::{Context, StepEnd, carry_out};
use crate::{Cancel, EditEnd, NotStarted, Report};

/// No API server answers more calls at once than this any faster.
const MOST_IN_FLIGHT: usize = 1024;

/// The provider instances by name.
pub type Providers = BTreeMap<String, Arc<dyn Provider>>;

/// What to run and how.
pub struct Run<'a> {
    /// The steps. A step's dependencies are indices into this list.
    pub steps: &'a [Step],
    /// Who carries them out.
    pub providers: &'a Providers,
    /// Where intents and outcomes go.
    pub journal: JournalHandle,
    /// How many calls may be in flight: from 1 to 1024, the nearest where it is neither.
    pub parallelism: usize,
    /// How long a step with `settle` waits once what it depends on is done.
    pub settle: Duration,
    /// Asks it to stop.
    pub cancel: Cancel,
    /// Who wants to know how it goes.
    pub events: Option<mpsc::UnboundedSender<Event>>,
}

/// Runs steps in the order of their dependencies, independent ones side by side.
///
/// An intent is durable before its call is sent, an outcome before a dependent starts. What
/// depends on a failed step is not started; independent branches go on. Nothing is retried here:
/// the providers do. Dropping the future is what a kill is: the journal settles it.
pub async fn execute(run: Run<'_>) -> Report {
    let emit = |event| {
        if let Some(events) = &run.events {
            // Nobody listening any more is no reason to stop.
            let _ = events.send(event);
        }
    };
    let parallelism = run.parallelism.clamp(1, MOST_IN_FLIGHT);
    let context = Context {
        journal: &run.journal,
        cancel: &run.cancel,
        calls: Arc::new(Semaphore::new(parallelism)),
        total: run.steps.iter().map(|step| step.edits.len()).sum(),
        emit: &emit,
    };
    Engine::new(&run, &context).run(parallelism).await
}

struct Engine<'a> {
    run: &'a Run<'a>,
    context: &'a Context<'a>,
    graph: Graph,
    /// Steps that pause until the world has seen what they depend on.
    settling: FuturesUnordered<BoxFuture<'a, usize>>,
    /// Steps that may start as soon as there is room.
    waiting: BTreeSet<usize>,
    /// Steps that are being carried out.
    running: FuturesUnordered<BoxFuture<'a, StepEnd>>,
    in_flight: BTreeSet<usize>,
    /// Whether nothing more may start.
    closed: bool,
    /// The number of each step's first edit.
    first: Vec<usize>,
    ends: Vec<Option<Vec<EditEnd>>>,
    report: Report,
}

impl<'a> Engine<'a> {
    fn new(run: &'a Run<'a>, context: &'a Context<'a>) -> Self {
        let mut count = 0;
        let first = run.steps.iter().map(|step| {
            count += step.edits.len();
            count - step.edits.len()
        });
        Self {
            run,
            context,
            graph: Graph::of(run.steps),
            settling: FuturesUnordered::new(),
            waiting: BTreeSet::new(),
            running: FuturesUnordered::new(),
            in_flight: BTreeSet::new(),
            closed: false,
            first: first.collect(),
            ends: vec![None; run.steps.len()],
            report: Report::default(),
        }
    }

    async fn run(mut self, parallelism: usize) -> Report {
        // Intents are journaled a little ahead of the calls, so that calls need not wait for the
        // disk; but not far, since what a kill leaves open costs a read each.
        let admission = Arc::new(Semaphore::new(parallelism * 2));
        let cancel = &self.run.cancel;
        loop {
            self.close_if_asked();
            self.queue_ready();
            if self.is_idle() {
                break;
            }
            tokio::select! {
                biased;
                () = cancel.stopped() => break,
                () = cancel.cancelled(), if !self.closed => {}
                Some(end) = self.running.next(), if !self.running.is_empty() => self.ended(end),
                Some(index) = self.settling.next(), if !self.settling.is_empty() => {
                    self.waiting.insert(index);
                }
                Ok(permit) = Arc::clone(&admission).acquire_owned(), if !self.waiting.is_empty() => {
                    self.start(permit);
                }
            }
        }
        self.finish()
    }

    fn is_idle(&self) -> bool {
        self.running.is_empty() && self.settling.is_empty() && self.waiting.is_empty()
    }

    fn close_if_asked(&mut self) {
        if self.closed {
            return;
        }
        let why = if self.report.journal_error.is_some() {
            NotStarted::Journal
        } else if self.run.cancel.is_cancelled() {
            NotStarted::Interrupted
        } else {
            return;
        };
        self.closed = true;
        self.settling.clear();
        self.waiting.clear();
        self.graph.abandon();
        for index in 0..self.ends.len() {
            if !self.in_flight.contains(&index) {
                self.skip(index, &why);
            }
        }
    }

    /// Moves what is ready on its way: at once, or after a moment where it must settle.
    fn queue_ready(&mut self) {
        while let Some(index) = self.graph.take() {
            if self.run.steps.get(index).is_some_and(|step| step.settle) {
                let pause = tokio::time::sleep(self.run.settle);
                self.settling.push(Box::pin(async move {
                    pause.await;
                    index
                }));
            } else {
                self.waiting.insert(index);
            }
        }
    }

    fn start(&mut self, permit: OwnedSemaphorePermit) {
        let Some(index) = self.waiting.pop_first() else {
            return;
        };
        let (Some(step), Some(first)) = (self.run.steps.get(index), self.first.get(index)) else {
            return;
        };
        let (context, first) = (self.context, *first);
        let provider = self.run.providers.get(step.instance.as_str());
        self.in_flight.insert(index);
        let carried_out = carry_out(context, provider, (index, step), first, permit);
        self.running.push(Box::pin(carried_out));
    }

    fn ended(&mut self, end: StepEnd) {
        let index = end.index;
        self.in_flight.remove(&index);
        self.report.finished.push(index);
        if self.report.journal_error.is_none() {
            self.report.journal_error = end.journal_error;
        }
        self.announce(index, &end.edits);
        if end.edits.iter().all(EditEnd::is_done) {
            self.graph.done(index);
        } else {
            self.skip_dependents(index, &end.edits);
        }
        if let Some(slot) = self.ends.get_mut(index) {
            *slot = Some(end.edits);
        }
    }

    fn skip_dependents(&mut self, index: usize, ends: &[EditEnd]) {
        let edits = self.run.steps.get(index).map(|step| step.edits.as_slice());
        let culprit = ends
            .iter()
            .zip(edits.unwrap_or_default())
            .find(|(end, _)| !end.is_done());
        let why = match culprit {
            Some((EditEnd::NotStarted(why), _)) => why.clone(),
            Some((_, edit)) => NotStarted::DependencyFailed(edit.address.clone()),
            None => return,
        };
        for dependent in self.graph.failed(index) {
            self.skip(dependent, &why);
        }
    }

    fn skip(&mut self, index: usize, why: &NotStarted) {
        let (Some(step), Some(slot)) = (self.run.steps.get(index), self.ends.get_mut(index)) else {
            return;
        };
        if slot.is_none() {
            let ends = vec![EditEnd::NotStarted(why.clone()); step.edits.len()];
            *slot = Some(ends.clone());
            self.announce(index, &ends);
        }
    }

    fn announce(&self, index: usize, ends: &[EditEnd]) {
        let (Some(step), Some(first)) = (self.run.steps.get(index), self.first.get(index)) else {
            return;
        };
        for ((number, edit), end) in (*first..).zip(&step.edits).zip(ends) {
            let subject = Subject::of(edit, number, self.context.total);
            (self.context.emit)(match end {
                EditEnd::Done { .. } => Event::Finished(subject),
                EditEnd::Failed(error) => Event::Failed(subject, error.message.clone()),
                EditEnd::Open => Event::Failed(subject, "interrupted".to_owned()),
                EditEnd::NotStarted(why) => Event::Skipped(subject, why.to_string()),
            });
        }
    }

    /// What did not end by itself: in flight when everything stopped at once, or never ready.
    fn finish(mut self) -> Report {
        self.running.clear();
        for index in 0..self.ends.len() {
            if self.ends.get(index).is_some_and(Option::is_some) {
                continue;
            }
            let end = if self.in_flight.contains(&index) {
                EditEnd::Open
            } else if self.run.cancel.is_cancelled() {
                EditEnd::NotStarted(NotStarted::Interrupted)
            } else {
                EditEnd::Failed(never_ready())
            };
            let edits = self.run.steps.get(index).map_or(0, |step| step.edits.len());
            let ends = vec![end; edits];
            self.announce(index, &ends);
            if let Some(slot) = self.ends.get_mut(index) {
                *slot = Some(ends);
            }
        }
        self.report.edits = self
            .ends
            .into_iter()
            .map(Option::unwrap_or_default)
            .collect();
        self.report.complete(self.run.steps)
    }
}

fn never_ready() -> ProviderError {
    ProviderError::new(
        ErrorKind::Protocol,
        "the plan's steps wait for each other, or for one that is not in the plan",
    )
    .help("plan anew")
}
