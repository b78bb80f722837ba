//! `access can-i --batch`: thousands of access reviews, a line each.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use rbacform_access::{Evaluator, ReviewSpec};
use serde::Serialize;

use super::args::FromArgs;
use super::world::World;
use super::{files, hints, world};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::report;
use crate::session::Session;
use crate::ui::json_line;

/// Answers are written in pieces of about so many bytes, and at once where no question waits.
const PIECE: usize = 1 << 16;

/// What a server could answer.
#[derive(Serialize)]
struct Line {
    allowed: bool,
    reason: String,
    reasons: Vec<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    cannot_tell: bool,
}

/// Answers every line of a file, in order; the first that is no question ends it.
pub(super) fn run(file: &PathBuf, from: &FromArgs, session: &Session) -> Result<Exit, Failure> {
    files::read_stdin_once(from.from.iter().chain([file]))?;
    let mut questions = BufReader::with_capacity(PIECE, open(file)?);
    let world = world::world(from, None, session)?;
    hints::tell(&world.unseen.notes, session);
    let evaluator = Evaluator::new(&world.facts);
    let mut answers = String::new();
    let mut line = Vec::new();
    let mut answered = false;
    for number in 1_usize.. {
        line.clear();
        let answer = match questions.read_until(b'\n', &mut line) {
            Ok(0) => break,
            Ok(_) if line.trim_ascii().is_empty() => continue,
            Ok(_) => answer(&line, &evaluator, &world),
            Err(error) => Err(error.to_string()),
        };
        match answer {
            Ok(answer) => answers.push_str(&json_line(&answer)),
            Err(error) => {
                session.ui.data(&answers);
                return ended(wrong(file, number, &error), answered, session);
            }
        }
        answered = true;
        // Whoever waits for an answer before asking on is not kept waiting.
        if answers.len() >= PIECE || questions.buffer().is_empty() {
            session.ui.data(&answers);
            answers.clear();
        }
    }
    session.ui.data(&answers);
    Ok(Exit::Done)
}

fn answer(line: &[u8], evaluator: &Evaluator<'_>, world: &World) -> Result<Line, String> {
    let spec: ReviewSpec = serde_json::from_slice(line).map_err(|error| told(&error))?;
    let (user, request) = spec.question().map_err(|error| error.to_string())?;
    let decision = evaluator.decide(&user, &request);
    Ok(Line {
        allowed: decision.is_allowed(),
        reason: decision.reason(),
        reasons: match world.is_live {
            true => evaluator.reasons_in_any_order(&user, &request),
            false => evaluator.reasons(&user, &request),
        },
        cannot_tell: !world.doubts(&decision, &request).is_empty(),
    })
}

/// Behind answers no document has a place on stdout.
fn ended(failure: Failure, answered: bool, session: &Session) -> Result<Exit, Failure> {
    if !answered {
        return Err(failure);
    }
    report::failure(&failure, false, &session.ui);
    Ok(failure.exit)
}

/// An error with its column only: it is on the line that is told anyway.
fn told(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let what = text
        .rsplit_once(" at line ")
        .map_or(&*text, |(what, _)| what);
    format!("{what} at column {}", error.column())
}

fn wrong(file: &Path, number: usize, error: &str) -> Failure {
    let file = match file.to_str() {
        Some("-") => "stdin".to_owned(),
        _ => format!("`{}`", file.display()),
    };
    Failure::error("invalid-review", format!("{file}, line {number}: {error}"))
        .help("each line is the `spec` of a SubjectAccessReview in JSON")
}

fn open(file: &Path) -> Result<Box<dyn Read>, Failure> {
    if file == Path::new("-") {
        return Ok(Box::new(std::io::stdin()));
    }
    let opened = std::fs::File::open(file).map_err(|error| {
        Failure::error(
            "unreadable-file",
            format!("cannot read `{}`: {error}", file.display()),
        )
        .help("give a file with one SubjectAccessReview `spec` in JSON a line, or `-` for stdin")
    })?;
    Ok(Box::new(opened))
}
