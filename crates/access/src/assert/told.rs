//! Verdicts: what an assertion comes to, in words.

use std::collections::BTreeSet;

use crate::delta::cell::Cell;
use crate::delta::names::{Names, of_groups};
use crate::{Grant, PolicyRule, google};

/// Whether an assertion holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It does.
    Pass,
    /// It does not.
    Fail,
    /// Something is missing to tell.
    CannotTell,
}

/// The part of an assertion that a verdict is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The whole.
    Whole,
    /// Its subject.
    Subject,
    /// The groups of its subject.
    Groups,
    /// Its verbs.
    Verbs,
    /// Its resource.
    Resource,
    /// Its namespace.
    Namespace,
}

/// What an assertion comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it holds.
    pub status: Status,
    /// Why, or what is missing to tell: a lower-case fragment.
    pub message: String,
    /// What to do, where there is something to do.
    pub help: Option<String>,
    /// What grants what must not be, or what must be.
    pub via: Vec<Chain>,
    /// The same on Google's resources.
    pub grants: Vec<google::Grant>,
    /// What it is about.
    pub part: Part,
    /// Whether it is about something that exists nowhere.
    pub is_nowhere: bool,
    /// Kinds that would tell, were they known whole.
    pub missing: BTreeSet<String>,
    /// What would tell of Google's resources, were it known.
    pub lacking: BTreeSet<google::Missing>,
}

/// A grant, and the rule that it hands on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// Whom a binding names, and which role it grants.
    pub grant: Grant,
    /// The rule.
    pub rule: PolicyRule,
}

/// Something that exists nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Nowhere {
    pub(super) part: Part,
    pub(super) message: String,
    pub(super) help: String,
}

/// What is missing to tell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Reason {
    pub(super) message: String,
    pub(super) kinds: BTreeSet<String>,
}

impl Reason {
    pub(super) fn new(message: impl Into<String>, kinds: &[&str]) -> Self {
        Self {
            message: message.into(),
            kinds: kinds.iter().map(ToString::to_string).collect(),
        }
    }

    pub(super) fn verdict(self) -> Verdict {
        Verdict {
            missing: self.kinds,
            ..cannot_tell(self.message)
        }
    }
}

pub(super) fn pass(message: impl Into<String>, via: Vec<Chain>) -> Verdict {
    verdict(Status::Pass, message, via)
}

pub(super) fn fail(message: impl Into<String>, via: Vec<Chain>) -> Verdict {
    verdict(Status::Fail, message, via)
}

pub(super) fn cannot_tell(message: impl Into<String>) -> Verdict {
    verdict(Status::CannotTell, message, Vec::new())
}

pub(super) fn nothing_there(found: Nowhere) -> Verdict {
    Verdict {
        part: found.part,
        help: Some(found.help),
        is_nowhere: true,
        ..fail(found.message, Vec::new())
    }
}

fn verdict(status: Status, message: impl Into<String>, mut via: Vec<Chain>) -> Verdict {
    // One rule of a binding shows how; which others of its role do so too says no more.
    let mut seen = BTreeSet::new();
    via.retain(|chain| {
        let grant = &chain.grant;
        seen.insert((grant.binding_namespace.clone(), grant.binding.clone()))
    });
    Verdict {
        status,
        message: message.into(),
        help: None,
        via,
        grants: Vec::new(),
        part: Part::Whole,
        is_nowhere: false,
        missing: BTreeSet::new(),
        lacking: BTreeSet::new(),
    }
}

/// `in namespace `a``, or `in the whole cluster`.
pub(super) fn place(namespace: &str) -> String {
    match namespace {
        "" => "in the whole cluster".to_owned(),
        namespace => format!("in namespace `{namespace}`"),
    }
}

/// Items as a sentence lists them: `a`, `a and b`, `a, b and c`; past three, how many more.
pub(super) fn listed(items: &[String]) -> String {
    const MOST: usize = 3;
    let more = items.len().saturating_sub(MOST);
    let shown = items.get(..items.len() - more).unwrap_or(items);
    match shown {
        [] => String::new(),
        _ if more > 0 => format!("{} and {more} more", shown.join(", ")),
        [one] => one.clone(),
        [head @ .., last] => format!("{} and {last}", head.join(", ")),
    }
}

/// A piece of access in words: `get secrets`, `get pods/log named `web``, `* *.apps`.
pub(super) fn words(cell: &Cell) -> String {
    let resource = match cell.subresources.counted() {
        None => shown(&cell.resources),
        Some(subs) if subs.len() == 1 && subs.contains("") => shown(&cell.resources),
        Some(_) => format!("{}/{}", shown(&cell.resources), shown(&cell.subresources)),
    };
    let thing = match cell.groups.counted() {
        Some(groups) => of_groups(&resource, &groups.iter().collect::<Vec<_>>()),
        None => resource,
    };
    format!("{} {thing}{}", shown(&cell.verbs), named(&cell.names))
}

/// The objects that are meant by name: `` named `web,db```; empty where it is no name of any.
pub(super) fn named(names: &Names) -> String {
    match names.counted() {
        Some(counted) if counted.iter().any(|name| !name.is_empty()) => {
            format!(" named `{}`", shown(names))
        }
        _ => String::new(),
    }
}

/// The first few names, with commas.
fn shown(names: &Names) -> String {
    const MOST: usize = 3;
    let (names, _) = names.shown();
    match names.get(..MOST) {
        Some(first) if names.len() > MOST => format!("{},…", first.join(",")),
        _ => names.join(","),
    }
}
