//! `output`: the outputs of the last apply.

use std::collections::BTreeMap;
use std::path::Path;

use rbacform_core::{Value, hint};
use serde::Serialize;

use crate::args::OutputArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render;
use crate::session::Session;
use crate::store::store_of;

/// `rbacform.outputs/1`.
#[derive(Serialize)]
struct Document<'a> {
    format: &'static str,
    stack: &'a str,
    outputs: &'a BTreeMap<String, Value>,
}

pub(crate) fn run(args: &OutputArgs, session: &Session) -> Result<Exit, Failure> {
    let (dir, name) = match (&args.first, &args.name) {
        (None, _) => (".", None),
        (Some(dir), Some(name)) => (dir.as_str(), Some(name)),
        (Some(word), None) if Path::new(word).is_dir() => (word.as_str(), None),
        (Some(word), None) => (".", Some(word)),
    };
    let snapshot = store_of(Path::new(dir), &args.place)?.load()?.snapshot;
    let outputs = &snapshot.outputs;
    let Some(name) = name else {
        if args.json {
            session.ui.json(&Document {
                format: "rbacform.outputs/1",
                stack: &snapshot.stack,
                outputs,
            });
        } else {
            let lines = outputs
                .iter()
                .map(|(name, value)| format!("{name} = {}\n", render::values::short(value)));
            session.ui.data(&lines.collect::<String>());
        }
        return Ok(Exit::Done);
    };
    let value = outputs
        .get(name.as_str())
        .ok_or_else(|| missing(name, outputs.keys()))?;
    match value {
        Value::String(text) if !args.json => session.ui.data(&format!("{text}\n")),
        other if !args.json => session.ui.data(&format!("{}\n", other.to_json())),
        other => session.ui.json(other),
    }
    Ok(Exit::Done)
}

fn missing<'a>(name: &str, known: impl Iterator<Item = &'a String>) -> Failure {
    let failure = Failure::error("unknown-output", format!("no output `{name}` was applied"));
    match hint::closest(name, known.map(String::as_str)) {
        Some(close) => failure.help(format!("did you mean `{close}`?")),
        None => failure.help("outputs are known after `rbacform apply`"),
    }
}
