//! `what-can`, followed into Google: every role that somebody holds or gets at.

use rbacform_access::bridge::{self, Bridge};
use rbacform_access::google::Resource;
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
    /// When it begins, where it has not yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    begins: Option<String>,
    /// What deny policies take of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    denied: Vec<Denied>,
}

/// What one deny policy takes of a role.
#[derive(Serialize)]
struct Denied {
    policy: String,
    resource: String,
    /// Whether it does for certain.
    certain: bool,
    permissions: Vec<String>,
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
        denied: denied(&bridge, subject, groups, &held),
        begins: held.holding.begins.and_then(|begins| {
            let begins = jiff::Timestamp::from_second(begins).ok()?;
            Some(begins.to_string())
        }),
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

/// What deny policies take of a role from whom it is held as.
fn denied(
    bridge: &Bridge<'_>,
    subject: &str,
    groups: &[String],
    held: &bridge::Held,
) -> Vec<Denied> {
    let grant = &held.holding.grant;
    let principal = match held.steps.last() {
        Some(step) => bridge.principal(&step.becomes, &[]),
        None => bridge.principal(subject, groups),
    };
    let (Some(who), Ok(resource)) = (principal, Resource::parse(&grant.resource)) else {
        return Vec::new();
    };
    let taken = bridge
        .google
        .taken(&who, &grant.role, &resource)
        .into_iter();
    taken
        .map(|taken| Denied {
            policy: taken.policy,
            resource: taken.resource,
            certain: taken.certain,
            permissions: taken.permissions.into_iter().collect(),
        })
        .collect()
}

impl Denied {
    fn words(&self) -> String {
        const NAMED: usize = 3;
        let id = self.policy.rsplit('/').next().unwrap_or_default();
        let takes = if self.certain { "takes" } else { "may take" };
        let what = match self.permissions.len() {
            ..=NAMED => self.permissions.join(", "),
            many => format!("{many} permissions"),
        };
        safe(&format!(
            "; the deny policy `{id}` of `{}` {takes} {what} from it",
            self.resource
        ))
        .into_owned()
    }
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
            missing => format!(" (depends on {})", safe(&missing.join("; "))),
        };
        text.push_str(&lines(std::iter::once(format!(
            "{}{}{doubt}{}",
            held.link.words(),
            held.begins
                .as_ref()
                .map_or_else(String::new, |begins| format!("; begins {begins}")),
            held.denied.iter().map(Denied::words).collect::<String>()
        ))));
    }
    text
}
