//! `access can-i` and `access explain`: one question about one subject.

use rbacform_access::Evaluator;

use super::answer::{Chain, lines};
use super::args::{CanIArgs, QuestionArgs};
use super::decision::{Answer, Asked};
use super::{asker, batch, google, hints, named, resource, world};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::text::safe;
use crate::session::Session;

/// Prints yes, no or cannot tell, and exits as kubectl does.
pub(super) fn can_i(args: &CanIArgs, session: &Session) -> Result<Exit, Failure> {
    if let Some(file) = &args.batch {
        return batch::run(file, &args.from, session);
    }
    let Some(verb) = &args.verb else {
        return Err(Failure::usage("give a verb and a resource"));
    };
    let question = QuestionArgs {
        verb: verb.clone(),
        resource: args.resource.clone(),
        json: args.json,
        what: args.what.clone(),
        who: args.who.clone(),
        from: args.from.clone(),
    };
    if google::is_asked(&question.verb, &question.what) {
        return google::can_i(&question, session);
    }
    let answer = ask(&question, session)?;
    match args.json {
        true => session.ui.json(&answer),
        false => {
            session.ui.data(&format!("{}\n", short(&answer)));
            session.ui.talk(&format!("{}\n", safe(&answer.reason)));
            session.ui.talk(&places(&answer));
            hints::tell(&answer.notes, session);
        }
    }
    Ok(exit(&answer))
}

/// The same with everything that bears on it.
pub(super) fn explain(args: &QuestionArgs, session: &Session) -> Result<Exit, Failure> {
    if google::is_asked(&args.verb, &args.what) {
        return google::explain(args, session);
    }
    let answer = ask(args, session)?;
    match args.json {
        true => session.ui.json(&answer),
        false => {
            session.ui.data(&in_full(&answer));
            hints::tell(&answer.notes, session);
        }
    }
    Ok(Exit::Done)
}

fn ask(args: &QuestionArgs, session: &Session) -> Result<Answer, Failure> {
    let user = asker::user(&args.who)?;
    let target = asker::target(&args.who)?;
    let request = resource::asked(&args.verb, args.resource.as_deref(), &args.what)?;
    let world = world::world(&args.from, Some(request.namespace()), session)?;
    let evaluator = Evaluator::new(&world.facts);
    let version = args.from.settings.kubernetes_version.unwrap_or_default();
    let asked = Asked {
        user: &user,
        target: target.as_ref(),
        request: &request,
        version,
    };
    let mut answer = Answer::to(&world, &evaluator, &asked);
    answer.notes = hints::of(&request, &world, version);
    if answer.answer != "allowed" {
        let spelled = args.who.who.as_deref();
        let meant = spelled.and_then(asker::note);
        let meant = meant.or_else(|| named::nobody(&user, &world));
        answer.notes.extend(meant);
        answer.notes.extend(named::nowhere(&args.what, &world));
        answer.notes.extend(hints::of_world(&world));
    }
    Ok(answer)
}

/// What the reason does not say: where it is written, and what is not known.
fn places(answer: &Answer) -> String {
    let acting = answer.impersonation.iter().flat_map(|how| &how.via);
    let first = answer.via.iter().take(1);
    let written = acting.chain(first).filter(|chain| chain.is_written());
    let unknown = answer.missing.iter().map(|text| safe(text).into_owned());
    lines(
        written
            .map(Chain::words)
            .chain(unknown)
            .collect::<Vec<_>>()
            .into_iter(),
    )
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
        "{} {}: {}\n{}\n",
        safe(&answer.question.asker()),
        safe(&answer.question.words()),
        short(answer),
        safe(&answer.reason)
    );
    if let Some(how) = &answer.impersonation {
        text.push_str(&format!(
            "Acting as somebody else is allowed ({}):\n",
            how.mode
        ));
        text.push_str(&lines(how.via.iter().map(Chain::words)));
        text.push_str("The request itself:\n");
    }
    text.push_str(&lines(answer.via.iter().map(Chain::words)));
    if !answer.missing.is_empty() {
        text.push_str("Not known here:\n");
        text.push_str(&lines(
            answer.missing.iter().map(|text| safe(text).into_owned()),
        ));
    }
    if !answer.near_misses.is_empty() {
        text.push_str("Close, but for one field:\n");
        text.push_str(&lines(answer.near_misses.iter().map(|near| {
            let name = |name: &str| match (near.field, name) {
                ("api_group", "") => "the core group".to_owned(),
                (_, name) => format!("`{}`", safe(name)),
            };
            let has: Vec<String> = near.has.iter().map(|has| name(has)).collect();
            let not = match (near.field, near.wanted.as_str()) {
                ("name", "") => "and none is asked about".to_owned(),
                (_, wanted) => format!("not {}", name(wanted)),
            };
            format!(
                "{}: {} is {}, {not}",
                near.chain.words(),
                near.field,
                has.join(", ")
            )
        })));
    }
    text
}
