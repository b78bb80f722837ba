//! `diff`: roles at Google that somebody holds in one world and not in another.

use rbacform_access::google::Grant;

use super::super::world::World;
use crate::session::Session;

/// Roles that somebody holds after and not before, those left out that another role gives anyway.
pub(in super::super) fn gained(before: &World, after: &World, session: &Session) -> Vec<Grant> {
    let now = session.environment.now.as_second();
    let [before, after] =
        [before, after].map(|world| world.google.bridge(&world.facts, now).google);
    after.gained_since(&before)
}
