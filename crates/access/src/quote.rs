//! Go's string quoting, in which the server prints names.

use std::fmt::Write;

/// Quotes text as Go's `%q` does: double quotes, `\"`, `\\`, and escapes for what does not print.
pub fn go_quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        push_escaped(&mut quoted, c);
    }
    quoted.push('"');
    quoted
}

/// Quotes a list as Go's `%q` does: `["a" "b"]`.
pub fn go_quote_list<S: AsRef<str>>(items: &[S]) -> String {
    let items: Vec<String> = items.iter().map(|item| go_quote(item.as_ref())).collect();
    format!("[{}]", items.join(" "))
}

fn push_escaped(out: &mut String, c: char) {
    match c {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\u{7}' => out.push_str("\\a"),
        '\u{8}' => out.push_str("\\b"),
        '\u{c}' => out.push_str("\\f"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\u{b}' => out.push_str("\\v"),
        c if prints(c) => out.push(c),
        c => {
            let code = u32::from(c);
            // Writing to a String cannot fail.
            let _ = match code {
                0..0x80 => write!(out, "\\x{code:02x}"),
                0x80..0x1_0000 => write!(out, "\\u{code:04x}"),
                _ => write!(out, "\\U{code:08x}"),
            };
        }
    }
}

/// Whether Go's `unicode.IsPrint` holds: letters, marks, numbers, punctuation, symbols and the ASCII
/// space. What Rust's debug output leaves as it is, is the same, by a newer table: characters that
/// Unicode added after version 15 are quoted here as themselves, by Go's escaped.
fn prints(c: char) -> bool {
    if c.is_ascii() {
        return matches!(c, ' '..='~');
    }
    // Behind another character, so that a combining mark stays one.
    let after: String = ['a', c].into_iter().collect();
    after.escape_debug().eq(['a', c])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_as_go_does() {
        assert_eq!(go_quote("a\"b\\c"), r#""a\"b\\c""#);
        assert_eq!(go_quote("line\nbell\u{7}"), r#""line\nbell\a""#);
        assert_eq!(go_quote("\u{1b}[31m"), r#""\x1b[31m""#);
        assert_eq!(
            go_quote("zero\u{200b}width\u{a0}"),
            r#""zero\u200bwidth\u00a0""#
        );
        assert_eq!(go_quote("é漢e\u{301}🦀'"), "\"é漢e\u{301}🦀'\"");
        assert_eq!(
            go_quote("\u{378}\u{e000}\u{10ffff}\u{85}"),
            r#""\u0378\ue000\U0010ffff\u0085""#
        );
        assert_eq!(
            go_quote_list(&["g1", "system:authenticated"]),
            r#"["g1" "system:authenticated"]"#
        );
        assert_eq!(go_quote_list::<&str>(&[]), "[]");
    }
}
