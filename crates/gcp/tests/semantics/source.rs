//! Resources written in TOML, as nodes with places.
//!
//! A text `@TYPE NAME` is a reference: `@gcp.service_account trainer`, `@gcp.custom_role ID
//! PERMISSION...`, `@kubernetes.service_account NAMESPACE/NAME`.

use rbacform_core::{
    Address, DesiredResource, Diagnostic, Entry, FileId, Lifecycle, Map, Node, NodeKind, Reference,
    ResolvedObject, ResourceInput, Semantics, Span, Text, TypeSchema, Value,
};
use rbacform_gcp::GcpSemantics;
use toml::de::{DeTable, DeValue};

/// The settings that resources are resolved with.
pub(crate) const SETTINGS: &str = r#"project = "acme-ml"
known_roles = ["roles/aiplatform.brandNewRole"]"#;

pub(crate) fn schema(type_name: &str) -> &'static TypeSchema {
    let types = GcpSemantics.types().iter();
    let name = format!("gcp.{type_name}");
    types
        .into_iter()
        .find(|schema| schema.name == name)
        .unwrap()
}

/// Resolves a resource of that type, `gcp.` left out.
pub(crate) fn resolve(type_name: &str, text: &str) -> Result<ResolvedObject, Vec<Diagnostic>> {
    resolve_with(type_name, text, Some(SETTINGS))
}

pub(crate) fn resolve_with(
    type_name: &str,
    text: &str,
    settings: Option<&str>,
) -> Result<ResolvedObject, Vec<Diagnostic>> {
    let (arguments, settings) = (node(text), settings.map(node));
    GcpSemantics.resolve(&ResourceInput {
        instance: "gcp",
        schema: schema(type_name),
        arguments: &arguments,
        settings: settings.as_ref(),
        span: arguments.span,
    })
}

/// A resource as the planner sees it, under an address like `gcp.iam_member.NAME`.
pub(crate) fn desired(type_name: &str, name: &str, text: &str) -> DesiredResource {
    let resolved = resolve(type_name, text).unwrap();
    DesiredResource {
        address: Address::new(format!("gcp.{type_name}"), name.to_owned(), None),
        object: resolved.object,
        attributes: resolved.attributes,
        requires: resolved.requires,
        depends_on: Vec::new(),
        lifecycle: Lifecycle::default(),
        built_in: false,
        span: node(text).span,
    }
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
    let mut words = text[1..].split(' ');
    let type_name = words.next().unwrap();
    let name = words.next().unwrap();
    let mut attributes = Map::new();
    match type_name {
        "gcp.service_account" => attributes.insert("account_id", name),
        "gcp.custom_role" => {
            attributes.insert("permissions", words.map(Value::from).collect::<Vec<_>>());
            attributes.insert("role_id", name)
        }
        _ => {
            let (namespace, name) = name.split_once('/').unwrap();
            attributes.insert("namespace", namespace);
            attributes.insert("name", name)
        }
    };
    if let Some(type_name) = type_name.strip_prefix("gcp.") {
        let arguments = Node::from_value(&Value::Map(attributes.clone()), Span::default());
        let settings = node(SETTINGS);
        let exports = GcpSemantics.exports(schema(type_name), "gcp", &arguments, &settings);
        for (key, value) in exports {
            attributes.insert(key, value);
        }
    }
    NodeKind::Reference(Box::new(Reference {
        address: format!("{type_name}.x").parse().unwrap(),
        type_name: Text::from(type_name),
        attributes,
    }))
}

/// Each diagnostic as `CODE at TEXT: MESSAGE (HELP)`.
pub(crate) fn told(text: &str, diagnostics: &[Diagnostic]) -> Vec<String> {
    let tell = |diagnostic: &Diagnostic| {
        let span = diagnostic.span().unwrap();
        let place = match &text[span.range()] {
            whole if whole == text => "the whole",
            part => part,
        };
        let help = diagnostic.help.as_ref();
        let help = help.map(|help| format!(" ({help})")).unwrap_or_default();
        format!(
            "{} at {place}: {}{help}",
            diagnostic.code, diagnostic.message
        )
    };
    diagnostics.iter().map(tell).collect()
}
