//! `can-i` and `explain` about a permission at Google.

use std::collections::BTreeSet;

use rbacform_access::bridge::{Bridge, Own, Reached};
use rbacform_access::google::Decision;

use super::super::answer::FORMAT;
use super::super::args::{QuestionArgs, WhoArgs};
use super::super::asker;
use super::super::world::{self, World};
use super::answer::Answer;
use super::chain::Through;
use super::question::Question;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::text::safe;
use crate::session::Session;

/// As many near misses as one can still read.
const NEAR: usize = 5;

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
    let groups = asker::groups(&args.who.as_group)?;
    let world = world::with_google(&args.from, Some(&question.resource), session)?;
    let now = session.environment.now.as_second();
    let bridge = world.google.bridge(&world.facts, now);
    let mut answer = answer(&world, &bridge, &question, who, &groups);
    if answer.answer != "allowed" {
        answer.notes.extend(asker::note_of_member(who));
    }
    Ok(answer)
}

fn who(args: &WhoArgs) -> Result<&str, Failure> {
    let who = args.who.as_deref().ok_or_else(|| {
        Failure::usage("who is asked about? give `--as WHO`").help(
            "WHO is a member as policies write it (`user:ana@example.com`), or \
             `serviceaccount:NAMESPACE/NAME` of the cluster",
        )
    })?;
    asker::check(who)?;
    Ok(who)
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
    let mut answer = Answer {
        format: FORMAT,
        question: question.told(Some(who), groups),
        answer: "cannot_tell",
        reason: String::new(),
        through: Vec::new(),
        via: Vec::new(),
        near_misses: Vec::new(),
        missing: Vec::new(),
        reach: None,
        notes: world.google_notes(),
    };
    let principal = bridge.principal(who, groups);
    if let Some(principal) = &principal
        && bridge.is_disabled(&principal.member)
    {
        answer.answer = "no_grant";
        answer.reason = format!(
            "{} is disabled or gone: whatever it holds, it can do nothing",
            principal.member
        );
        return answer;
    }
    let own = bridge.decide_within(who, groups, permission, resource);
    let (decision, reached) = match own {
        // As the account of its annotation.
        Some(Own {
            decision: Decision::Allowed { via, .. },
            steps,
        }) if !steps.is_empty() => {
            let reached = Reached {
                subject: who.to_owned(),
                steps,
                via,
                missing: BTreeSet::new(),
            };
            (Some(Decision::NoGrant), Some(reached))
        }
        Some(own) if matches!(own.decision, Decision::Allowed { .. }) => (Some(own.decision), None),
        own => {
            let reached = bridge.reach(who, groups, permission, resource);
            (own.map(|own| own.decision), reached)
        }
    };
    let near = match (&decision, &principal) {
        (Some(Decision::Allowed { .. }), _) | (_, None) => Vec::new(),
        (_, Some(principal)) => bridge
            .google
            .near_misses(principal, permission, resource, NEAR),
    };
    let perhaps = match &decision {
        Some(Decision::CannotTell { perhaps, .. }) => perhaps.as_slice(),
        _ => &[],
    };
    // What may give it is told of as such.
    let near = near.iter().filter(|near| !perhaps.contains(&near.grant));
    answer.near_misses = near.map(|near| world.near_at_google(near)).collect();
    match decision {
        Some(decision) => answer.say(world, decision),
        None => {
            answer.reason = "the cluster's pool at Google is not known".to_owned();
            answer.missing = vec![
                "the project of the cluster: `[providers.kubernetes] gke` names it".to_owned(),
            ];
        }
    }
    match reached {
        Some(reached) => answer.reach(world, &reached),
        None if answer.answer != "allowed" => {
            // Somebody may act as an account of which that was not read.
            let unread = bridge.unread_ways(permission, resource).into_iter();
            let unread = unread.map(|missing| missing.to_string());
            let unread: Vec<String> = unread.filter(|it| !answer.missing.contains(it)).collect();
            answer.missing.extend(unread);
        }
        None => {}
    }
    answer
}
