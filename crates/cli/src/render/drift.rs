//! Drift and unmanaged access for people.

use rbacform_core::plan::{Drift, DriftKind, Unmanaged, UnmanagedPlace};

use crate::render::text::{CHANGE, FAINT, REMOVE, STRONG, count, safe, styled};
use crate::render::{access, values};

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

/// All unmanaged access, with its heading; nothing where there is none. The grants of the
/// platforms' own bindings and service agents are counted.
pub(crate) fn unmanaged(all: &[Unmanaged], service_agents: usize, bootstrap: usize) -> String {
    if all.is_empty() && service_agents + bootstrap == 0 {
        return String::new();
    }
    let mut text = styled(STRONG, "\nUnmanaged access (shown, never touched)\n");
    for entry in all {
        text.push_str(&format!(
            "    {} has {} {}{}{}\n",
            safe(&entry.subject),
            safe(&entry.role),
            access::place(&entry.platform, entry.place.name()),
            access::under(entry.condition.as_deref()),
            styled(FAINT, &through(entry))
        ));
    }
    if bootstrap > 0 {
        text.push_str(&format!("    {}\n", platforms_own(bootstrap)));
    }
    if service_agents > 0 {
        let grants = count(service_agents, "grant", "grants");
        let words = format!("    and {grants} of Google's own service agents\n");
        text.push_str(&styled(FAINT, &words));
    }
    text
}

/// The binding that gives it; a grant is its own.
fn through(entry: &Unmanaged) -> String {
    match entry.place {
        UnmanagedPlace::Resource(_) => String::new(),
        UnmanagedPlace::Scope(_) => format!(
            "  through {} {}",
            entry.object.kind,
            safe(&entry.object.ident)
        ),
    }
}

/// How much access the platform's own bindings give.
pub(crate) fn platforms_own(bootstrap: usize) -> String {
    let grants = count(bootstrap, "grant", "grants");
    format!("{grants} by Kubernetes' own bindings, not listed")
}
