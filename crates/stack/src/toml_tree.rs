//! TOML text to a compact tree of nodes, every key and value with its span.
//!
//! A parsed `DeTable` weighs about fifteen times its text, a tree of nodes about five. Large files
//! are therefore parsed a section at a time, and each section's table is dropped once it is
//! converted. Sections begin at headers like `[kubernetes.role.reader]`. Where a file does not
//! come apart cleanly there, it is parsed in one piece, so the result is always that of the whole.

use std::collections::HashSet;
use std::ops::Range;

use rbacform_core::{Diagnostic, Entry, FileId, Node, NodeKind, Span, Text};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Sections are at least this long, in bytes.
const SECTION: usize = 64 * 1024;

/// A file's root table and every syntax error, at most one a line.
pub(crate) fn parse(file: FileId, text: &str) -> (Node, Vec<Diagnostic>) {
    if text.len() > 2 * SECTION
        && let Some(root) = parse_sections(file, text)
    {
        return (root, Vec::new());
    }
    parse_piece(file, text, 0)
}

/// A single value, as `--var` takes it; spans are within `file`.
pub(crate) fn parse_value(file: FileId, text: &str) -> Option<Node> {
    let (value, errors) = DeValue::parse_recoverable(text);
    if !errors.is_empty() {
        return None;
    }
    let mut converter = Converter::new(file, 0);
    let node = converter.node(value);
    converter.errors.is_empty().then_some(node)
}

fn parse_piece(file: FileId, text: &str, base: usize) -> (Node, Vec<Diagnostic>) {
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut converter = Converter::new(file, base);
    converter.syntax_errors(text, errors);
    let span = Span::new(file, base..base);
    let entries = converter.entries(table.into_inner());
    let root = Node {
        kind: NodeKind::Map(entries),
        span,
    };
    (root, converter.errors)
}

fn parse_sections(file: FileId, text: &str) -> Option<Node> {
    let mut whole = Sections::default();
    for range in sections(text) {
        let (root, errors) = parse_piece(file, text.get(range.clone())?, range.start);
        if !errors.is_empty() {
            return None;
        }
        whole.add(root)?;
    }
    whole.root.shrink_to_fit();
    Some(Node {
        kind: NodeKind::Map(whole.root),
        span: Span::new(file, 0..0),
    })
}

/// Cuts a text before headers of resources, never sooner than [`SECTION`] bytes after the last cut.
fn sections(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    while let Some(header) = text
        .get(start + SECTION..)
        .or_else(|| {
            // Not at a character's edge: look from the next one on.
            (1..4).find_map(|step| text.get(start + SECTION + step..))
        })
        .and_then(|rest| {
            let from = text.len() - rest.len();
            rest.match_indices("\n[kubernetes.")
                .map(|(at, _)| from + at + 1)
                .find(|at| is_resource_header(text.get(*at..).unwrap_or_default()))
        })
    {
        found.push(start..header);
        start = header;
    }
    found.push(start..text.len());
    found
}

/// Whether a line is `[provider.type.name]` in bare keys: three of them, so not a table within a
/// resource, which must stay with it.
fn is_resource_header(line: &str) -> bool {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let inner = line
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'))
        .map_or("", |(inner, _)| inner);
    let mut parts = 0;
    inner.split('.').all(|part| {
        parts += 1;
        !part.is_empty() && part.chars().all(bare)
    }) && parts == 3
}

/// The root table, put together from sections.
#[derive(Default)]
struct Sections {
    root: Vec<Entry>,
    resources: HashSet<(Text, Text)>,
}

impl Sections {
    /// Adds a section. `None` where it says something of what an earlier one spoke of.
    fn add(&mut self, section: Node) -> Option<()> {
        let NodeKind::Map(entries) = section.kind else {
            return None;
        };
        for entry in entries {
            if entry.key == "kubernetes" {
                self.add_resources(entry)?;
            } else if self.root.iter().any(|held| held.key == entry.key) {
                return None;
            } else {
                self.root.push(entry);
            }
        }
        Some(())
    }

    fn add_resources(&mut self, provider: Entry) -> Option<()> {
        for kind in provider.node.entries() {
            for resource in kind.node.entries() {
                if !self
                    .resources
                    .insert((kind.key.clone(), resource.key.clone()))
                {
                    return None;
                }
            }
        }
        let Some(held) = self.root.iter_mut().find(|e| e.key == provider.key) else {
            self.root.push(provider);
            return Some(());
        };
        let NodeKind::Map(types) = provider.node.kind else {
            return None;
        };
        let held_types = map_mut(&mut held.node)?;
        for kind in types {
            match held_types.iter_mut().find(|e| e.key == kind.key) {
                None => held_types.push(kind),
                Some(same) => {
                    let NodeKind::Map(resources) = kind.node.kind else {
                        return None;
                    };
                    map_mut(&mut same.node)?.extend(resources);
                }
            }
        }
        Some(())
    }
}

