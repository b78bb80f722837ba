//! `diff`: what somebody holds at Google in one world and not in another.

use rbacform_core::plan::{AccessChange, AccessEntry};

use super::super::world::World;
use crate::analysis::{change_by_pods, google_change};
use crate::session::Session;

/// Who holds more after than before, and who less; with the pods that they may make, where `cluster`
/// is what they gain and lose in it.
pub(in super::super) fn change(
    before: &World,
    after: &World,
    cluster: &AccessChange,
    session: &Session,
) -> AccessChange {
    let now = session.environment.now.as_second();
    let [was, is] = [before, after].map(|world| world.google.bridge(&world.facts, now).guised());
    let mut change = google_change(&was, &is);
    let by_pods = change_by_pods(&was, &is, cluster);
    change.gained.extend(by_pods.gained);
    change.lost.extend(by_pods.lost);
    let mut cannot_tell = change.cannot_tell;
    let mut told = |mut entries: Vec<AccessEntry>, here: &World, other: &World| {
        for via in entries.iter_mut().flat_map(|entry| &mut entry.via) {
            if let Some(place) = here.places.of(&via.binding) {
                (via.file, via.line) = (Some(place.file), Some(place.line));
            }
        }
        // Whether it is so in a policy that was not read, nobody here knows.
        let (sure, unread): (Vec<_>, Vec<_>) = entries
            .into_iter()
            .partition(|entry| !other.google.is_live || other.google.facts.is_whole(&entry.scope));
        cannot_tell.extend(unread);
        sure
    };
    AccessChange {
        gained: told(change.gained, after, before),
        lost: told(change.lost, before, after),
        cannot_tell,
    }
}
