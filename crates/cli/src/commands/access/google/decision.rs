//! `can-i` and `explain` about a permission at Google.

use rbacform_access::bridge::{Bridge, Reached};
use rbacform_access::google::{Decision, Grant, NearMiss};
use serde::Serialize;

use super::super::answer::{FORMAT, lines};
use super::super::args::{QuestionArgs, WhoArgs};
use super::super::world::{self, World};
use super::chain::{Link, Through};
use super::question::{Question, Told};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::text::safe;
use crate::session::Session;

/// As many near misses as one can still read.
const NEAR: usize = 5;

#[derive(Serialize)]
struct Answer {
    format: &'static str,
    question: Told,
    answer: &'static str,
    reason: String,
    /// As whom it is allowed, where it is not as oneself.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    through: Vec<Through>,
    via: Vec<Link>,
    near_misses: Vec<Near>,
    missing: Vec<String>,
    /// How one gets there all the same, by acting as somebody else.
    #[serde(skip_serializing_if = "Option::is_none")]
    reach: Option<Reach>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
}

#[derive(Serialize)]
struct Near {
    field: &'static str,
    wanted: String,
    has: Vec<String>,
    #[serde(flatten)]
    link: Link,
}

#[derive(Serialize)]
struct Reach {
    through: Vec<Through>,
    via: Vec<Link>,
    missing: Vec<String>,
}

/// Prints yes, no or cannot tell, and exits 0, 1 or 2.
pub(in super::super) fn can_i(args: &QuestionArgs, session: &Session) -> Result<Exit, Failure> {
    let answer = ask(args, session)?;
    match args.json {
        true => session.ui.json(&answer),
        false => {
            session.ui.data(&format!("{}\n", answer.short()));
            session.ui.talk(&format!("{}\n", safe(&answer.reason)));
            if let Some(reach) = &answer.reach {
                let whom = reach.through.first().map_or("somebody else", Through::whom);
                let whom = safe(whom);
                session
                    .ui
                    .talk(&format!("but gets there as {whom}; `explain` tells how\n"));
            }
            super::super::hints::tell(&answer.notes, session);
        }
    }
    Ok(match answer.answer {
        "allowed" => Exit::Done,
        "cannot_tell" => Exit::Pending,
        _ => Exit::Failed,
    })
}

/// The same with everything that bears on it.
pub(in super::super) fn explain(args: &QuestionArgs, session: &Session) -> Result<Exit, Failure> {
    let answer = ask(args, session)?;
    match args.json {
        true => session.ui.json(&answer),
        false => {
            session.ui.data(&answer.in_full());
            super::super::hints::tell(&answer.notes, session);
        }
    }
    Ok(Exit::Done)
}

fn ask(args: &QuestionArgs, session: &Session) -> Result<Answer, Failure> {
    let question = Question::read(&args.verb, args.resource.as_deref(), &args.what)?;
    let who = who(&args.who)?;
    let world = world::with_google(&args.from, Some(&question.resource), session)?;
    let now = session.environment.now.as_second();
    let bridge = world.google.bridge(&world.facts, now);
    Ok(answer(&world, &bridge, &question, who, &args.who.as_group))
}

fn who(args: &WhoArgs) -> Result<&str, Failure> {
    args.who.as_deref().ok_or_else(|| {
        Failure::usage("who is asked about? give `--as WHO`").help(
            "WHO is a member as policies write it (`user:ana@example.com`), or \
             `serviceaccount:NAMESPACE/NAME` of the cluster",
        )
    })
}

fn answer(
    world: &World,
    bridge: &Bridge<'_>,
    question: &Question,
    who: &str,
    groups: &[String],
) -> Answer {
    let Question {
        permission,
        resource,
    } = question;
    let principal = bridge.principal(who, groups);
    let decision = principal
        .as_ref()
        .map(|principal| bridge.google.decide(principal, permission, resource));
    let reached = match &decision {
        Some(Decision::Allowed { .. }) => None,
        _ => bridge.reach(who, groups, permission, resource),
    };
    let near = match (&decision, &principal) {
        (Some(Decision::Allowed { .. }), _) | (_, None) => Vec::new(),
        (_, Some(principal)) => bridge
            .google
            .near_misses(principal, permission, resource, NEAR),
    };
    let mut answer = Answer {
        format: FORMAT,
        question: question.told(Some(who), groups),
        answer: "cannot_tell",
        reason: String::new(),
        through: Vec::new(),
        via: Vec::new(),
        near_misses: near.iter().map(|near| world.near_at_google(near)).collect(),
        missing: Vec::new(),
        reach: None,
        notes: world.google_notes(),
    };
    match decision {
        Some(decision) => answer.say(world, decision),
        None => {
            answer.reason = "the cluster's pool at Google is not known".to_owned();
            answer.missing = vec![
                "the project of the cluster: `[providers.kubernetes] gke` names it".to_owned(),
            ];
        }
    }
    if let Some(reached) = reached {
        answer.reach(world, &reached);
    }
    answer
}

impl World {
    fn near_at_google(&self, near: &NearMiss) -> Near {
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
    fn say(&mut self, world: &World, decision: Decision) {
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
    fn reach(&mut self, world: &World, reached: &Reached) {
        let through: Vec<Through> = reached
            .steps
            .iter()
            .map(|step| world.through(step))
            .collect();
        let via = world.links(&reached.via);
        let missing: Vec<String> = reached.missing.iter().map(ToString::to_string).collect();
        let own = reached
            .steps
            .iter()
            .all(|step| step.how == rbacform_access::bridge::IDENTITY);
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

    fn short(&self) -> &'static str {
        match self.answer {
            "allowed" => "yes",
            "cannot_tell" => "cannot tell",
            _ => "no",
        }
    }

    fn in_full(&self) -> String {
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
