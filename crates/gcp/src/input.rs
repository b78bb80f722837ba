//! Reading arguments: values out of nodes, and everything that is wrong with them.

use rbacform_core::{Diagnostic, Node, NodeKind, ResolvedObject, ResourceInput, Span, Text};

/// One resource being read.
#[derive(Debug)]
pub(crate) struct Input<'a> {
    /// The provider instance.
    pub(crate) instance: &'a str,
    /// The provider's settings.
    pub(crate) settings: Option<&'a Node>,
    /// Where it is declared.
    pub(crate) span: Span,
    /// What is wrong so far, and what is worth knowing.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl<'a> Input<'a> {
    pub(crate) fn new(resource: &ResourceInput<'a>) -> Self {
        Self {
            instance: resource.instance,
            settings: resource.settings,
            span: resource.span,
            diagnostics: Vec::new(),
        }
    }

    /// Adds a diagnostic.
    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Adds an error at a place.
    pub(crate) fn error(&mut self, code: &'static str, span: Span, message: impl Into<String>) {
        self.report(Diagnostic::error(code, message).at(span));
    }

    /// What reading came to: the object with its warnings, or everything that is wrong.
    pub(crate) fn finish(
        self,
        resolved: Option<ResolvedObject>,
    ) -> Result<ResolvedObject, Vec<Diagnostic>> {
        match resolved {
            Some(mut resolved) if !self.diagnostics.iter().any(Diagnostic::is_error) => {
                resolved.warnings = self.diagnostics;
                Ok(resolved)
            }
            _ => Err(self.diagnostics),
        }
    }

    /// The text of a node that must be known now.
    pub(crate) fn text(&mut self, node: &Node, what: &str) -> Option<Text> {
        match &node.kind {
            NodeKind::String(text) => Some(text.clone()),
            NodeKind::Unknown => {
                self.report(
                    Diagnostic::error(
                        "unknown-value",
                        format!("`{what}` is known only after apply"),
                    )
                    .at(node.span)
                    .help("names and grants must be known when the plan is made"),
                );
                None
            }
            NodeKind::Sensitive(_) => {
                self.report(
                    Diagnostic::error("sensitive-value", format!("`{what}` may not be sensitive"))
                        .at(node.span)
                        .help("plans and state keep what is sent to Google; use a value that may be shown"),
                );
                None
            }
            _ => {
                self.wrong_type(node, what, "a string");
                None
            }
        }
    }

    /// The text of an argument that must be given.
    pub(crate) fn required(&mut self, arguments: &Node, name: &str) -> Option<(Text, Span)> {
        match argument(arguments, name) {
            Some(node) => self.text(node, name).map(|text| (text, node.span)),
            None => {
                self.missing(self.span, name);
                None
            }
        }
    }

    /// The text of an argument that may be left out.
    pub(crate) fn optional(&mut self, arguments: &Node, name: &str) -> Option<(Text, Span)> {
        let node = argument(arguments, name)?;
        self.text(node, name).map(|text| (text, node.span))
    }

    /// The items of a list.
    pub(crate) fn list<'n>(&mut self, node: &'n Node, what: &str) -> &'n [Node] {
        match &node.kind {
            NodeKind::List(items) => items,
            _ => {
                self.wrong_type(node, what, "a list");
                &[]
            }
        }
    }

    /// Says that a node has the wrong type.
    pub(crate) fn wrong_type(&mut self, node: &Node, what: &str, expected: &str) {
        let found = node.describe();
        self.error(
            "wrong-type",
            node.span,
            format!("`{what}` must be {expected}, not {found}"),
        );
    }

    /// Says that an argument is missing.
    pub(crate) fn missing(&mut self, span: Span, what: &str) {
        self.error("missing-argument", span, format!("`{what}` is missing"));
    }

    /// Says that a text has too many bytes, where it has.
    pub(crate) fn limit(&mut self, text: &str, span: Span, what: &str, most: usize) {
        if text.len() > most {
            self.error(
                "too-long",
                span,
                format!("`{what}` has {} bytes, Google allows {most}", text.len()),
            );
        }
    }
}

/// The argument of that name, where it is given and not null.
pub(crate) fn argument<'n>(arguments: &'n Node, name: &str) -> Option<&'n Node> {
    arguments
        .get(name)
        .filter(|node| node.kind != NodeKind::Null)
}