fn map_mut(node: &mut Node) -> Option<&mut Vec<Entry>> {
    match &mut node.kind {
        NodeKind::Map(entries) => Some(entries),
        _ => None,
    }
}

struct Converter {
    file: FileId,
    base: usize,
    errors: Vec<Diagnostic>,
}

impl Converter {
    fn new(file: FileId, base: usize) -> Self {
        Self {
            file,
            base,
            errors: Vec::new(),
        }
    }

    fn span(&self, range: Range<usize>) -> Span {
        Span::new(self.file, self.base + range.start..self.base + range.end)
    }

    /// One error a line: a broken array reports every item after it. A table that is there twice
    /// reports itself and each of its keys; the first says it.
    fn syntax_errors(&mut self, text: &str, errors: Vec<toml::de::Error>) {
        let mut last_line = None;
        let mut twice: Option<usize> = None;
        let (mut line, mut counted) = (0, 0);
        let mut found: Vec<_> = errors
            .into_iter()
            .map(|error| (error.span().unwrap_or(0..0), error.message().to_owned()))
            .collect();
        found.sort_by_key(|(range, _)| range.start);
        for (range, message) in found {
            let between = text.as_bytes().get(counted..range.start).unwrap_or(&[]);
            line += between.iter().filter(|byte| **byte == b'\n').count();
            counted = counted.max(range.start);
            if last_line == Some(line) {
                continue;
            }
            last_line = Some(line);
            if message.starts_with("duplicate key") {
                let same_table = twice.and_then(|start| text.get(start..range.start));
                if same_table.is_some_and(|between| !between.contains("\n[")) {
                    continue;
                }
                twice = text
                    .get(..range.start)
                    .and_then(|before| before.lines().next_back())
                    .is_some_and(|line| line.trim_start().starts_with('['))
                    .then_some(range.start);
            }
            let message = message.lines().next().unwrap_or_default().trim();
            let message = match text.get(range.clone()) {
                Some(key) if message == "duplicate key" => {
                    format!("invalid TOML: `{}` is there twice", key.trim())
                }
                _ => format!("invalid TOML: {message}"),
            };
            self.errors
                .push(Diagnostic::error("syntax", message).at(self.span(range)));
        }
    }

    fn entries(&mut self, table: DeTable<'_>) -> Vec<Entry> {
        let mut entries: Vec<Entry> = table
            .into_iter()
            .map(|(key, value)| {
                let key_span = self.span(key.span());
                Entry {
                    key: Text::from(key.into_inner()),
                    key_span,
                    node: self.node(value),
                }
            })
            .collect();
        entries.sort_by_key(|entry| entry.key_span);
        entries.shrink_to_fit();
        entries
    }

    fn node(&mut self, value: Spanned<DeValue<'_>>) -> Node {
        let span = self.span(value.span());
        let kind = match value.into_inner() {
            DeValue::String(text) => NodeKind::String(Text::from(text)),
            DeValue::Boolean(flag) => NodeKind::Bool(flag),
            DeValue::Integer(number) => {
                match i64::from_str_radix(number.as_str(), number.radix()) {
                    Ok(number) => NodeKind::Int(number),
                    Err(_) => self.number_error(span, "an integer has at most 64 bits"),
                }
            }
            DeValue::Float(number) => match number.as_str().parse::<f64>() {
                Ok(number) if number.is_finite() => NodeKind::Float(number),
                _ => self.number_error(span, "`inf` and `nan` have no meaning here"),
            },
            DeValue::Datetime(time) => NodeKind::String(rbacform_core::Text::from(rfc3339(&time))),
            DeValue::Array(items) => {
                NodeKind::List(items.into_iter().map(|item| self.node(item)).collect())
            }
            DeValue::Table(table) => NodeKind::Map(self.entries(table)),
        };
        Node { kind, span }
    }

    fn number_error(&mut self, span: Span, why: &str) -> NodeKind {
        self.errors
            .push(Diagnostic::error("invalid-number", why).at(span));
        NodeKind::Unknown
    }
}

/// TOML allows a space for the `T`; RFC 3339 as we print it does not.
fn rfc3339(time: &toml::value::Datetime) -> String {
    time.to_string().replacen(' ', "T", 1)
}

#[cfg(test)]
mod tests;
