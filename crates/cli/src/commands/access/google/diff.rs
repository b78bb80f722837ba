//! `diff`: roles at Google that somebody holds in one world and not in another.

use rbacform_access::google::Grant;
use rbacform_core::plan::{AccessEntry, Via};
use rbacform_gcp::ident;

use super::super::world::World;
use crate::planning::GOOGLE;
use crate::session::Session;

/// Roles that somebody holds after and not before, those left out that another role gives anyway.
pub(in super::super) fn gained(
    before: &World,
    after: &World,
    session: &Session,
) -> Vec<AccessEntry> {
    let now = session.environment.now.as_second();
    let [was, is] = [before, after].map(|world| world.google.bridge(&world.facts, now).google);
    let gained = is.gained_since(&was).gains.into_iter();
    gained.map(|gain| entry(after, gain.grant)).collect()
}

fn entry(world: &World, grant: Grant) -> AccessEntry {
    let place = grant
        .object
        .as_ref()
        .and_then(|object| world.places.of(object));
    let binding = match grant.object {
        Some(object) => object,
        None => ident::iam_policy(GOOGLE, &grant.resource),
    };
    AccessEntry {
        platform: GOOGLE.to_owned(),
        subject: grant.member,
        verbs: Vec::new(),
        permissions: Vec::new(),
        role: Some(grant.role.clone()),
        resource: "*".to_owned(),
        api_group: None,
        names: Vec::new(),
        scope: grant.resource,
        condition: grant.condition.map(|condition| condition.expression),
        except: Vec::new(),
        but_in: Vec::new(),
        via: vec![Via {
            binding,
            role: ident::role(GOOGLE, &grant.role),
            file: place.as_ref().map(|place| place.file.clone()),
            line: place.map(|place| place.line),
        }],
    }
}
