//! Resources written in TOML, as nodes with places. A text `@TYPE NAMESPACE/NAME` is a reference.

use rbacform_core::{
    Diagnostic, Entry, FileId, Map, Node, NodeKind, Reference, ResolvedObject, ResourceInput,
    Semantics, Span, Text, Value,
};
use rbacform_kubernetes::KubernetesSemantics;
use toml::de::{DeTable, DeValue};

/// Resolves a resource of that type.
pub(crate) fn resolve(type_name: &str, text: &str) -> Result<ResolvedObject, Vec<Diagnostic>> {
    let semantics = KubernetesSemantics;
    let schema = semantics
        .types()
        .iter()
        .find(|schema| schema.name == type_name)
        .unwrap();
    let arguments = node(text);
    semantics.resolve(&ResourceInput {
        instance: "kubernetes",
        schema,
        arguments: &arguments,
        settings: None,
        span: arguments.span,
    })
}

/// Resolves a manifest, written in TOML: a document is the same nodes from either language.
pub(crate) fn manifest(text: &str) -> Option<Result<ResolvedObject, Vec<Diagnostic>>> {
    KubernetesSemantics.manifest("kubernetes", &node(text), "default")
}

/// A whole text as a node.
pub(crate) fn node(text: &str) -> Node {
    let table = DeTable::parse(text).unwrap();
    Node {
        kind: map(table.get_ref()),
        span: Span::new(FileId(0), 0..text.len()),
    }
}

fn map(table: &DeTable<'_>) -> NodeKind {
    let entries = table.iter().map(|(key, value)| Entry {
        key: key.get_ref().as_ref().into(),
        key_span: Span::new(FileId(0), key.span()),
        node: Node {
            kind: kind(value.get_ref()),
            span: Span::new(FileId(0), value.span()),
        },
    });
    NodeKind::Map(entries.collect())
}

fn kind(value: &DeValue<'_>) -> NodeKind {
    match value {
        DeValue::String(text) if text == "@unknown" => NodeKind::Unknown,
        DeValue::String(text) if text == "@sensitive" => NodeKind::Sensitive(Box::new(Node {
            kind: NodeKind::String("hunter2".into()),
            span: Span::default(),
        })),
        DeValue::String(text) if text.starts_with('@') => reference(text),
        DeValue::String(text) => NodeKind::String(text.as_ref().into()),
        DeValue::Integer(number) => NodeKind::Int(number.as_str().parse().unwrap()),
        DeValue::Float(number) => NodeKind::Float(number.as_str().parse().unwrap()),
        DeValue::Boolean(flag) => NodeKind::Bool(*flag),
        DeValue::Datetime(time) => NodeKind::String(time.to_string().into()),
        DeValue::Array(items) => NodeKind::List(
            items
                .iter()
                .map(|item| Node {
                    kind: kind(item.get_ref()),
                    span: Span::new(FileId(0), item.span()),
                })
                .collect(),
        ),
        DeValue::Table(table) => map(table),
    }
}

fn reference(text: &str) -> NodeKind {
    let (type_name, name) = text[1..].split_once(' ').unwrap();
    let mut attributes = Map::new();
    match name.split_once('/') {
        Some((namespace, name)) => {
            attributes.insert("namespace", namespace);
            attributes.insert("name", name);
        }
        None => {
            attributes.insert("name", Value::from(name));
        }
    }
    NodeKind::Reference(Box::new(Reference {
        address: format!("{type_name}.x").parse().unwrap(),
        type_name: Text::from(type_name),
        attributes,
    }))
}

/// Each error as `CODE at TEXT: MESSAGE (HELP)`.
pub(crate) fn told(text: &str, diagnostics: &[Diagnostic]) -> Vec<String> {
    let tell = |diagnostic: &Diagnostic| {
        let span = diagnostic.span().unwrap();
        let place = match &text[span.range()] {
            whole if whole == text => "the whole",
            part => part,
        };
        let help = diagnostic
            .help
            .as_ref()
            .map(|help| format!(" ({help})"))
            .unwrap_or_default();
        format!(
            "{} at {place}: {}{help}",
            diagnostic.code, diagnostic.message
        )
    };
    diagnostics.iter().map(tell).collect()
}
