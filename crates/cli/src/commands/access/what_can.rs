//! `access what-can`: everything somebody may do.

use std::collections::BTreeSet;

use rbacform_access::{Evaluator, Missing, User, subject};
use serde::Serialize;

use super::answer::{Chain, FORMAT, lines};
use super::args::WhatCanArgs;
use super::world::World;
use super::{asker, google, hints, world};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::text::safe;
use crate::session::Session;

#[derive(Serialize)]
struct Document {
    format: &'static str,
    subject: String,
    scopes: Vec<Scope>,
    /// Roles at Google, its own and those of whom it can act as.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    google: Vec<google::Held>,
    /// Why there may be more.
    missing: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
}

#[derive(Serialize)]
struct Scope {
    scope: String,
    via: Vec<Chain>,
}

pub(super) fn run(args: &WhatCanArgs, session: &Session) -> Result<Exit, Failure> {
    let user = asker::somebody(&args.subject, &args.as_group)?;
    let groups = asker::groups(&args.as_group)?;
    let world = world::followed(&args.from, args.namespace.as_deref(), session)?;
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
                let live = rules.iter().enumerate();
                let live = live.filter(|(_, rule)| rule.can_match(scope));
                live.map(|(index, _)| world.chain(&held.grant(index)))
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
        google: google::held(&world, &args.subject, &groups, session),
        missing: missing(&world, &evaluator, &user, args.namespace.as_deref()),
        notes: asker::note_of_member(&args.subject)
            .into_iter()
            .chain(google_unread(args, &world))
            .chain(hints::of_world(&world))
            .collect(),
    };
    match args.json {
        true => session.ui.json(&document),
        false => {
            let all = user.groups.iter().any(|group| group == subject::MASTERS);
            session.ui.data(&words(&document, all));
            hints::tell(&document.notes, session);
        }
    }
    Ok(Exit::Done)
}

fn words(document: &Document, all: bool) -> String {
    let mut text = String::new();
    if all {
        text.push_str("Everything: members of system:masters are refused nothing.\n");
    }
    if document.scopes.is_empty() && document.google.is_empty() && !all {
        let subject = safe(&document.subject);
        text.push_str(&format!("No binding known here names {subject}.\n"));
    }
    for scope in &document.scopes {
        let place = match scope.scope.as_str() {
            "cluster" => "In the whole cluster".to_owned(),
            namespace => format!("In namespace {}", safe(namespace)),
        };
        text.push_str(&format!("{place}:\n"));
        let all = scope.via.iter();
        let (own, platform): (Vec<&Chain>, Vec<&Chain>) = all.partition(|via| !via.is_platform());
        text.push_str(&lines(own.into_iter().map(Chain::words)));
        let mut names: Vec<&str> = platform.iter().map(|chain| chain.binding_name()).collect();
        names.dedup();
        if !names.is_empty() {
            let names = names.join(", ");
            text.push_str(&format!(
                "  what Kubernetes itself gives: {}\n",
                safe(&names)
            ));
        }
    }
    text.push_str(&google::held_words(&document.google));
    if !document.missing.is_empty() {
        text.push_str("Cannot tell the rest:\n");
        text.push_str(&lines(
            document.missing.iter().map(|text| safe(text).into_owned()),
        ));
    }
    text
}

/// Said where the live world was asked about somebody whom Google may know, and Google was not.
fn google_unread(args: &WhatCanArgs, world: &World) -> Option<String> {
    let is_asked = args.namespace.is_none() && world.is_live && !world.google.is_live;
    // A cluster without Google knows people by their addresses too, so that it is no more than a note.
    (is_asked && args.subject.contains('@')).then(|| {
        "no policy of Google was read: name a stack that has something there with `--from`"
            .to_owned()
    })
}

/// Why a subject may hold more than is known here.
fn missing(
    world: &World,
    evaluator: &Evaluator<'_>,
    user: &User,
    namespace: Option<&str>,
) -> Vec<String> {
    let places: Vec<&str> = match namespace {
        Some(namespace) => vec![namespace],
        None => std::iter::once("").chain(evaluator.namespaces()).collect(),
    };
    let mut found = Vec::new();
    // A namespace in which nothing was seen may have bindings all the same.
    if namespace.is_none() && !world.unseen.known.role_bindings {
        found.push("not every RoleBinding could be read".to_owned());
    }
    for namespace in places {
        let missing: Vec<Missing> = evaluator.missing_roles(user, namespace).collect();
        for doubt in world.unseen.doubts(namespace, &missing) {
            if !found.contains(&doubt) {
                found.push(doubt);
            }
        }
    }
    found
}
