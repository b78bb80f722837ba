//! Text that is safe on a terminal, and its styles.

use std::borrow::Cow;

use anstyle::{AnsiColor, Effects, Style};
use rbacform_core::plan::Requests;

/// Something comes.
pub(crate) const ADD: Style = AnsiColor::Green.on_default();
/// Something goes.
pub(crate) const REMOVE: Style = AnsiColor::Red.on_default();
/// Something changes.
pub(crate) const CHANGE: Style = AnsiColor::Yellow.on_default();
/// A heading.
pub(crate) const STRONG: Style = Style::new().effects(Effects::BOLD);
/// What matters less.
pub(crate) const FAINT: Style = Style::new().effects(Effects::DIMMED);

/// Text in a style.
pub(crate) fn styled(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

/// Remote names may hold anything, escape sequences and newlines included. None of it may reach a
/// terminal as it is (compare CVE-2021-25743).
pub(crate) fn safe(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let escape = |c: char| match is_unsafe(c) {
        true => format!("\\u{{{:x}}}", u32::from(c)),
        false => c.to_string(),
    };
    Cow::Owned(text.chars().map(escape).collect())
}

/// The same, for text of several lines.
pub(crate) fn safe_lines(text: &str) -> String {
    text.split('\n').map(safe).collect::<Vec<_>>().join("\n")
}

/// The first line of what a server says and some of those below it, such as the rules that somebody
/// lacks: how many there are is told, and `--json` has them all.
pub(crate) fn first_lines(text: &str) -> Vec<String> {
    const SHOWN: usize = 9;
    let all: Vec<&str> = text.lines().collect();
    let shown = all.iter().take(SHOWN).map(|line| safe(line).into_owned());
    let more = all.len().saturating_sub(SHOWN);
    let more = (more > 0).then(|| format!("and {more} more; `--json` has them all"));
    shown.chain(more).collect()
}

/// Whether a terminal would obey it, or show something else for it.
pub(crate) fn is_unsafe(c: char) -> bool {
    // Bidirectional overrides make a name read as another one.
    c.is_control()
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
}

/// `1 change`, `2 changes`.
pub(crate) fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// `3 requests`, or for two platforms `3 requests to Kubernetes and 2 to Google`.
pub(crate) fn requests(requests: Requests) -> String {
    let number = |sent: u64| usize::try_from(sent).unwrap_or(usize::MAX);
    let (kubernetes, google) = (number(requests.kubernetes), number(requests.gcp));
    let sent = |sent: usize| count(sent, "request", "requests");
    match (kubernetes, google) {
        (_, 0) => sent(kubernetes),
        (0, _) => format!("{} to Google", sent(google)),
        _ => format!("{} to Kubernetes and {google} to Google", sent(kubernetes)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_bytes_are_shown_not_sent() {
        assert_eq!(safe("\u{1b}[31mred\r\n"), "\\u{1b}[31mred\\u{d}\\u{a}");
        assert_eq!(safe("user\u{202e}"), "user\\u{202e}");
        assert!(matches!(safe("ana@example.com"), Cow::Borrowed(_)));
    }
}
