//! `access can-i` and `access explain`: one question about one subject.

use rbacform_access::Evaluator;

use super::answer::{Answer, Chain};
use super::args::{CanIArgs, QuestionArgs};
use super::{batch, resource, world};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::text::safe;
use crate::session::Session;

/// Prints yes, no or cannot tell, and exits as kubectl does.
pub(super) fn can_i(args: &CanIArgs, session: &Session) -> Result<Exit, Failure> {
    if let Some(file) = &args.batch {
        return batch::run(file, &args.from, session);
    }
    let (Some(verb), Some(resource)) = (&args.verb, &args.resource) else {
        return Err(Failure::usage("give a verb and a resource"));
    };
    let question = QuestionArgs {
        verb: verb.clone(),
        resource: resource.clone(),
        json: args.json,
        what: args.what.clone(),
        who: args.who.clone(),
        from: args.from.clone(),
    };
    let answer = ask(&question, session)?;
    match args.json {
        true => session.ui.json(&answer),
        false => {
            session.ui.data(&format!("{}\n", short(&answer)));
            session.ui.talk(&format!("{}\n", safe(&answer.reason)));
        }
    }
    Ok(exit(&answer))
}

/// The same with everything that bears on it.
pub(super) fn explain(args: &QuestionArgs, session: &Session) -> Result<Exit, Failure> {
    let answer = ask(args, session)?;
    match args.json {
        true => session.ui.json(&answer),
        false => session.ui.data(&in_full(&answer)),
    }
    Ok(Exit::Done)
}

fn ask(args: &QuestionArgs, session: &Session) -> Result<Answer, Failure> {
    let user = resource::user(&args.who)?;
    let request = resource::request(&args.verb, &args.resource, &args.what);
    let world = world::world(&args.from, session)?;
    let evaluator = Evaluator::new(&world.facts);
    Ok(Answer::to(&world, &evaluator, &user, &request))
}

fn exit(answer: &Answer) -> Exit {
    match answer.answer {
        "allowed" => Exit::Done,
        "cannot_tell" => Exit::Pending,
        _ => Exit::Failed,
    }
}

fn short(answer: &Answer) -> &'static str {
    match answer.answer {
        "allowed" => "yes",
        "cannot_tell" => "cannot tell",
        _ => "no",
    }
}

fn in_full(answer: &Answer) -> String {
    let mut text = format!(
        "{}: {}\n{}\n",
        safe(&answer.question.words()),
        short(answer),
        safe(&answer.reason)
    );
    for chain in &answer.via {
        text.push_str(&format!("  {}\n", through(chain)));
    }
    if !answer.missing.is_empty() {
        text.push_str("Not known here:\n");
        for missing in &answer.missing {
            text.push_str(&format!("  {}\n", safe(missing)));
        }
    }
    if !answer.near_misses.is_empty() {
        text.push_str("Close, but for one field:\n");
        for near in &answer.near_misses {
            let has = near.has.join(", ");
            text.push_str(&format!(
                "  {}: {} is `{}` there, not `{}`\n",
                through(&near.chain),
                near.field,
                safe(&has),
                safe(&near.wanted)
            ));
        }
    }
    text
}

/// A chain on one line, with its place.
pub(super) fn through(chain: &Chain) -> String {
    let place = match (&chain.file, chain.line) {
        (Some(file), Some(line)) => format!("  ({file}:{line})"),
        _ => String::new(),
    };
    format!(
        "{} of {}: {}{}",
        safe(&chain.binding),
        safe(&chain.role),
        safe(&chain.rule.words()),
        safe(&place)
    )
}
