//! Drift and unmanaged access for people.

use rbacform_core::plan::{Drift, DriftKind, Unmanaged};

use crate::render::text::{CHANGE, FAINT, REMOVE, STRONG, count, safe, styled};
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

/// All unmanaged access under its heading; what the platform itself gives is counted.
pub(crate) fn unmanaged(all: &[Unmanaged], bootstrap: usize) -> String {
    if all.is_empty() && bootstrap == 0 {
        return String::new();
    }
    let line = |entry: &Unmanaged| {
        let place = match entry.scope.as_str() {
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
    let mut text = styled(STRONG, "\nUnmanaged access (shown, never touched)\n");
    text.extend(all.iter().map(line));
    if bootstrap > 0 {
        text.push_str(&format!("    {}\n", platforms_own(bootstrap)));
    }
    text
}

/// How much access the platform's own bindings give.
pub(crate) fn platforms_own(bootstrap: usize) -> String {
    let grants = count(bootstrap, "grant", "grants");
    format!("{grants} by Kubernetes' own bindings, not listed")
}
