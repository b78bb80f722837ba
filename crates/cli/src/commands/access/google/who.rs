//! `who-can` about a permission at Google: holders, and everybody who can act as one.

use std::collections::BTreeSet;

use rbacform_access::bridge::Reached;
use serde::Serialize;

use super::super::answer::{FORMAT, lines};
use super::super::args::WhoCanArgs;
use super::super::world::{self, World};
use super::chain::{Link, Through};
use super::question::{Question, Told};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::text::{count, safe};
use crate::session::Session;

#[derive(Serialize)]
struct Document {
    format: &'static str,
    question: Told,
    subjects: Vec<Subject>,
    cannot_tell: Vec<Unknown>,
    /// Controllers of the cluster that get there too.
    platform: usize,
    /// Service accounts that hold it and are disabled.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    disabled: BTreeSet<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
}

#[derive(Serialize)]
struct Subject {
    subject: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    through: Vec<Through>,
    via: Vec<Link>,
}

/// Why somebody may get there, or somebody else.
#[derive(Serialize)]
#[serde(untagged)]
enum Unknown {
    Subject {
        #[serde(flatten)]
        subject: Subject,
        missing: Vec<String>,
    },
    Unread {
        missing: String,
    },
}

pub(in super::super) fn run(args: &WhoCanArgs, session: &Session) -> Result<Exit, Failure> {
    let question = Question::read(&args.verb, args.resource.as_deref(), &args.what)?;
    let world = world::with_google(&args.from, Some(&question.resource), session)?;
    let now = session.environment.now.as_second();
    let bridge = world.google.bridge(&world.facts, now);
    let answer = bridge.who_can(&question.permission, &question.resource);
    let (sure, perhaps): (Vec<_>, Vec<_>) = answer
        .reached
        .iter()
        .partition(|reached| reached.missing.is_empty());
    let perhaps = perhaps.into_iter().map(|reached| Unknown::Subject {
        subject: world.subject(reached),
        missing: reached.missing.iter().map(ToString::to_string).collect(),
    });
    let unread = answer.missing.iter().map(|missing| Unknown::Unread {
        missing: missing.to_string(),
    });
    let document = Document {
        format: FORMAT,
        question: question.told(None, &[]),
        subjects: sure
            .into_iter()
            .map(|reached| world.subject(reached))
            .collect(),
        cannot_tell: perhaps.chain(unread).collect(),
        platform: answer.platform,
        disabled: answer.disabled,
        notes: world.google_notes(),
    };
    match args.json {
        true => session.ui.json(&document),
        false => {
            session.ui.data(&words(&document));
            super::super::hints::tell(&document.notes, session);
        }
    }
    Ok(Exit::Done)
}

impl World {
    fn subject(&self, reached: &Reached) -> Subject {
        Subject {
            subject: reached.subject.clone(),
            through: reached
                .steps
                .iter()
                .map(|step| self.through(step))
                .collect(),
            via: self.links(&reached.via),
        }
    }
}

fn words(document: &Document) -> String {
    let question = safe(&document.question.words()).into_owned();
    let mut text = match document.subjects.is_empty() {
        true => format!("Nothing known here lets anybody use {question}.\n"),
        false => format!("Who can use {question}:\n"),
    };
    text.push_str(&lines(document.subjects.iter().map(Subject::words)));
    if document.platform > 0 {
        let own = count(document.platform, "controller", "controllers");
        text.push_str(&format!("  and {own} of the cluster itself\n"));
    }
    if !document.disabled.is_empty() {
        text.push_str("Disabled, so nothing until somebody enables them:\n");
        let disabled = document.disabled.iter();
        text.push_str(&lines(disabled.map(|who| safe(who).into_owned())));
    }
    let (perhaps, unread): (Vec<_>, Vec<_>) = document
        .cannot_tell
        .iter()
        .partition(|unknown| matches!(unknown, Unknown::Subject { .. }));
    for (title, unknown) in [("Perhaps:\n", perhaps), ("Not known here:\n", unread)] {
        if !unknown.is_empty() {
            text.push_str(title);
            text.push_str(&lines(unknown.into_iter().map(Unknown::words)));
        }
    }
    text
}

impl Subject {
    /// With the first step only: who comes next is told of by a line of their own.
    fn words(&self) -> String {
        let subject = safe(&self.subject);
        match (self.through.first(), self.via.as_slice()) {
            (Some(step), _) => format!("{subject}  {}", step.words()),
            (None, [first, rest @ ..]) if !rest.is_empty() => {
                let more = count(rest.len(), "other way", "other ways");
                format!("{subject}  {}, and {more}", first.words())
            }
            (None, via) => {
                let first = via.first().map_or_else(String::new, Link::words);
                format!("{subject}  {first}")
            }
        }
    }
}

impl Unknown {
    fn words(&self) -> String {
        match self {
            Self::Subject { subject, missing } => {
                let missing = missing.join("; ");
                format!("{}, depending on {}", subject.words(), safe(&missing))
            }
            Self::Unread { missing } => safe(missing).into_owned(),
        }
    }
}
