//! `can-i` and `explain` about a permission at Google.

use rbacform_access::bridge::Bridge;
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
    Ok(answer(&world, &bridge, &question, who, &groups))
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
    answer.near_misses = near.iter().map(|near| world.near_at_google(near)).collect();
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
