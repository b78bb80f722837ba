//! Comments and blank lines around keys, tables and items.

/// What becomes of blank lines before something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Blank {
    /// None at all: the first key of a table.
    Never,
    /// One where there was one.
    Keep,
    /// Exactly one: before a table.
    Always,
}

/// The lines before a key or a header: comments, each on its own line, and blank lines.
pub(super) fn leading(written: &str, blank: Blank) -> String {
    let mut out = String::new();
    let mut pending = false;
    let (lines, _) = written.rsplit_once('\n').unwrap_or(("", written));
    let lines = if written.contains('\n') { lines } else { "" };
    let has_lines = written.contains('\n');
    if blank == Blank::Always {
        out.push('\n');
    }
    if has_lines {
        for line in lines.split('\n') {
            let line = line.trim();
            if line.is_empty() {
                pending = true;
                continue;
            }
            let wanted = !out.is_empty() || blank == Blank::Keep;
            if pending && wanted && out != "\n" {
                out.push('\n');
            }
            pending = false;
            out.push_str(line);
            out.push('\n');
        }
        let wanted = !out.is_empty() || blank == Blank::Keep;
        if pending && wanted && out != "\n" && !out.ends_with("\n\n") {
            out.push('\n');
        }
    }
    out
}

/// The comment at the end of a line, one space before it.
pub(super) fn trailing(written: &str) -> String {
    let comment = written.trim();
    if comment.is_empty() {
        String::new()
    } else {
        format!(" {comment}")
    }
}
