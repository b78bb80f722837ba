//! YAML to nodes: every document of a stream, each value with its span.
//!
//! Plain words mean what they mean to kubectl: `yes` and `on` are booleans. JSON is YAML.

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle, StrInput, Tag};
use rbacform_core::{Diagnostic, Entry, FileId, Node, NodeKind, Span, Text};

/// Deeper trees are refused.
const MAX_DEPTH: usize = 64;
/// Aliases may copy at most this many values in one file: a small file must not become a large one.
const MAX_COPIES: usize = 50_000;

/// The documents of a file, empty ones left out, and what is wrong with it. The documents before
/// a syntax error come too.
pub fn documents(file: FileId, text: &str) -> (Vec<Node>, Vec<Diagnostic>) {
    let mut reader = Reader {
        open: Vec::new(),
        anchors: HashMap::new(),
        copies: 0,
        documents: Vec::new(),
        errors: Vec::new(),
    };
    let mut parser: Parser<'_, StrInput<'_>> = Parser::new_from_str(text);
    while let Some(event) = parser.next_event() {
        let read = match event {
            Ok((event, place)) => {
                let range = place.byte_range().unwrap_or(0..0);
                reader.event(event, Span::new(file, range))
            }
            Err(error) => {
                let at = error
                    .marker()
                    .byte_offset()
                    .unwrap_or(text.len())
                    .min(text.len());
                let info = error.info();
                let message = match info.lines().next().map(str::trim) {
                    None | Some("") => "invalid YAML".to_owned(),
                    Some(info) => format!("invalid YAML: {info}"),
                };
                Err(Diagnostic::error("syntax", message).at(Span::new(file, at..at)))
            }
        };
        if let Err(error) = read {
            reader.errors.push(error);
            break;
        }
    }
    (reader.documents, reader.errors)
}

struct Reader {
    open: Vec<Open>,
    anchors: HashMap<usize, (Node, usize)>,
    copies: usize,
    documents: Vec<Node>,
    errors: Vec<Diagnostic>,
}

/// A list or map whose end has not come yet.
struct Open {
    span: Span,
    anchor: usize,
    /// How many values it holds, those within them too.
    size: usize,
    kind: OpenKind,
}

enum OpenKind {
    List(Vec<Node>),
    Map {
        entries: Vec<Entry>,
        key: Option<(Text, Span)>,
    },
}

