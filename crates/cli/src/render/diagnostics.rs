//! Diagnostics with the lines they point at.

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use rbacform_core::diagnostic::DiagnosticRecord;
use rbacform_core::plan::AssertionResult;
use rbacform_core::{Diagnostic, Severity, SourceMap, Span};
use serde::Serialize;

use crate::render::text;

/// Codes whose lines may hold a credential: the place is named, the line is not shown.
const NEVER_QUOTED: [&str; 2] = ["credential-in-stack", "sensitive-value"];

/// Longer lines are generated; a snippet of one helps nobody.
const LONGEST_LINE: usize = 400;

/// All of them, a blank line between; what is the same of several instances of a declaration once.
pub(crate) fn diagnostics(found: &[Diagnostic], sources: &SourceMap, colour: bool) -> String {
    let renderer = if colour {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let mut all = String::new();
    for alike in found.chunk_by(is_same) {
        let Some(first) = alike.first() else { continue };
        let addresses = alike.iter().filter_map(|it| it.address.as_deref());
        all.push_str(&one(first, instances(addresses), sources, &renderer));
        all.push_str("\n\n");
    }
    all
}

/// Whether two differ in the resource only.
fn is_same(a: &Diagnostic, b: &Diagnostic) -> bool {
    let but_address = |it: &Diagnostic| Diagnostic {
        address: None,
        ..it.clone()
    };
    a.address.is_some() && b.address.is_some() && but_address(a) == but_address(b)
}

/// Which instances a finding is about that is told once for several.
pub(crate) fn instances<'a>(addresses: impl Iterator<Item = &'a str>) -> Option<String> {
    const NAMED: usize = 4;
    let all: Vec<&str> = addresses.collect();
    let named = all.iter().take(NAMED).map(|address| format!("`{address}`"));
    let named: Vec<String> = named.collect();
    let more = match all.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    (all.len() > 1).then(|| format!("found in {}{more}", named.join(", ")))
}

fn one(
    diagnostic: &Diagnostic,
    note: Option<String>,
    sources: &SourceMap,
    renderer: &Renderer,
) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level
        .primary_title(text::safe_lines(&diagnostic.message))
        .id(diagnostic.code);
    let mut group: Group<'_> = title.elements(Vec::<Origin<'_>>::new());
    let quoted = !NEVER_QUOTED.contains(&diagnostic.code);
    let main = diagnostic
        .span()
        .filter(|_| quoted)
        .and_then(|span| Excerpt::of(span, sources));
    match (main, diagnostic.location(sources)) {
        (Some(excerpt), _) => group = group.element(excerpt.snippet(AnnotationKind::Primary, None)),
        (None, Some(location)) => {
            let origin = Origin::path(location.file)
                .line(location.line as usize)
                .char_column(location.column as usize);
            group = group.element(origin);
        }
        (None, None) => {}
    }
    for (span, label) in &diagnostic.related {
        if let Some(excerpt) = Excerpt::of(*span, sources) {
            group = group.element(excerpt.snippet(AnnotationKind::Context, Some(label.clone())));
        }
    }
    let placed = diagnostic.place.is_some() || !diagnostic.related.is_empty();
    let help = diagnostic.help.as_deref().map(text::safe_lines);
    let note = note.as_deref().map(text::safe_lines);
    if !placed {
        // The renderer would draw a margin beside nothing.
        let under = [("help", help), ("note", note)];
        let under = under.map(|(what, text)| Some(format!("\n  = {what}: {}", text?)));
        return format!(
            "{}{}",
            renderer.render(&[group]),
            under.into_iter().flatten().collect::<String>()
        );
    }
    for (level, text) in [(Level::HELP, help), (Level::NOTE, note)] {
        if let Some(text) = text {
            group = group.element(level.message(text));
        }
    }
    renderer.render(&[group])
}

/// The lines around a span: whole files may be megabytes.
struct Excerpt {
    path: String,
    text: String,
    first_line: usize,
    span: std::ops::Range<usize>,
}

impl Excerpt {
    fn of(span: Span, sources: &SourceMap) -> Option<Self> {
        let file = sources.file(span.file)?;
        let location = sources.locate(span)?;
        let range = span.range();
        let start = file
            .text
            .get(..range.start)?
            .rfind('\n')
            .map_or(0, |at| at + 1);
        // Only the first line of a span over many: a table's header says enough.
        let end = file
            .text
            .get(start..)?
            .find('\n')
            .map_or(file.text.len(), |at| start + at);
        let line = file.text.get(start..end)?;
        if line.len() > LONGEST_LINE {
            return None;
        }
        let mut stop = range.end.clamp(range.start, end);
        if stop == range.start && stop < end {
            stop += line
                .get(range.start - start..)?
                .chars()
                .next()
                .map_or(0, char::len_utf8);
        }
        Some(Self {
            path: file.path.clone(),
            // Same length in bytes, so that the span still fits.
            text: line
                .chars()
                .map(|c| {
                    if c.is_control() && c != '\t' && c.len_utf8() == 1 {
                        '?'
                    } else {
                        c
                    }
                })
                .collect(),
            first_line: location.line as usize,
            span: range.start - start..stop - start,
        })
    }

    fn snippet(
        self,
        kind: AnnotationKind,
        label: Option<String>,
    ) -> Snippet<'static, annotate_snippets::Annotation<'static>> {
        let annotation = kind.span(self.span);
        let annotation = match label {
            Some(label) => annotation.label(label),
            None => annotation,
        };
        Snippet::source(self.text)
            .path(self.path)
            .line_start(self.first_line)
            .annotation(annotation)
    }
}

/// `rbacform.diagnostics/1`.
#[derive(Serialize)]
pub(crate) struct Document<'a> {
    format: &'static str,
    diagnostics: Vec<DiagnosticRecord<'a>>,
    /// What the stack's assertions came to, where it has any and they were tested.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    assertions: &'a [AssertionResult],
}

impl<'a> Document<'a> {
    /// Of these diagnostics, in their order.
    pub(crate) fn new(found: &'a [Diagnostic], sources: &SourceMap) -> Self {
        Self {
            format: "rbacform.diagnostics/1",
            diagnostics: found
                .iter()
                .map(|diagnostic| diagnostic.record(sources))
                .collect(),
            assertions: &[],
        }
    }

    /// The same with what assertions came to.
    pub(crate) fn with_assertions(self, assertions: &'a [AssertionResult]) -> Self {
        Self { assertions, ..self }
    }
}
