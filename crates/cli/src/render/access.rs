//! Whose access a plan touches, before any object is named.

use std::collections::BTreeSet;

use rbacform_core::plan::{AccessChange, AccessEntry};

use crate::planning::GOOGLE;
use crate::render::text::{ADD, FAINT, REMOVE, STRONG, safe, styled};

/// How many lines are shown before the rest is counted.
const SHOWN: usize = 20;

/// What is gained, what is lost, and whose access is touched in a way that nobody can tell yet.
pub(crate) fn access(access: &AccessChange) -> String {
    let [lost, gained, touched] = parts(access);
    let red = |line: &String| styled(REMOVE, &format!("  - {line}"));
    let green = |line: &String| styled(ADD, &format!("  + {line}"));
    let plain = |line: &String| format!("    {line}");
    format!(
        "{}{}{}",
        part(lost, red),
        part(gained, green),
        part(touched, plain)
    )
}

/// A heading and its lines.
pub(crate) struct Part {
    pub(crate) heading: &'static str,
    pub(crate) lines: Vec<String>,
}

/// The three parts, each sorted. A line for each subject, role and place, however many bindings
/// give it.
pub(crate) fn parts(access: &AccessChange) -> [Part; 3] {
    [
        ("Who loses access", &access.lost),
        ("Who gains access", &access.gained),
        ("Whose access this touches", &access.cannot_tell),
    ]
    .map(|(heading, entries)| {
        let told: BTreeSet<Told<'_>> = entries.iter().map(Told::of).collect();
        Part {
            heading,
            lines: told.into_iter().map(Told::line).collect(),
        }
    })
}

fn part(part: Part, show: impl Fn(&String) -> String) -> String {
    if part.lines.is_empty() {
        return String::new();
    }
    let mut text = styled(STRONG, &format!("\n{}\n", part.heading));
    for line in part.lines.iter().take(SHOWN) {
        text.push_str(&show(line));
        text.push('\n');
    }
    let rest = part.lines.len().saturating_sub(SHOWN);
    if rest > 0 {
        let words = format!("    and {rest} more; `--json` lists them all\n");
        text.push_str(&styled(FAINT, &words));
    }
    text
}

/// What a line tells of an entry, in the order of the lines.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Told<'a> {
    subject: &'a str,
    role: &'a str,
    scope: &'a str,
    condition: Option<&'a str>,
    platform: &'a str,
}

impl<'a> Told<'a> {
    fn of(entry: &'a AccessEntry) -> Self {
        Self {
            subject: &entry.subject,
            role: &entry.role,
            scope: &entry.scope,
            condition: entry.condition.as_deref(),
            platform: &entry.platform,
        }
    }

    fn line(self) -> String {
        format!(
            "{}: {} {}{}",
            safe(self.subject),
            safe(self.role),
            place(self.platform, self.scope),
            under(self.condition)
        )
    }
}

/// Where access holds.
pub(crate) fn place(platform: &str, scope: &str) -> String {
    match (platform, scope) {
        (GOOGLE, resource) => format!("on {}", safe(resource)),
        (_, "cluster") => "in the whole cluster".to_owned(),
        (_, namespace) => format!("in namespace {}", safe(namespace)),
    }
}

/// The condition it holds under.
pub(crate) fn under(condition: Option<&str>) -> String {
    condition.map_or_else(String::new, |expression| {
        format!(", while {}", safe(expression))
    })
}
