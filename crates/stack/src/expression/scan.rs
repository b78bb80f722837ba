//! Finding the `${...}` in a string.

use std::ops::Range;

/// A part of a string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Text as it is; `$${` has become `${`.
    Text(String),
    /// The bytes of an expression, without `${` and `}`.
    Expression(Range<usize>),
}

/// A `${` without its `}`, at this byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unclosed(pub(crate) usize);

/// Whether a string needs scanning at all.
pub(crate) fn has_expression(text: &str) -> bool {
    text.contains("${")
}

/// Takes a string apart.
pub(crate) fn scan(text: &str) -> Result<Vec<Part>, Unclosed> {
    let mut parts = Vec::new();
    let mut literal = String::new();
    let mut at = 0;
    while let Some(found) = text.get(at..).and_then(|rest| rest.find("${")) {
        let open = at + found;
        if open > at && text.as_bytes().get(open - 1) == Some(&b'$') {
            literal.push_str(text.get(at..open - 1).unwrap_or_default());
            literal.push_str("${");
            at = open + 2;
            continue;
        }
        literal.push_str(text.get(at..open).unwrap_or_default());
        if !literal.is_empty() {
            parts.push(Part::Text(std::mem::take(&mut literal)));
        }
        let start = open + 2;
        let length = length(text.get(start..).unwrap_or_default()).ok_or(Unclosed(open))?;
        parts.push(Part::Expression(start..start + length));
        at = start + length + 1;
    }
    literal.push_str(text.get(at..).unwrap_or_default());
    if !literal.is_empty() || parts.is_empty() {
        parts.push(Part::Text(literal));
    }
    Ok(parts)
}

/// The bytes up to the `}` that closes an expression: not one of a map literal, nor in a string.
fn length(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut depth = 0usize;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 0 => return Some(at),
            b'}' => depth -= 1,
            b'\'' | b'"' => {
                let raw = is_raw(bytes, at);
                at = string_end(bytes, at, raw)?;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// Whether the quote at `at` follows an `r` that is a prefix, not the end of a name.
fn is_raw(bytes: &[u8], at: usize) -> bool {
    let before = |back: usize| at.checked_sub(back).and_then(|i| bytes.get(i)).copied();
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let (first, second, third) = (before(1), before(2), before(3));
    let is = |byte: Option<u8>, letter: u8| byte.is_some_and(|b| b.eq_ignore_ascii_case(&letter));
    (is(first, b'r') && !second.is_some_and(is_word))
        || (is(first, b'r') && is(second, b'b') && !third.is_some_and(is_word))
        || (is(first, b'b') && is(second, b'r') && !third.is_some_and(is_word))
}

/// One past the closing quote of the CEL string that opens at `at`.
fn string_end(bytes: &[u8], at: usize, raw: bool) -> Option<usize> {
    let quote = *bytes.get(at)?;
    let triple = bytes.get(at + 1) == Some(&quote) && bytes.get(at + 2) == Some(&quote);
    let width = if triple { 3 } else { 1 };
    let mut at = at + width;
    loop {
        let byte = *bytes.get(at)?;
        if byte == b'\\' && !raw {
            at += 2;
        } else if byte == quote && (1..width).all(|ahead| bytes.get(at + ahead) == Some(&quote)) {
            return Some(at + width);
        } else {
            at += 1;
        }
    }
}

/// Where the path that begins at `start` ends: its fields and indexes, not a method's name.
pub(crate) fn path_end(expression: &str, start: usize) -> usize {
    let bytes = expression.as_bytes();
    let word = |at: usize| {
        let mut end = at;
        while bytes
            .get(end)
            .is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_')
        {
            end += 1;
        }
        end
    };
    let mut end = word(start);
    loop {
        match bytes.get(end) {
            Some(b'.') if word(end + 1) > end + 1 => {
                let field = word(end + 1);
                if bytes.get(field) == Some(&b'(') {
                    return end;
                }
                end = field;
            }
            Some(b'[') => match bracket_end(bytes, end) {
                Some(closed) => end = closed,
                None => return end,
            },
            _ => return end,
        }
    }
}

fn bracket_end(bytes: &[u8], open: usize) -> Option<usize> {
    let mut depth = 0usize;
    let mut at = open;
    loop {
        match bytes.get(at)? {
            b'[' => depth += 1,
            b']' if depth == 1 => return Some(at + 1),
            b']' => depth -= 1,
            b'\'' | b'"' => {
                at = string_end(bytes, at, is_raw(bytes, at))?;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        scan(text)
            .unwrap()
            .into_iter()
            .map(|part| match part {
                Part::Text(text) => text,
                Part::Expression(range) => format!("<{}>", &text[range]),
            })
            .collect()
    }

    #[test]
    fn finds_expressions_between_text() {
        assert_eq!(shown("${a}"), ["<a>"]);
        assert_eq!(shown("x-${a}-${b}y"), ["x-", "<a>", "-", "<b>", "y"]);
        assert_eq!(shown("plain $ {}"), ["plain $ {}"]);
        assert_eq!(shown(""), [""]);
    }

    #[test]
    fn two_dollars_are_a_literal() {
        assert_eq!(shown("$${a}"), ["${a}"]);
        assert_eq!(shown("x$${a} ${b}"), ["x${a} ", "<b>"]);
    }

    #[test]
    fn braces_of_maps_and_strings_do_not_close_it() {
        assert_eq!(shown("${{'a': {'b': 1}}.a}"), ["<{'a': {'b': 1}}.a>"]);
        assert_eq!(shown(r#"${'}' + "}"}"#), [r#"<'}' + "}">"#]);
        assert_eq!(shown(r"${'\'}'}"), [r"<'\'}'>"]);
        assert_eq!(shown(r"${r'\'}"), [r"<r'\'>"]);
        assert_eq!(shown("${'''a'}'''}"), ["<'''a'}'''>"]);
    }

    #[test]
    fn an_open_one_is_an_error_with_its_place() {
        assert_eq!(scan("ab${c"), Err(Unclosed(2)));
        assert_eq!(scan("${'}"), Err(Unclosed(0)));
    }

    #[test]
    fn a_path_ends_before_a_call_and_after_an_index() {
        fn end(text: &str) -> &str {
            &text[..path_end(text, 0)]
        }
        assert_eq!(end("a.b['x.y'].c + 1"), "a.b['x.y'].c");
        assert_eq!(end("a.b.size()"), "a.b");
        assert_eq!(end("a[b[0]]"), "a[b[0]]");
    }
}
