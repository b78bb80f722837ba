//! `access diff`: what anybody may do in one world and not in another, in the words of a plan.

use std::collections::BTreeSet;

use rbacform_access::Facts;
use rbacform_core::ObjectId;
use rbacform_core::plan::{AccessChange, AccessEntry};
use serde::Serialize;

use super::answer::FORMAT;
use super::args::DiffArgs;
use super::world::World;
use super::{google, hints, world};
use crate::analysis::{Worlds, access_change, by_weight};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render;
use crate::session::Session;

#[derive(Serialize)]
struct Document {
    format: &'static str,
    gained: Vec<AccessEntry>,
    lost: Vec<AccessEntry>,
    cannot_tell: Vec<AccessEntry>,
}

pub(super) fn run(args: &DiffArgs, session: &Session) -> Result<Exit, Failure> {
    let [before, after] = world::pair([&args.before, &args.after], &args.settings, session)?;
    let mut notes = before.google_notes();
    notes.extend(after.google_notes());
    let mut told = BTreeSet::new();
    notes.retain(|note| told.insert(note.clone()));
    let worlds = worlds(&before, &after);
    let mut access = access_change(&worlds);
    let at_google = google::change(&before, &after, &access, session);
    access.gained.extend(at_google.gained);
    access.lost.extend(at_google.lost);
    access.cannot_tell.extend(at_google.cannot_tell);
    by_weight(&mut access);
    match args.json {
        true => session.ui.json(&Document {
            format: FORMAT,
            gained: access.gained,
            lost: access.lost,
            cannot_tell: access.cannot_tell,
        }),
        false => {
            session.ui.data(&words(&access, &worlds));
            hints::tell(&notes, session);
        }
    }
    Ok(Exit::Done)
}

/// Both, side by side: known is what is known of either.
fn worlds(before: &World, after: &World) -> Worlds {
    let mut places = before.places.all();
    places.extend(after.places.all());
    Worlds {
        known: before.unseen.both(&after.unseen),
        before: before.facts.clone(),
        after: after.facts.clone(),
        places,
    }
}

fn words(access: &AccessChange, worlds: &Worlds) -> String {
    let AccessChange {
        gained,
        lost,
        cannot_tell,
    } = access;
    let entries = gained.iter().chain(lost);
    let bindings = entries.flat_map(|entry| entry.via.iter().map(|via| &via.binding));
    let changed: BTreeSet<&ObjectId> = bindings
        .filter(|binding| is_changed(binding, &worlds.before, &worlds.after))
        .collect();
    match gained.is_empty() && lost.is_empty() && cannot_tell.is_empty() {
        true => "Nobody gains or loses anything.\n".to_owned(),
        // In a plan a blank line parts it from what comes before.
        false => render::access::between(access, &changed).replacen('\n', "", 1),
    }
}

/// Whether a binding is not the same in two worlds.
fn is_changed(binding: &ObjectId, before: &Facts, after: &Facts) -> bool {
    match binding.namespace() {
        Some(namespace) => {
            let name = binding.name();
            before.role_binding(namespace, name) != after.role_binding(namespace, name)
        }
        None => {
            let name = binding.ident.as_str();
            before.cluster_role_binding(name) != after.cluster_role_binding(name)
        }
    }
}
