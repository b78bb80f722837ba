//! The end of an apply for people: done, failed, not started, and what to do next.

use std::collections::BTreeMap;

use rbacform_core::{Address, Value};
use rbacform_executor::Summary;

use crate::render::text::{
    ADD, CHANGE, REMOVE, STRONG, count, first_lines, safe, safe_lines, styled,
};
use crate::render::values;

/// What is told.
pub(crate) struct Told<'a> {
    pub(crate) summary: &'a Summary,
    pub(crate) interrupted: bool,
    pub(crate) destroyed: bool,
    /// Of how many resources only state learned something.
    pub(crate) learned: usize,
    /// Where each resource is declared, as `FILE:LINE`.
    pub(crate) places: &'a dyn Fn(&Address) -> Option<String>,
}

/// The closing lines. `again` is the command that goes on from here.
pub(crate) fn told(told: &Told<'_>, again: &str) -> String {
    let Summary {
        done,
        failed,
        not_started,
    } = told.summary;
    let mut text = String::new();
    for failure in failed {
        let head = styled(REMOVE, &format!("failed[{}]", failure.code));
        text.push_str(&format!(
            "{head} {}: {}\n",
            failure.address,
            first_lines(&failure.message).join("\n")
        ));
        if let Some(place) = (told.places)(&failure.address) {
            text.push_str(&format!("  --> {place}\n"));
        }
        if let Some(help) = &failure.help {
            text.push_str(&format!("  help: {}\n", safe_lines(help)));
        }
    }
    for (address, why) in not_started {
        let head = styled(CHANGE, "not started");
        text.push_str(&format!("{head} {address}: {}\n", safe(&why.to_string())));
    }
    let whole = failed.is_empty() && not_started.is_empty();
    let number = styled(
        ADD,
        &format!("{} done", count(done.len(), "resource", "resources")),
    );
    if whole && done.is_empty() && told.learned > 0 {
        let learned = count(told.learned, "resource is", "resources are");
        return format!("Refreshed: the state now has how {learned}; nothing was sent.\n");
    }
    if whole && done.is_empty() {
        return "Nothing to do: the world is what the stack says.\n".to_owned();
    }
    if whole {
        let verb = if told.destroyed {
            "Destroyed"
        } else {
            "Applied"
        };
        return format!("{text}{verb}: {number}.\n");
    }
    let verb = if told.interrupted {
        "Interrupted"
    } else {
        "Not all of it was done"
    };
    text.push_str(&format!(
        "{verb}: {number}, {} failed, {} not started. The state is saved; to go on:\n  {again}\n",
        failed.len(),
        not_started.len()
    ));
    text
}

/// The outputs, a line each.
pub(crate) fn outputs(outputs: &BTreeMap<String, Value>) -> String {
    if outputs.is_empty() {
        return String::new();
    }
    let lines = outputs
        .iter()
        .map(|(name, value)| format!("  {name} = {}\n", values::short(value)));
    format!(
        "{}{}",
        styled(STRONG, "\nOutputs\n"),
        lines.collect::<String>()
    )
}
