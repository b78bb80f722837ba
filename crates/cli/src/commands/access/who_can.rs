//! `access who-can`: everybody who may do something.

use std::collections::BTreeMap;

use rbacform_access::{Evaluator, Grant};
use serde::Serialize;

use super::answer::{Chain, FORMAT, Question};
use super::args::WhoCanArgs;
use super::can_i::through;
use super::{resource, world};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::text::safe;
use crate::session::Session;

#[derive(Serialize)]
struct Document {
    format: &'static str,
    question: Question,
    subjects: Vec<Holder>,
    cannot_tell: Vec<Unknown>,
}

#[derive(Serialize)]
struct Holder {
    subject: String,
    via: Vec<Chain>,
}

/// A binding whose role is not known here.
#[derive(Serialize)]
struct Unknown {
    binding: String,
    role: String,
}

pub(super) fn run(args: &WhoCanArgs, session: &Session) -> Result<Exit, Failure> {
    let request = resource::request(&args.verb, &args.resource, &args.what);
    let world = world::world(&args.from, session)?;
    let mut holders: BTreeMap<String, Vec<Chain>> = BTreeMap::new();
    for grant in rbacform_access::who_can(&world.facts, &request) {
        holders
            .entry(spelled(&grant))
            .or_default()
            .push(world.chain(&grant));
    }
    let unknown = match world.whole {
        true => Vec::new(),
        false => Evaluator::new(&world.facts)
            .unknown_roles(request.namespace())
            .map(|(binding, role)| Unknown {
                binding: world::object(binding.0, binding.1, binding.2).to_string(),
                role: format!("{} {}", role.kind, role.name),
            })
            .collect(),
    };
    let document = Document {
        format: FORMAT,
        question: Question::new(None, &request),
        subjects: holders
            .into_iter()
            .map(|(subject, via)| Holder { subject, via })
            .collect(),
        cannot_tell: unknown,
    };
    match args.json {
        true => session.ui.json(&document),
        false => session.ui.data(&words(&document)),
    }
    Ok(Exit::Done)
}

/// A subject as stack files spell it.
fn spelled(grant: &Grant) -> String {
    let subject = &grant.subject;
    match subject.kind.as_str() {
        "ServiceAccount" => {
            let namespace = match subject.namespace.as_str() {
                "" => &grant.binding_namespace,
                _ => &subject.namespace,
            };
            format!("serviceaccount:{namespace}/{}", subject.name)
        }
        kind => format!("{}:{}", kind.to_lowercase(), subject.name),
    }
}

fn words(document: &Document) -> String {
    let question = safe(&document.question.words()).to_string();
    let mut text = match document.subjects.is_empty() {
        true => format!("No binding known here lets anybody {question}.\n"),
        false => format!("Who can {question}:\n"),
    };
    for holder in &document.subjects {
        text.push_str(&format!("  {}\n", safe(&holder.subject)));
        for chain in &holder.via {
            text.push_str(&format!("    {}\n", through(chain)));
        }
    }
    if !document.cannot_tell.is_empty() {
        text.push_str("Cannot tell, because the role is not known here:\n");
        for unknown in &document.cannot_tell {
            text.push_str(&format!(
                "  {} of {}\n",
                safe(&unknown.binding),
                safe(&unknown.role)
            ));
        }
    }
    text
}
