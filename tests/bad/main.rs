//! Bad inputs and bad days that only the whole program shows: what it says of each, and that it
//! never crashes. Bad stack files, which need no program, are kept in `crates/stack/tests/bad`.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what fails must fail the test"
)]

#[path = "../support/mod.rs"]
mod support;

mod generated;
mod mutations;
mod transcript;

use std::path::Path;

use transcript::{Script, play_all};

/// How few bad inputs there may be: none is dropped by mistake.
const KEPT: usize = 190;

#[test]
fn every_bad_input_is_told() {
    let kept = play_all("bad/cases", ends_badly);
    assert!(kept >= KEPT, "only {kept} bad inputs");
}

/// That the last run fails, and that every run that fails says what is wrong and what to do.
fn ends_badly(path: &Path, played: &Script) -> Result<(), String> {
    let last = played.told().next_back().ok_or("nothing is run")?;
    if matches!(last.code, 0 | 2) {
        return Err(format!("it succeeds: {last}"));
    }
    let name = path.file_stem().unwrap().to_string_lossy();
    let failed = played.told().filter(|told| !matches!(told.code, 0 | 2));
    let mut silent = String::new();
    for told in failed {
        let text = told.to_string();
        let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
        if !says(&WRONG) {
            return Err(format!("it does not say what is wrong: {text}"));
        }
        if !says(&ADVICE) {
            silent += &text;
        }
    }
    match (silent.is_empty(), WITHOUT_ADVICE.contains(&&*name)) {
        (true, false) | (false, true) => Ok(()),
        (true, true) => Err("now it says what to do: take it off the list".to_owned()),
        (false, false) => Err(format!("it does not say what to do: {silent}")),
    }
}

/// How what is wrong begins, in words and in JSON.
const WRONG: [&str; 5] = ["error[", "error: ", "failed[", "\"error\"", "\"failed\": ["];

/// How it is said what to do.
const ADVICE: [&str; 10] = [
    // A place in a file is advice enough.
    "--> ",
    "\"line\": 2,",
    "help:",
    "\"help\"",
    "tip:",
    "try '--help'",
    "Usage:",
    "write it like",
    "did you mean",
    "to go on:",
];

/// Where nobody has found words for what to do yet.
const WITHOUT_ADVICE: &[&str] = &[
    "directory-init-in-a-file",
    "directory-missing",
    "directory-not-utf8",
    "google-server-escape-codes",
    "google-server-read-400",
    "google-server-read-403",
    "google-server-read-429",
    "google-server-redirect",
    "plan-directory",
    "plan-missing",
    "server-escape-codes",
    "server-html-404",
    "server-read-400",
    "server-read-429",
    "server-read-500",
    "server-read-503",
    "server-redirect",
    "state-flag-elsewhere",
    "state-mv-onto-another",
    "state-mv-other-type",
    "usage-empty-words",
];
