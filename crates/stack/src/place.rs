//! Places within strings: where in its file a part of a string's content is written.

use std::ops::Range;

use rbacform_core::{SourceMap, Span};

use crate::expression::{Program, Target, Template};

/// The place of a template's expression in its file.
pub(crate) fn program_span(sources: &SourceMap, string: Span, program: &Program) -> Span {
    // With the `${` before and the `}` after it.
    let range = program.range.start.saturating_sub(2)..program.range.end + 1;
    within(sources, string, range)
}

/// The place of the first mention of a template that `wanted` picks.
pub(crate) fn mention_span(
    sources: &SourceMap,
    string: Span,
    template: &Template,
    wanted: impl Fn(&Target) -> bool,
) -> Option<Span> {
    template.programs().find_map(|program| {
        let mention = program.mentions.iter().find(|m| wanted(&m.target))?;
        Some(within(sources, string, program.place(mention)))
    })
}

/// Bytes of a string's content as bytes of its file: past the quotes, escapes counted as written.
pub(crate) fn within(sources: &SourceMap, string: Span, content: Range<usize>) -> Span {
    let written = sources
        .file(string.file)
        .and_then(|file| file.text.get(string.range()));
    let Some(written) = written else {
        return string;
    };
    let base = string.start as usize;
    let (mut start, mut end) = (None, None);
    let mut offset = 0;
    for (at, length) in characters(written) {
        if start.is_none() && offset >= content.start {
            start = Some(at);
        }
        if offset >= content.end {
            end = Some(at);
            break;
        }
        offset += length;
    }
    match (start, end) {
        (Some(start), Some(end)) => Span::new(string.file, base + start..base + end),
        (Some(start), None) => Span::new(string.file, base + start..string.end as usize),
        _ => string,
    }
}

/// Where each character of a TOML string's content is written, with its length once decoded, and
/// the place of the closing quotes.
fn characters(written: &str) -> impl Iterator<Item = (usize, usize)> {
    let quote = written.chars().next().unwrap_or('"');
    let triple: String = std::iter::repeat_n(quote, 3).collect();
    let long = written.starts_with(&triple) && written.len() >= 6;
    let (open, close) = if long { (3, 3) } else { (1, 1) };
    let mut at = open.min(written.len());
    if long {
        let rest = written.get(at..).unwrap_or_default();
        at += if rest.starts_with("\r\n") {
            2
        } else {
            usize::from(rest.starts_with('\n'))
        };
    }
    let last = written.len().saturating_sub(close);
    let mut done = false;
    std::iter::from_fn(move || {
        if at >= last {
            return (!std::mem::replace(&mut done, true)).then_some((last, 0));
        }
        let here = at;
        let rest = written.get(at..last)?;
        let character = rest.chars().next()?;
        if character != '\\' || quote == '\'' {
            at += character.len_utf8();
            return Some((here, character.len_utf8()));
        }
        let (width, decoded) = escape(rest);
        at += width;
        Some((here, decoded))
    })
}

/// How many bytes an escape takes as written, and decoded.
fn escape(rest: &str) -> (usize, usize) {
    let hex = |digits: usize| {
        let code = rest.get(2..2 + digits);
        let code = code.and_then(|code| u32::from_str_radix(code, 16).ok());
        let decoded = code.and_then(char::from_u32).map_or(1, char::len_utf8);
        ((2 + digits).min(rest.len()), decoded)
    };
    match rest.as_bytes().get(1) {
        Some(b'u') => hex(4),
        Some(b'U') => hex(8),
        Some(b'x') => hex(2),
        Some(b' ' | b'\t' | b'\n' | b'\r') => {
            let skipped = rest.get(1..).unwrap_or_default();
            (rest.len() - skipped.trim_start().len(), 0)
        }
        _ => (2.min(rest.len()), 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(written: &str, content: Range<usize>) -> String {
        let mut sources = SourceMap::default();
        let file = sources.add("a.toml", written);
        let span = within(&sources, Span::new(file, 0..written.len()), content);
        written[span.range()].to_owned()
    }

    #[test]
    fn places_within_strings_count_quotes_and_escapes() {
        assert_eq!(shown(r#""ab${c}""#, 4..5), "c");
        assert_eq!(shown(r#""\"é\u00e9${c}""#, 7..8), "c");
        assert_eq!(shown("'''\na\\${c}'''", 4..5), "c");
        assert_eq!(shown("\"\"\"\\\n   ${c}\"\"\"", 2..3), "c");
        assert_eq!(shown(r#""${c""#, 0..3), "${c");
    }
}
