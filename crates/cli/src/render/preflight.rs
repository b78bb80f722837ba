//! What the servers will refuse, for people.

use rbacform_core::plan::{Preflight, Verdict};

use super::text::{STRONG, first_lines, safe, styled};

/// How many are shown; the rest is counted.
const SHOWN: usize = 20;

/// One of the two headings, and what stands under it.
pub(crate) struct Part<'p> {
    pub(crate) heading: &'static str,
    pub(crate) shown: Vec<&'p Preflight>,
    /// How many more there are.
    pub(crate) more: usize,
}

/// What is certain, then what is open; without those that are empty.
pub(crate) fn parts(all: &[Preflight]) -> Vec<Part<'_>> {
    let headings = [
        (Verdict::Refused, "Will be refused"),
        (Verdict::CannotTell, "May be refused"),
    ];
    let parts = headings.into_iter().map(|(verdict, heading)| {
        let found: Vec<&Preflight> = all.iter().filter(|one| one.verdict == verdict).collect();
        Part {
            heading,
            more: found.len().saturating_sub(SHOWN),
            shown: found.into_iter().take(SHOWN).collect(),
        }
    });
    parts.filter(|part| !part.shown.is_empty()).collect()
}

/// The section of a plan; empty where nothing is in doubt.
pub(crate) fn preflight(all: &[Preflight]) -> String {
    let mut text = String::new();
    for part in parts(all) {
        text.push_str(&styled(STRONG, &format!("\n{}\n", part.heading)));
        for one in &part.shown {
            text.push_str(&format!("  {}\n", safe(&one.address.to_string())));
            for line in lines(one) {
                text.push_str(&format!("      {line}\n"));
            }
        }
        if part.more > 0 {
            let more = part.more;
            text.push_str(&format!("  and {more} more; `--json` lists them all\n"));
        }
    }
    text
}

/// The reason, as far as it fits a screen, and what to grant.
pub(crate) fn lines(one: &Preflight) -> Vec<String> {
    let mut lines = first_lines(&one.reason);
    if !one.grant.is_empty() {
        lines.push("to grant:".to_owned());
        lines.extend(one.grant.iter().map(|line| format!("  {}", safe(line))));
    }
    lines
}
