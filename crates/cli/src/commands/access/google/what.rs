//! `what-can`, followed into Google: every role that somebody holds or gets at.

use serde::Serialize;

use super::super::answer::lines;
use super::super::world::World;
use super::chain::{Link, Through};
use crate::render::text::safe;
use crate::session::Session;

/// One role at Google.
#[derive(Serialize)]
pub(in super::super) struct Held {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    through: Vec<Through>,
    #[serde(flatten)]
    link: Link,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    missing: Vec<String>,
}

/// Everything that somebody holds at Google, or gets at by acting as others.
pub(in super::super) fn held(
    world: &World,
    subject: &str,
    groups: &[String],
    session: &Session,
) -> Vec<Held> {
    if world.google.is_empty() {
        return Vec::new();
    }
    let now = session.environment.now.as_second();
    let bridge = world.google.bridge(&world.facts, now);
    let held = bridge.what_can(subject, groups).into_iter();
    held.map(|held| Held {
        through: held.steps.iter().map(|step| world.through(step)).collect(),
        link: world.link(&held.holding.grant),
        missing: held
            .holding
            .missing
            .iter()
            .map(ToString::to_string)
            .collect(),
    })
    .collect()
}

/// In words, one line a role, below the way there.
pub(in super::super) fn words(held: &[Held]) -> String {
    let mut text = String::new();
    let mut way = None;
    for held in held {
        let through: Vec<String> = held.through.iter().map(Through::words).collect();
        if way.as_ref() != Some(&through) {
            match through.as_slice() {
                [] => text.push_str("At Google:\n"),
                steps => text.push_str(&format!("At Google, {}:\n", steps.join("; then "))),
            }
            way = Some(through);
        }
        let doubt = match held.missing.as_slice() {
            [] => String::new(),
            missing => format!(" (cannot tell without {})", safe(&missing.join("; "))),
        };
        text.push_str(&lines(std::iter::once(format!(
            "{}{doubt}",
            held.link.words()
        ))));
    }
    text
}
