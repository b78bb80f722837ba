//! `access diff`: what anybody may do in one world and not in another, in the words of a plan.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

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
    let one = |from: &PathBuf| world::of(std::slice::from_ref(from), &args.settings, None, session);
    let (before, after) = (one(&args.before)?, one(&args.after)?);
    let mut notes = hints::of_world(&before);
    notes.extend(hints::of_world(&after));
    notes.dedup();
    let (gained, lost) = match is_live(&args.before) || is_live(&args.after) {
        // Of Google a world is read as far as a question needs it, and this one needs all of it.
        true => (Vec::new(), Vec::new()),
        false => (
            google::gained(&before, &after, session),
            google::gained(&after, &before, session),
        ),
    };
    let worlds = worlds(before, after);
    let mut access = access_change(&worlds);
    access.gained.extend(gained);
    access.lost.extend(lost);
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

fn is_live(from: &Path) -> bool {
    from.as_os_str() == "live" && !from.is_dir()
}

/// Both, side by side: known is what is known of either.
fn worlds(before: World, after: World) -> Worlds {
    let mut places = before.places.all();
    places.extend(after.places.all());
    Worlds {
        known: before.unseen.both(&after.unseen),
        before: before.facts,
        after: after.facts,
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
