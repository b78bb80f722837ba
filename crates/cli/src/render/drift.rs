//! Drift and unmanaged access for people.

use rbacform_core::plan::{Drift, DriftKind, Unmanaged};

use crate::render::text::{CHANGE, FAINT, REMOVE, safe, styled};
use crate::render::values;

/// The lines of all drift.
pub(crate) fn drift(all: &[Drift]) -> String {
    all.iter().map(one).collect()
}

fn one(drift: &Drift) -> String {
    let by = match &drift.by {
        Some(writer) => {
            let at = writer
                .at
                .as_ref()
                .map(|at| format!(" at {}", safe(at)))
                .unwrap_or_default();
            format!(", last written by {}{at}", safe(&writer.manager))
        }
        None => String::new(),
    };
    let (glyph, word, style) = match drift.kind {
        DriftKind::Modified => ("~", "modified", CHANGE),
        DriftKind::Deleted => ("-", "deleted", REMOVE),
    };
    let head = styled(style, &format!("{glyph:>3} {word:<9}"));
    let about = format!("  {} {}{by}", drift.object.kind, safe(&drift.object.ident));
    let mut text = format!("{head}{}{}\n", drift.address, styled(FAINT, &about));
    for difference in &drift.differences {
        text.push_str(&values::difference(difference, "      "));
    }
    text
}

/// The lines of all unmanaged access.
pub(crate) fn unmanaged(all: &[Unmanaged]) -> String {
    let line = |entry: &Unmanaged| {
        let place = match entry.place.name() {
            "cluster" => "in the whole cluster".to_owned(),
            namespace => format!("in namespace {}", safe(namespace)),
        };
        let about = format!(
            "  through {} {}",
            entry.object.kind,
            safe(&entry.object.ident)
        );
        format!(
            "    {} has {} {place}{}\n",
            safe(&entry.subject),
            safe(&entry.role),
            styled(FAINT, &about)
        )
    };
    all.iter().map(line).collect()
}
