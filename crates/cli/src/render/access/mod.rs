//! Who gains and who loses which access, before any object is named.

mod group;
mod things;
mod words;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use rbacform_core::plan::AccessChange;
use rbacform_core::{ObjectId, Plan};

use crate::render::text::{ADD, CHANGE, FAINT, REMOVE, STRONG, styled};

pub(crate) use words::{place, under};

/// How many lines are shown before the rest is counted: a screenful.
const SHOWN: usize = 20;

/// The access change, as a plan opens with it; nothing where there is none.
pub(crate) fn access(plan: &Plan) -> String {
    shown(parts(plan))
}

/// The same of two worlds that no plan leads from one to the other; `changed` are the bindings that
/// are not the same in both.
pub(crate) fn between(access: &AccessChange, changed: &BTreeSet<&ObjectId>) -> String {
    shown(parts_of(access, changed))
}

fn shown([gained, lost, untold]: [Part; 3]) -> String {
    let shown = [
        (gained, "+", ADD),
        (lost, "-", REMOVE),
        (untold, "?", CHANGE),
    ];
    shown
        .into_iter()
        .map(|(part, sign, style)| {
            part.show(|line| {
                let told = styled(style, &format!("  {sign} {}", line.told));
                format!("{told}{}\n", styled(FAINT, &line.through))
            })
        })
        .collect()
}

/// A heading and its lines, the weightiest first.
pub(crate) struct Part {
    pub(crate) heading: &'static str,
    pub(crate) lines: Vec<Line>,
}

/// One line: who gains or loses what, and through which bindings.
#[derive(Default)]
pub(crate) struct Line {
    pub(crate) told: String,
    /// In parentheses, after a space; empty where there is nothing to say.
    pub(crate) through: String,
}

/// The three parts of an access change.
pub(crate) fn parts(plan: &Plan) -> [Part; 3] {
    let changed = plan.changes.iter().map(|change| &change.object).collect();
    parts_of(&plan.access, &changed)
}

fn parts_of(access: &AccessChange, changed: &BTreeSet<&ObjectId>) -> [Part; 3] {
    [
        Part {
            heading: "Who gains access",
            lines: group::lines(&access.gained, changed, words::GAINS),
        },
        Part {
            heading: "Who loses access",
            lines: group::lines(&access.lost, changed, words::LOSES),
        },
        Part {
            heading: "Whose access may change, which cannot be told",
            lines: group::untold(&access.cannot_tell),
        },
    ]
}

impl Part {
    /// As many lines as a screen holds.
    pub(crate) fn shown(&self) -> &[Line] {
        self.lines.get(..SHOWN).unwrap_or(&self.lines)
    }

    /// How many there are besides, in words.
    pub(crate) fn rest(&self) -> Option<String> {
        let rest = self.lines.len().saturating_sub(SHOWN);
        (rest > 0).then(|| format!("and {rest} more; `--json` lists them all"))
    }

    fn show(&self, show: impl Fn(&Line) -> String) -> String {
        if self.lines.is_empty() {
            return String::new();
        }
        let mut text = styled(STRONG, &format!("\n{}\n", self.heading));
        text.extend(self.shown().iter().map(show));
        if let Some(rest) = self.rest() {
            text.push_str(&styled(FAINT, &format!("    {rest}\n")));
        }
        text
    }
}
