//! The command line as scripts, CI and people see it: exit codes, documents, words, files.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what fails must fail the test"
)]

#[path = "../support/mod.rs"]
mod support;

#[path = "../bad/transcript/mod.rs"]
mod transcript;

mod bugs;
mod determinism;
mod documents;
mod files;
mod help;
mod locks;
mod preflight;
mod refresh;
mod serving;
mod stacks;
mod unmanaged;

/// The sessions in `tests/cli/transcripts`, word by word.
#[test]
fn every_session_goes_as_written() {
    let played = transcript::play_all("cli/transcripts", |_, script| {
        let succeeds = script.told().any(|told| matches!(told.code, 0 | 2));
        succeeds
            .then_some(())
            .ok_or("nothing in it succeeds".to_owned())
    });
    assert!(played >= 20, "only {played} sessions");
}
