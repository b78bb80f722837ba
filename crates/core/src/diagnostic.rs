//! Diagnostics: coded, located problems of the user's input. Many at once, all of one run.

use serde::Serialize;

use crate::{Location, SourceMap, Span};

/// How bad a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Nothing is done until it is mended.
    Error,
    /// Worth knowing; nothing is held up.
    Warning,
}

/// Where a diagnostic points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A range of a file in the source map.
    Span(Span),
    /// A place in a file that is not in the source map, e.g. a kubeconfig.
    File(Location),
}

/// One problem: what is wrong, where, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// A stable, kebab-case code, e.g. `unknown-argument`.
    pub code: &'static str,
    /// What is wrong: a lower-case fragment, user input in backticks.
    pub message: String,
    /// Where.
    pub place: Option<Place>,
    /// The resource it is about.
    pub address: Option<String>,
    /// What to do.
    pub help: Option<String>,
    /// Other places that belong to the problem, each with a label: the first of two duplicates.
    pub related: Vec<(Span, String)>,
}

impl Diagnostic {
    /// An error without a place yet.
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            code,
            message: message.into(),
            place: None,
            address: None,
            help: None,
            related: Vec::new(),
        }
    }

    /// A warning without a place yet.
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(code, message)
        }
    }

    /// Points it at a span.
    #[must_use]
    pub fn at(mut self, span: Span) -> Self {
        self.place = Some(Place::Span(span));
        self
    }

    /// Points it at a file outside the source map.
    #[must_use]
    pub fn in_file(mut self, location: Location) -> Self {
        self.place = Some(Place::File(location));
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Says what to do, where there is something to say.
    #[must_use]
    pub fn maybe_help(mut self, help: Option<String>) -> Self {
        self.help = self.help.or(help);
        self
    }

    /// Names the resource.
    #[must_use]
    pub fn address(mut self, address: impl ToString) -> Self {
        self.address = Some(address.to_string());
        self
    }

    /// Adds a second place.
    #[must_use]
    pub fn related(mut self, span: Span, label: impl Into<String>) -> Self {
        self.related.push((span, label.into()));
        self
    }

    /// Whether this is an error.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// The span, where it points into the source map.
    pub fn span(&self) -> Option<Span> {
        match &self.place {
            Some(Place::Span(span)) => Some(*span),
            _ => None,
        }
    }

    /// File, line and column, where it has a place.
    pub fn location(&self, sources: &SourceMap) -> Option<Location> {
        match self.place.as_ref()? {
            Place::Span(span) => sources.locate(*span),
            Place::File(location) => Some(location.clone()),
        }
    }

    /// The shape that `rbacform.diagnostics/1` lists.
    pub fn record(&self, sources: &SourceMap) -> DiagnosticRecord<'_> {
        let location = self.location(sources);
        DiagnosticRecord {
            severity: self.severity,
            code: self.code,
            message: &self.message,
            line: location.as_ref().map(|place| place.line),
            column: location.as_ref().map(|place| place.column),
            file: location.map(|place| place.file),
            address: self.address.as_deref(),
            help: self.help.as_deref(),
        }
    }
}

/// A diagnostic as `rbacform.diagnostics/1` lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DiagnosticRecord<'a> {
    severity: Severity,
    code: &'a str,
    message: &'a str,
    file: Option<String>,
    line: Option<u32>,
    column: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
}

/// Sorts diagnostics into the order they are shown in: by file, place, then code.
pub fn sort(diagnostics: &mut [Diagnostic]) {
    diagnostics.sort_by(|a, b| {
        let place = |diagnostic: &Diagnostic| match &diagnostic.place {
            Some(Place::Span(span)) => (0, Some(*span), None),
            Some(Place::File(location)) => (1, None, Some(location.clone())),
            None => (2, None, None),
        };
        (place(a), a.severity, a.code, &a.message).cmp(&(place(b), b.severity, b.code, &b.message))
    });
}