impl Reader {
    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Diagnostic> {
        match event {
            Event::DocumentStart(..) => {
                self.anchors.clear();
                Ok(())
            }
            Event::Scalar(text, style, anchor, tag) => {
                let kind = scalar(&text, style, tag.as_deref(), span)?;
                let is_plain = style == ScalarStyle::Plain;
                self.value(Node { kind, span }, anchor, 1, is_plain.then_some(&*text))
            }
            Event::Alias(anchor) => {
                let Some((node, size)) = self.anchors.get(&anchor) else {
                    return Err(Diagnostic::error("syntax", "the alias has no anchor yet").at(span));
                };
                let (node, size) = (node.clone(), *size);
                self.copies += size;
                if self.copies > MAX_COPIES {
                    let message = "the aliases of this file come to too many values";
                    return Err(Diagnostic::error("yaml-too-large", message).at(span));
                }
                self.value(node, 0, size, None)
            }
            Event::SequenceStart(_, anchor, _) => {
                self.start(span, anchor, OpenKind::List(Vec::new()))
            }
            Event::MappingStart(_, anchor, _) => {
                let kind = OpenKind::Map {
                    entries: Vec::new(),
                    key: None,
                };
                self.start(span, anchor, kind)
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            _ => Ok(()),
        }
    }

    fn start(&mut self, span: Span, anchor: usize, kind: OpenKind) -> Result<(), Diagnostic> {
        if self.open.len() >= MAX_DEPTH {
            let message = format!("this is nested more than {MAX_DEPTH} levels deep");
            return Err(Diagnostic::error("yaml-too-deep", message).at(span));
        }
        if let Some(Open {
            kind: OpenKind::Map { key: None, .. },
            ..
        }) = self.open.last()
        {
            return Err(Diagnostic::error("syntax", "a key of a map is a string").at(span));
        }
        self.open.push(Open {
            span,
            anchor,
            size: 1,
            kind,
        });
        Ok(())
    }

    fn end(&mut self) -> Result<(), Diagnostic> {
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        let kind = match open.kind {
            OpenKind::List(items) => NodeKind::List(items),
            OpenKind::Map { entries, .. } => NodeKind::Map(Self::merge(entries)),
        };
        let node = Node {
            kind,
            span: open.span,
        };
        self.value(node, open.anchor, open.size, None)
    }

    /// Puts a value where it belongs. `plain` is its text where it was written without quotes.
    fn value(
        &mut self,
        node: Node,
        anchor: usize,
        size: usize,
        plain: Option<&str>,
    ) -> Result<(), Diagnostic> {
        if anchor != 0 {
            self.anchors.insert(anchor, (node.clone(), size));
        }
        let is_outermost = self.open.len() == 1;
        let Some(open) = self.open.last_mut() else {
            if !matches!(node.kind, NodeKind::Null) {
                self.documents.push(node);
            }
            return Ok(());
        };
        open.size += size;
        match &mut open.kind {
            OpenKind::List(items) => items.push(node),
            OpenKind::Map { entries, key } => match key.take() {
                Some((key, key_span)) => entries.push(Entry {
                    key,
                    key_span,
                    node,
                }),
                None => {
                    // `on:` is a key like any other, whatever it would be as a value.
                    let text = plain.or(node.as_str()).map(Text::from);
                    let Some(text) = text else {
                        let message = "a key of a map is a string";
                        return Err(Diagnostic::error("syntax", message).at(node.span));
                    };
                    if entries.is_empty() {
                        open.span.end = open.span.end.max(node.span.end);
                    }
                    let first = entries.iter().find(|held| held.key == text && text != "<<");
                    if let Some(first) = first {
                        let message = format!("the key `{text}` is in this map twice");
                        let error = Diagnostic::error("duplicate-key", message).at(node.span);
                        let is_next = is_outermost && matches!(&*text, "apiVersion" | "kind");
                        let help =
                            is_next.then(|| "a line `---` goes between two objects".to_owned());
                        let error = error.related(first.key_span, "first here");
                        self.errors.push(error.maybe_help(help));
                    }
                    *key = Some((text, node.span));
                }
            },
        }
        Ok(())
    }

    /// Entries of maps under `<<` count where the map itself does not have them.
    fn merge(entries: Vec<Entry>) -> Vec<Entry> {
        if !entries.iter().any(|entry| entry.key == "<<") {
            return entries;
        }
        let (merged, mut own): (Vec<Entry>, Vec<Entry>) =
            entries.into_iter().partition(|entry| entry.key == "<<");
        for entry in merged {
            let sources = match entry.node.kind {
                NodeKind::List(items) => items,
                _ => vec![entry.node],
            };
            for source in sources.iter().flat_map(Node::entries) {
                if !own.iter().any(|held| held.key == source.key) {
                    own.push(source.clone());
                }
            }
        }
        own
    }
}

fn scalar(
    text: &str,
    style: ScalarStyle,
    tag: Option<&Tag>,
    span: Span,
) -> Result<NodeKind, Diagnostic> {
    let string = || NodeKind::String(text.into());
    match tag.map(Tag::core_suffix) {
        Some(Some("str")) => Ok(string()),
        Some(Some("null" | "bool" | "int" | "float")) => Ok(plain(text)),
        Some(_) => {
            let message = "this tag has no meaning here";
            Err(Diagnostic::error("syntax", message).at(span))
        }
        None if style == ScalarStyle::Plain => Ok(plain(text)),
        None => Ok(string()),
    }
}

/// A word without quotes.
fn plain(text: &str) -> NodeKind {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return NodeKind::Null,
        "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" | "y" | "Y" => {
            return NodeKind::Bool(true);
        }
        "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" | "n" | "N" => {
            return NodeKind::Bool(false);
        }
        _ => {}
    }
    if text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c)) {
        if let Ok(number) = text.parse::<i64>() {
            return NodeKind::Int(number);
        }
        let is_number = text
            .chars()
            .all(|c| c.is_ascii_digit() || "+-.eE".contains(c));
        if let (true, Ok(number)) = (is_number, text.parse::<f64>())
            && number.is_finite()
        {
            return NodeKind::Float(number);
        }
        let hex = text
            .strip_prefix("0x")
            .map(|digits| i64::from_str_radix(digits, 16));
        if let Some(Ok(number)) = hex {
            return NodeKind::Int(number);
        }
    }
    NodeKind::String(text.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> (Vec<String>, Vec<String>) {
        let (documents, errors) = documents(FileId(0), text);
        let documents = documents.iter().map(|d| d.to_value().to_json().to_string());
        let errors = errors
            .iter()
            .map(|e| format!("{} {:?}", e.code, e.span().map(|s| s.start)));
        (documents.collect(), errors.collect())
    }

    fn fine(text: &str) -> Vec<String> {
        let (documents, errors) = json(text);
        assert_eq!(errors, Vec::<String>::new());
        documents
    }

    #[test]
    fn documents_empty_ones_left_out() {
        assert_eq!(
            fine("---\n# nothing\n---\na: 1\n---\n---\nb: 2\n"),
            ["{\"a\":1}", "{\"b\":2}"]
        );
        assert_eq!(fine(""), Vec::<String>::new());
        let many: String = (0..3000).map(|n| format!("---\nn: {n}\n")).collect();
        assert_eq!(fine(&many).len(), 3000);
    }

    #[test]
    fn plain_words_mean_what_they_mean_to_kubectl() {
        assert_eq!(
            fine("[yes, \"yes\", on, null, ~, 1, -2.5, 0x10, v1, 1.2.3, 2027-01-01, '*']"),
            [r#"[true,"yes",true,null,null,1,-2.5,16,"v1","1.2.3","2027-01-01","*"]"#]
        );
        assert_eq!(fine("on: 1\n"), [r#"{"on":1}"#]);
        assert_eq!(fine("a: !!str 1\n"), [r#"{"a":"1"}"#]);
    }

    #[test]
    fn anchors_and_merges() {
        assert_eq!(
            fine("base: &b {x: 1, y: 2}\nc:\n  <<: *b\n  y: 3\n"),
            [r#"{"base":{"x":1,"y":2},"c":{"x":1,"y":3}}"#]
        );
    }

    #[test]
    fn an_alias_bomb_is_an_error() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
        for n in 1..12 {
            let list = vec![format!("*a{}", n - 1); 9].join(", ");
            text.push_str(&format!("a{n}: &a{n} [{list}]\n"));
        }
        assert!(json(&text).1[0].starts_with("yaml-too-large"));
    }

    #[test]
    fn depth_broken_text_and_twice_the_same_key_are_errors() {
        assert!(!json(&"[".repeat(100_000)).1.is_empty());
        let deep: String = (0..3000)
            .map(|n| format!("{}a:\n", " ".repeat(n)))
            .collect();
        assert!(!json(&deep).1.is_empty());
        assert_eq!(json("a: 1\nb: 2\na: 3\n").1, ["duplicate-key Some(10)"]);
        assert!(!json("a: [1, 2\nb: 3\n").1.is_empty());
        assert!(!json("a: *nowhere\n").1.is_empty());
        assert!(!json("? [a, b]\n: 1\n").1.is_empty());
    }
}
