//! The answer to `can-i` and `explain`, as a document and in words.

use rbacform_access::bridge::{IDENTITY, Reached};
use rbacform_access::google::{Decision, Grant, NearMiss};
use serde::Serialize;

use super::super::answer::lines;
use super::super::world::World;
use super::chain::{Link, Through};
use super::question::Told;
use crate::render::text::safe;

#[derive(Serialize)]
pub(super) struct Answer {
    pub(super) format: &'static str,
    pub(super) question: Told,
    pub(super) answer: &'static str,
    pub(super) reason: String,
    /// As whom it is allowed, where it is not as oneself.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) through: Vec<Through>,
    pub(super) via: Vec<Link>,
    pub(super) near_misses: Vec<Near>,
    pub(super) missing: Vec<String>,
    /// How one gets there all the same, by acting as somebody else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reach: Option<Reach>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) notes: Vec<String>,
}

#[derive(Serialize)]
pub(super) struct Near {
    field: &'static str,
    wanted: String,
    has: Vec<String>,
    #[serde(flatten)]
    link: Link,
}

#[derive(Serialize)]
pub(super) struct Reach {
    pub(super) through: Vec<Through>,
    pub(super) via: Vec<Link>,
    pub(super) missing: Vec<String>,
}

impl World {
    pub(super) fn near_at_google(&self, near: &NearMiss) -> Near {
        Near {
            field: near.field,
            wanted: near.wanted.clone(),
            has: near.has.clone(),
            link: self.link(&near.grant),
        }
    }

    pub(super) fn links(&self, grants: &[Grant]) -> Vec<Link> {
        grants.iter().map(|grant| self.link(grant)).collect()
    }
}

impl Answer {
    pub(super) fn say(&mut self, world: &World, decision: Decision) {
        match decision {
            Decision::Allowed { via, unread } => {
                self.answer = "allowed";
                self.via = world.links(&via);
                self.reason = self.via.first().map_or_else(String::new, Link::words);
                self.missing = unread.iter().map(ToString::to_string).collect();
            }
            Decision::Denied { by } => {
                self.answer = "no_grant";
                let by: Vec<String> = by
                    .iter()
                    .map(|(resource, policy)| {
                        let id = policy.rsplit('/').next().unwrap_or_default();
                        format!("the deny policy `{id}` of `{resource}`")
                    })
                    .collect();
                self.reason = format!("{} denies it, whatever is granted", by.join(" and "));
            }
            Decision::NoGrant => {
                self.answer = "no_grant";
                self.reason = "nothing grants this".to_owned();
            }
            Decision::CannotTell { missing, perhaps } => {
                self.via = world.links(&perhaps);
                self.missing = missing.iter().map(ToString::to_string).collect();
                let missing = self.missing.join("; ");
                self.reason = match perhaps.is_empty() {
                    true => format!("nothing known here grants this; not known is {missing}"),
                    false => format!("it depends on {missing}"),
                };
            }
        }
    }

    /// Pods act as the Google account of their annotation: that is what it is for. Any other way is
    /// told beside the answer.
    pub(super) fn reach(&mut self, world: &World, reached: &Reached) {
        let through: Vec<Through> = reached
            .steps
            .iter()
            .map(|step| world.through(step))
            .collect();
        let via = world.links(&reached.via);
        let missing: Vec<String> = reached.missing.iter().map(ToString::to_string).collect();
        let own = reached.steps.iter().all(|step| step.how == IDENTITY);
        if own && missing.is_empty() {
            self.answer = "allowed";
            self.reason = via.first().map_or_else(String::new, |link| {
                format!("as {}: {}", last(&through), link.words())
            });
            (self.through, self.via) = (through, via);
            self.near_misses = Vec::new();
            self.missing = Vec::new();
        } else {
            self.reach = Some(Reach {
                through,
                via,
                missing,
            });
        }
    }

    pub(super) fn short(&self) -> &'static str {
        match self.answer {
            "allowed" => "yes",
            "cannot_tell" => "cannot tell",
            _ => "no",
        }
    }

    pub(super) fn in_full(&self) -> String {
        let question = self.question.words();
        let mut text = format!("{}: {}\n", safe(&question), self.short());
        // What grants it and what is not known is told of line by line.
        if self.answer == "no_grant" || (self.via.is_empty() && self.missing.is_empty()) {
            text.push_str(&format!("{}\n", safe(&self.reason)));
        }
        text.push_str(&lines(self.through.iter().map(Through::words)));
        if self.answer == "cannot_tell" && !self.via.is_empty() {
            text.push_str("Perhaps:\n");
        }
        text.push_str(&lines(self.via.iter().map(Link::words)));
        if !self.missing.is_empty() {
            text.push_str(match self.answer {
                "allowed" => "Not read, and could deny it:\n",
                _ => "Not known here:\n",
            });
            text.push_str(&lines(
                self.missing.iter().map(|text| safe(text).into_owned()),
            ));
        }
        if let Some(reach) = &self.reach {
            text.push_str("Not as oneself, but by acting as somebody else:\n");
            let steps = reach.through.iter().map(Through::words);
            let ways: Vec<String> = steps.chain(reach.via.iter().map(Link::words)).collect();
            text.push_str(&lines(ways.into_iter()));
        }
        if !self.near_misses.is_empty() {
            text.push_str("Close, but for one thing:\n");
            text.push_str(&lines(self.near_misses.iter().map(Near::words)));
        }
        text
    }
}

impl Near {
    fn words(&self) -> String {
        let has = self.has.join(", ");
        let link = self.link.words();
        match self.field {
            "condition" => format!("{link}: does not hold"),
            "permission" => format!("{link}: holds {}", safe(&has)),
            _ => format!("{link}: elsewhere"),
        }
    }
}

fn last(through: &[Through]) -> &str {
    through.last().map_or("", Through::whom)
}
