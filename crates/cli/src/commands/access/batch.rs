//! `access can-i --batch`: thousands of access reviews, a line each.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use rbacform_access::{Decision, Evaluator, ReviewSpec};
use serde::Serialize;

use super::args::FromArgs;
use super::world;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::Session;

/// What a server could answer.
#[derive(Serialize)]
struct Line {
    allowed: bool,
    reason: String,
    reasons: Vec<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    cannot_tell: bool,
}

/// Answers every line of a file, in order.
pub(super) fn run(file: &Path, from: &FromArgs, session: &Session) -> Result<Exit, Failure> {
    let world = world::world(from, session)?;
    let evaluator = Evaluator::new(&world.facts);
    let mut answers = String::new();
    for (number, line) in BufReader::new(open(file)?).lines().enumerate() {
        let wrong = |message: String| {
            Failure::error(
                "invalid-review",
                format!("`{}`, line {}: {message}", file.display(), number + 1),
            )
            .help("each line is the `spec` of a SubjectAccessReview in JSON")
        };
        let line = line.map_err(|error| wrong(error.to_string()))?;
        if line.trim().is_empty() {
            continue;
        }
        let spec: ReviewSpec =
            serde_json::from_str(&line).map_err(|error| wrong(error.to_string()))?;
        let (user, request) = spec.question().map_err(|error| wrong(error.to_string()))?;
        let decision = evaluator.decide(&user, &request);
        let reason = decision.reason();
        let reasons = match decision.is_allowed() {
            // The server never names a role binding while a cluster role binding allows.
            true => {
                let grants = evaluator.every_grant(&user, &request);
                let wide = grants
                    .iter()
                    .any(|grant| grant.binding_namespace.is_empty());
                grants
                    .iter()
                    .filter(|grant| !wide || grant.binding_namespace.is_empty())
                    .map(ToString::to_string)
                    .collect()
            }
            false if reason.is_empty() => Vec::new(),
            false => vec![reason.clone()],
        };
        let reasons = match reason.is_empty() {
            true => Vec::new(),
            false => reasons,
        };
        let unknown = matches!(&decision, Decision::NoGrant { missing } if !missing.is_empty());
        let answer = Line {
            allowed: decision.is_allowed(),
            reason,
            reasons,
            cannot_tell: unknown && !world.whole,
        };
        answers.push_str(&serde_json::to_string(&answer).unwrap_or_default());
        answers.push('\n');
    }
    session.ui.data(&answers);
    Ok(Exit::Done)
}

fn open(file: &Path) -> Result<Box<dyn Read>, Failure> {
    if file == Path::new("-") {
        return Ok(Box::new(std::io::stdin()));
    }
    let opened = std::fs::File::open(file).map_err(|error| {
        Failure::error(
            "unreadable",
            format!("cannot read `{}`: {error}", file.display()),
        )
    })?;
    Ok(Box::new(opened))
}
