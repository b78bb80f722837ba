//! What an apply came to: the document, the words, the exit code.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rbacform_core::plan::{Mode, Requests};
use rbacform_core::{Address, Location, ObjectId, Plan, Step, Value};
use rbacform_executor::{Applied, Failure};
use serde::Serialize;

use super::Job;
use crate::effect::InEffect;
use crate::exit::Exit;
use crate::load::LoadedStack;
use crate::render;
use crate::session::Session;

/// `rbacform.apply/1`.
#[derive(Serialize)]
struct Document<'a> {
    format: &'static str,
    stack: &'a str,
    done: &'a [Address],
    failed: Vec<FailedResource<'a>>,
    not_started: Vec<&'a Address>,
    outputs: &'a BTreeMap<String, Value>,
    serial: u64,
    /// When what was written is in effect, where that is later.
    #[serde(skip_serializing_if = "Option::is_none")]
    in_effect: Option<&'a InEffect>,
    requests: Requests,
}

#[derive(Serialize)]
struct FailedResource<'a> {
    address: &'a Address,
    code: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
}

impl<'a> FailedResource<'a> {
    fn of(failure: &'a Failure, loaded: &LoadedStack) -> Self {
        let place = place_of(loaded, &failure.address);
        Self {
            address: &failure.address,
            code: failure.code,
            message: &failure.message,
            line: place.as_ref().map(|place| place.line),
            file: place.map(|place| place.file),
        }
    }
}

/// Where a resource is declared.
fn place_of(loaded: &LoadedStack, address: &Address) -> Option<Location> {
    let span = loaded.place_of(&address.to_string())?;
    loaded.sources.locate(span)
}

/// Tells it.
pub(super) fn conclude(
    job: &Job<'_>,
    steps: &[Step],
    applied: &Applied,
    document: &Plan,
    requests: Requests,
    session: &Session,
) -> Exit {
    let mut summary = applied.report.summary(steps);
    // That state learned something besides is nothing a person asked for.
    summary.done.retain(|done| {
        document
            .changes
            .iter()
            .any(|change| change.address == *done)
    });
    let was_written = |object: &ObjectId| {
        let mut changes = document.changes.iter();
        changes.any(|change| change.object == *object && summary.done.contains(&change.address))
    };
    let in_effect = InEffect::of(&document.access, was_written, Timestamp::now());
    let told = render::apply::Told {
        summary: &summary,
        interrupted: applied.report.interrupted,
        destroyed: job.mode == Mode::Destroy,
        learned: document.summary.learn,
        places: &|address| {
            let place = place_of(job.loaded, address)?;
            Some(format!("{}:{}", place.file, place.line))
        },
    };
    if job.run.json {
        session.ui.json(&Document {
            format: "rbacform.apply/1",
            stack: &document.stack,
            done: &summary.done,
            failed: summary
                .failed
                .iter()
                .map(|failure| FailedResource::of(failure, job.loaded))
                .collect(),
            not_started: summary
                .not_started
                .iter()
                .map(|(address, _)| address)
                .collect(),
            outputs: &applied.snapshot.outputs,
            serial: applied.snapshot.serial,
            in_effect: in_effect.as_ref(),
            requests,
        });
    } else {
        session.ui.data(&render::apply::told(&told, &job.again));
        if let Some(in_effect) = &in_effect {
            session.ui.data(&in_effect.told());
        }
        session
            .ui
            .data(&render::apply::outputs(&applied.snapshot.outputs));
    }
    match () {
        () if applied.report.is_complete() => Exit::Done,
        () if applied.report.wrote_anything => Exit::Partial,
        () if applied.report.interrupted => Exit::Interrupted,
        () if summary.failed.iter().any(|failure| failure.code == "stale") => Exit::Stale,
        () => Exit::Failed,
    }
}
