//! `access who-can`: everybody who may do something.

use std::collections::BTreeMap;

use rbacform_access::{Evaluator, Grant, subject};
use serde::Serialize;

use super::answer::{Chain, FORMAT, Question, lines};
use super::args::WhoCanArgs;
use super::world::World;
use super::{google, hints, resource, world};
use crate::analysis::object;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::text::{count, safe};
use crate::session::Session;

#[derive(Serialize)]
struct Document {
    format: &'static str,
    question: Question,
    subjects: Vec<Holder>,
    cannot_tell: Vec<Unknown>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
}

#[derive(Serialize)]
struct Holder {
    subject: String,
    via: Vec<Chain>,
}

impl Holder {
    /// Whether only what every cluster makes by itself gives it to them, and they are not people.
    fn is_platform(&self) -> bool {
        let group = self.subject.starts_with("group:");
        !group && !self.via.is_empty() && self.via.iter().all(Chain::is_platform)
    }
}

/// Why somebody else may do it as well.
#[derive(Serialize)]
#[serde(untagged)]
enum Unknown {
    /// A binding whose role is not known here.
    Role {
        binding: String,
        role: String,
        #[serde(skip)]
        words: String,
    },
    /// Bindings that were not read.
    Unread { missing: String },
}

impl Unknown {
    fn words(&self) -> String {
        match self {
            Self::Role { words, .. } => safe(words).into_owned(),
            Self::Unread { missing } => missing.clone(),
        }
    }
}

pub(super) fn run(args: &WhoCanArgs, session: &Session) -> Result<Exit, Failure> {
    if google::is_asked(&args.verb, &args.what) {
        return google::who_can(args, session);
    }
    let request = resource::asked(&args.verb, args.resource.as_deref(), &args.what)?;
    let namespace = request.namespace();
    let world = world::world(&args.from, Some(namespace), session)?;
    let mut holders: BTreeMap<String, Vec<Chain>> = BTreeMap::new();
    // Whatever roles say, these are refused nothing.
    holders.insert(format!("group:{}", subject::MASTERS), Vec::new());
    for grant in rbacform_access::who_can(&world.facts, &request) {
        let chains = holders.entry(spelled(&grant)).or_default();
        chains.push(world.chain(&grant));
    }
    let version = args.from.settings.kubernetes_version.unwrap_or_default();
    let document = Document {
        format: FORMAT,
        question: Question::new(None, None, &request),
        subjects: holders
            .into_iter()
            .map(|(subject, via)| Holder { subject, via })
            .collect(),
        cannot_tell: unknown(&world, namespace),
        notes: [
            hints::of(&request, &world, version),
            hints::of_world(&world),
        ]
        .concat(),
    };
    match args.json {
        true => session.ui.json(&document),
        false => {
            session.ui.data(&words(&document));
            hints::tell(&document.notes, session);
        }
    }
    Ok(Exit::Done)
}

/// Why there may be others.
fn unknown(world: &World, namespace: &str) -> Vec<Unknown> {
    let unread = world.unseen.doubts(namespace, &[]).into_iter();
    let mut unknown: Vec<Unknown> = unread.map(|missing| Unknown::Unread { missing }).collect();
    let known = &world.unseen.known;
    if !known.cluster_roles || !known.roles_of(namespace) {
        let evaluator = Evaluator::new(&world.facts);
        let roles = evaluator.unknown_roles(namespace);
        let may_exist = roles.filter(|(_, role)| world.unseen.may_exist(&role.kind, namespace));
        unknown.extend(may_exist.map(|((kind, at, name), role)| {
            let binding = object(kind, at, name);
            let place = world.places.of(&binding);
            let place = place.map_or_else(String::new, |at| format!(" ({}:{})", at.file, at.line));
            let role = format!("{} {}", role.kind, role.name);
            Unknown::Role {
                words: format!(
                    "{} {}{place} names {role}, which is not known here",
                    binding.kind, binding.ident
                ),
                binding: binding.to_string(),
                role,
            }
        }));
    }
    unknown
}

/// A subject as stack files spell it: a user's name that stands for a service account is one.
fn spelled(grant: &Grant) -> String {
    let subject = &grant.subject;
    let account = match subject.kind.as_str() {
        "ServiceAccount" => {
            let namespace = match subject.namespace.as_str() {
                "" => &grant.binding_namespace,
                _ => &subject.namespace,
            };
            Some((namespace.as_str(), subject.name.as_str()))
        }
        "User" => subject::split_service_account(&subject.name),
        _ => None,
    };
    match account {
        Some((namespace, name)) => format!("serviceaccount:{namespace}/{name}"),
        None => format!("{}:{}", subject.kind.to_lowercase(), subject.name),
    }
}

fn words(document: &Document) -> String {
    let question = safe(&document.question.words()).into_owned();
    let mut text = format!("Who can {question}:\n");
    let subjects = document.subjects.iter();
    let (own, platform): (Vec<&Holder>, Vec<&Holder>) =
        subjects.partition(|who| !who.is_platform());
    text.push_str(&lines(own.into_iter().map(holder)));
    if let [first, ..] = platform.as_slice() {
        let parts = count(platform.len(), "part of Kubernetes", "parts of Kubernetes");
        let such = safe(&first.subject);
        text.push_str(&format!(
            "  and {parts} itself, such as {such}; `--json` lists them all\n"
        ));
    }
    if !document.cannot_tell.is_empty() {
        text.push_str("Cannot tell who else:\n");
        text.push_str(&lines(document.cannot_tell.iter().map(Unknown::words)));
    }
    text
}

/// A subject with the first way, on one line.
fn holder(holder: &Holder) -> String {
    let subject = safe(&holder.subject);
    match holder.via.as_slice() {
        [] => format!("{subject}  is refused nothing, whatever roles say"),
        [one] => format!("{subject}  {}", one.words()),
        [first, rest @ ..] => {
            let more = count(rest.len(), "other way", "other ways");
            format!("{subject}  {}, and {more}", first.words())
        }
    }
}
