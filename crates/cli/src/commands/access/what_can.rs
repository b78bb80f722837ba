//! `access what-can`: everything somebody may do.

use std::collections::BTreeSet;

use rbacform_access::{Evaluator, subject};
use serde::Serialize;

use super::answer::{Chain, FORMAT};
use super::args::WhatCanArgs;
use super::can_i::through;
use super::{resource, world};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::text::safe;
use crate::session::Session;

#[derive(Serialize)]
struct Document {
    format: &'static str,
    subject: String,
    scopes: Vec<Scope>,
}

#[derive(Serialize)]
struct Scope {
    scope: String,
    via: Vec<Chain>,
}

pub(super) fn run(args: &WhatCanArgs, session: &Session) -> Result<Exit, Failure> {
    let user = resource::somebody(&args.subject, &args.as_group);
    let world = world::world(&args.from, session)?;
    let evaluator = Evaluator::new(&world.facts);
    let namespaces: BTreeSet<&str> = match &args.namespace {
        Some(namespace) => BTreeSet::from([namespace.as_str()]),
        None => evaluator.namespaces().collect(),
    };
    let mut scopes = Vec::new();
    for scope in std::iter::once("").chain(namespaces) {
        let held = evaluator.held_rules(&user, scope);
        let here = held.filter(|(held, _)| held.namespace == scope);
        let via: Vec<Chain> = here
            .flat_map(|(held, rules)| {
                let grants = (0..rules.len())
                    .map(|index| held.grant(index))
                    .collect::<Vec<_>>();
                grants
                    .into_iter()
                    .map(|grant| world.chain(&grant))
                    .collect::<Vec<_>>()
            })
            .collect();
        if !via.is_empty() {
            let scope = if scope.is_empty() { "cluster" } else { scope }.to_owned();
            scopes.push(Scope { scope, via });
        }
    }
    let document = Document {
        format: FORMAT,
        subject: args.subject.clone(),
        scopes,
    };
    match args.json {
        true => session.ui.json(&document),
        false => {
            let all = user.groups.iter().any(|group| group == subject::MASTERS);
            session.ui.data(&words(&document, all));
        }
    }
    Ok(Exit::Done)
}

fn words(document: &Document, all: bool) -> String {
    let mut text = String::new();
    if all {
        text.push_str("Everything: members of system:masters are refused nothing.\n");
    }
    if document.scopes.is_empty() && !all {
        return format!("No binding known here names {}.\n", safe(&document.subject));
    }
    for scope in &document.scopes {
        let place = match scope.scope.as_str() {
            "cluster" => "In the whole cluster".to_owned(),
            namespace => format!("In namespace {}", safe(namespace)),
        };
        text.push_str(&format!("{place}:\n"));
        for chain in &scope.via {
            text.push_str(&format!("  {}\n", through(chain)));
        }
    }
    text
}
