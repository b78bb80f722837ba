//! The end of an apply for people: done, failed, not started, and what to do next.

use rbacform_core::Address;

use crate::render::text::{ADD, CHANGE, REMOVE, count, safe_lines, styled};

/// What became of the resources of a plan.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outcome {
    /// Carried out.
    pub(crate) done: Vec<Address>,
    /// Tried and failed: code, message and help.
    pub(crate) failed: Vec<Failed>,
    /// Never tried.
    pub(crate) not_started: Vec<Address>,
    /// Whether a person stopped it.
    pub(crate) interrupted: bool,
}

/// One failure.
#[derive(Clone, Debug)]
pub(crate) struct Failed {
    pub(crate) address: Address,
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) help: Option<String>,
}

/// The closing lines. `again` is the command that goes on from here.
pub(crate) fn outcome(outcome: &Outcome, again: &str) -> String {
    let mut text = String::new();
    for failed in &outcome.failed {
        let head = styled(REMOVE, &format!("failed[{}]", failed.code));
        text.push_str(&format!("{head} {}: {}\n", failed.address, safe_lines(&failed.message)));
        if let Some(help) = &failed.help {
            text.push_str(&format!("  help: {}\n", safe_lines(help)));
        }
    }
    if !outcome.not_started.is_empty() {
        text.push_str(&styled(CHANGE, "not started"));
        text.push('\n');
        for address in &outcome.not_started {
            text.push_str(&format!("  {address}\n"));
        }
    }
    let done = styled(ADD, &format!("{} done", count(outcome.done.len(), "change", "changes")));
    if outcome.failed.is_empty() && outcome.not_started.is_empty() && !outcome.interrupted {
        text.push_str(&format!("Applied: {done}.\n"));
        return text;
    }
    let verb = if outcome.interrupted { "Interrupted" } else { "Partly applied" };
    text.push_str(&format!(
        "{verb}: {done}, {} failed, {} not started. The state is saved; to go on:\n  {again}\n",
        outcome.failed.len(),
        outcome.not_started.len()
    ));
    text
}
