//! Reading arguments: values out of nodes, and everything that is wrong with them.

use rbacform_core::{Diagnostic, Entry, Node, NodeKind, ResolvedObject, Span, Text};

/// Which language the arguments were written in; only messages differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// A stack file: `api_groups`.
    Stack,
    /// A Kubernetes manifest: `apiGroups`.
    Manifest,
}

/// One resource being read.
#[derive(Debug)]
pub(crate) struct Input<'a> {
    /// The provider instance.
    pub(crate) instance: &'a str,
    /// How it was written.
    pub(crate) dialect: Dialect,
    /// Where it is declared.
    pub(crate) span: Span,
    /// What is wrong so far, and what is worth knowing.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl<'a> Input<'a> {
    pub(crate) fn new(instance: &'a str, dialect: Dialect, span: Span) -> Self {
        Self {
            instance,
            dialect,
            span,
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

    /// An argument's name as this dialect spells it.
    pub(crate) fn field<'f>(&self, argument: &'f str) -> &'f str {
        match self.dialect {
            Dialect::Stack => argument,
            Dialect::Manifest => in_manifests(argument),
        }
    }

    /// Whether anything found so far is an error.
    pub(crate) fn failed(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }

    /// What reading came to: the object with its warnings, or everything that is wrong.
    pub(crate) fn finish(
        self,
        resolved: Option<ResolvedObject>,
    ) -> Result<ResolvedObject, Vec<Diagnostic>> {
        match resolved {
            Some(mut resolved) if !self.failed() => {
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
                    .help("names and subjects must be known when the plan is made"),
                );
                None
            }
            _ => {
                self.wrong_type(node, what, "a string");
                None
            }
        }
    }

    /// The truth value of a node.
    pub(crate) fn bool(&mut self, node: &Node, what: &str) -> Option<bool> {
        let flag = node.as_bool();
        if flag.is_none() {
            self.wrong_type(node, what, "a boolean");
        }
        flag
    }

    /// The items of a list; null is an empty one, as it is for the server.
    pub(crate) fn list<'n>(&mut self, node: &'n Node, what: &str) -> &'n [Node] {
        match &node.kind {
            NodeKind::List(items) => items,
            NodeKind::Null => &[],
            _ => {
                self.wrong_type(node, what, "a list");
                &[]
            }
        }
    }

    /// The entries of a map; null is an empty one.
    pub(crate) fn map<'n>(&mut self, node: &'n Node, what: &str) -> &'n [Entry] {
        match &node.kind {
            NodeKind::Map(entries) => entries,
            NodeKind::Null => &[],
            _ => {
                self.wrong_type(node, what, "a map");
                &[]
            }
        }
    }

    /// Says that a node has the wrong type.
    pub(crate) fn wrong_type(&mut self, node: &Node, what: &str, expected: &str) {
        if let NodeKind::Sensitive(_) = node.kind {
            self.report(
                Diagnostic::error("sensitive-value", format!("`{what}` may not be sensitive"))
                    .at(node.span)
                    .help("plans and state keep what is sent to the cluster; use a value that may be shown"),
            );
            return;
        }
        let found = node.describe();
        let quoted = expected == "a string"
            && matches!(
                node.kind,
                NodeKind::Bool(_) | NodeKind::Int(_) | NodeKind::Float(_)
            );
        self.report(
            Diagnostic::error(
                "wrong-type",
                format!("`{what}` must be {expected}, not {found}"),
            )
            .at(node.span)
            .maybe_help(quoted.then(|| "put it in quotes".to_owned())),
        );
    }

    /// Says that an argument is missing.
    pub(crate) fn missing(&mut self, span: Span, what: &str) {
        self.error("missing-argument", span, format!("`{what}` is missing"));
    }
}

/// An argument's name as manifests spell it.
pub(crate) fn in_manifests(argument: &str) -> &str {
    match argument {
        "api_groups" => "apiGroups",
        "resource_names" => "resourceNames",
        "non_resource_urls" => "nonResourceURLs",
        "aggregate" => "aggregationRule",
        "match_labels" => "matchLabels",
        "match_expressions" => "matchExpressions",
        "image_pull_secrets" => "imagePullSecrets",
        "automount_token" => "automountServiceAccountToken",
        "role" | "cluster_role" => "roleRef",
        other => other,
    }
}

/// Whether any part of a node is known only after apply.
pub(crate) fn has_unknown(node: &Node) -> bool {
    match &node.kind {
        NodeKind::Unknown => true,
        NodeKind::List(items) => items.iter().any(has_unknown),
        NodeKind::Map(entries) => entries.iter().any(|entry| has_unknown(&entry.node)),
        NodeKind::Sensitive(inner) => has_unknown(inner),
        _ => false,
    }
}

/// The argument of that name, where it is given and not null.
pub(crate) fn argument<'n>(arguments: &'n Node, name: &str) -> Option<&'n Node> {
    arguments
        .get(name)
        .filter(|node| node.kind != NodeKind::Null)
}
