//! Reading `[kubernetes.TYPE.NAME]`.

use std::collections::BTreeMap;

use rbacform_core::{Address, Diagnostic, Node, NodeKind, Semantics, Span, Text, TypeSchema, hint};

use crate::document::{Tables, check_name, not_a_table};

/// The arguments that every resource takes.
pub(crate) const COMMON: [&str; 5] = ["for_each", "when", "depends_on", "lifecycle", "provider"];

/// A resource as declared.
pub(crate) struct Declaration<'s> {
    pub(crate) type_name: Text,
    pub(crate) name: Text,
    /// Its table's header.
    pub(crate) span: Span,
    /// `None` where its type is unknown; then nothing else is said about it.
    pub(crate) known: Option<KnownType<'s>>,
    /// Its own arguments, a map.
    pub(crate) arguments: Node,
    pub(crate) for_each: Option<Node>,
    pub(crate) when: Option<Node>,
    pub(crate) lifecycle: Option<Node>,
    /// What `depends_on` names.
    pub(crate) depends_on: Vec<(Address, Span)>,
}

/// A resource type and who knows it.
#[derive(Clone, Copy)]
pub(crate) struct KnownType<'s> {
    pub(crate) schema: &'static TypeSchema,
    pub(crate) semantics: &'s dyn Semantics,
}

/// The resources of a document, by type and name.
pub(crate) fn declare<'s>(
    resources: BTreeMap<Text, Tables>,
    semantics: &[&'s dyn Semantics],
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Declaration<'s>> {
    let mut declarations = Vec::new();
    for (type_name, tables) in resources {
        let known = find_type(&type_name, semantics);
        for (name, declared) in tables {
            if known.is_none() {
                let error = unknown_type(&type_name, declared.node.span, semantics);
                diagnostics.push(error);
            }
            diagnostics.extend(check_name(&name, declared.key_span, "resource"));
            let mut declaration = Declaration {
                type_name: type_name.clone(),
                name,
                span: declared.node.span,
                known,
                arguments: declared.node,
                for_each: None,
                when: None,
                lifecycle: None,
                depends_on: Vec::new(),
            };
            declaration.take_common(diagnostics);
            declarations.push(declaration);
        }
    }
    declarations
}

fn find_type<'s>(type_name: &str, semantics: &[&'s dyn Semantics]) -> Option<KnownType<'s>> {
    semantics.iter().find_map(|semantics| {
        let schema = semantics.types().iter().find(|t| t.name == type_name)?;
        Some(KnownType {
            schema,
            semantics: *semantics,
        })
    })
}

fn unknown_type(type_name: &str, span: Span, semantics: &[&dyn Semantics]) -> Diagnostic {
    let names = semantics.iter().flat_map(|s| s.types()).map(|t| t.name);
    let help = match hint::closest(type_name, names.clone()) {
        Some(closest) => format!("did you mean `{closest}`?"),
        None => format!("types are `{}`", names.collect::<Vec<_>>().join("`, `")),
    };
    Diagnostic::error(
        "unknown-type",
        format!("no resource type is called `{type_name}`"),
    )
    .at(span)
    .help(help)
}

impl Declaration<'_> {
    /// The address of the whole resource.
    pub(crate) fn address(&self) -> Address {
        Address::new(self.type_name.clone(), self.name.clone(), None)
    }

    /// The same again for one instance of many.
    pub(crate) fn clone_instance(&self) -> Self {
        Self {
            type_name: self.type_name.clone(),
            name: self.name.clone(),
            span: self.span,
            known: self.known,
            arguments: self.arguments.clone(),
            for_each: None,
            when: self.when.clone(),
            lifecycle: self.lifecycle.clone(),
            depends_on: self.depends_on.clone(),
        }
    }

    /// Its name in expressions.
    pub(crate) fn dotted(&self) -> Text {
        format!("{}.{}", self.type_name, self.name).into()
    }

    /// Takes the arguments that every resource has out of the type's own.
    fn take_common(&mut self, diagnostics: &mut Vec<Diagnostic>) {
        let NodeKind::Map(entries) = &mut self.arguments.kind else {
            diagnostics.push(not_a_table(&self.name, &self.arguments));
            self.arguments.kind = NodeKind::Unknown;
            return;
        };
        if !entries
            .iter()
            .any(|entry| COMMON.contains(&entry.key.as_str()))
        {
            return;
        }
        for entry in std::mem::take(entries) {
            match entry.key.as_str() {
                "for_each" => self.for_each = Some(entry.node),
                "when" => self.when = Some(entry.node),
                "lifecycle" => self.lifecycle = Some(entry.node),
                "depends_on" => self.depends_on = depends_on(&entry.node, diagnostics),
                "provider" => check_provider(&entry.node, &self.type_name, diagnostics),
                _ => entries.push(entry),
            }
        }
    }
}

fn depends_on(node: &Node, diagnostics: &mut Vec<Diagnostic>) -> Vec<(Address, Span)> {
    const HELP: &str = "write addresses in quotes, like `[\"kubernetes.namespace.team\"]`";
    if !matches!(node.kind, NodeKind::List(_)) {
        let message = format!(
            "`depends_on` is a list of addresses, this is {}",
            node.describe()
        );
        diagnostics.push(
            Diagnostic::error("wrong-type", message)
                .at(node.span)
                .help(HELP),
        );
        return Vec::new();
    }
    let mut found = Vec::new();
    for item in node.items() {
        let parsed = item.as_str().map(str::parse::<Address>);
        match parsed {
            Some(Ok(address)) if address.modules.is_empty() && address.manifests.is_none() => {
                found.push((address, item.span));
            }
            Some(Ok(_)) => diagnostics.push(
                Diagnostic::error(
                    "invalid-address",
                    "only resources of this stack can be named",
                )
                .at(item.span)
                .help(HELP),
            ),
            Some(Err(error)) => diagnostics.push(
                Diagnostic::error("invalid-address", error.to_string())
                    .at(item.span)
                    .help(HELP),
            ),
            None => {
                let message = format!("an address is a string, this is {}", item.describe());
                diagnostics.push(
                    Diagnostic::error("wrong-type", message)
                        .at(item.span)
                        .help(HELP),
                );
            }
        }
    }
    found
}

fn check_provider(node: &Node, type_name: &str, diagnostics: &mut Vec<Diagnostic>) {
    let default = type_name.split('.').next().unwrap_or_default();
    if node.as_str() != Some(default) {
        diagnostics.push(
            Diagnostic::error(
                "not-supported-yet",
                "more than the default instance of a provider is not supported in this version",
            )
            .at(node.span)
            .help(format!(
                "leave `provider` out, or write `provider = \"{default}\"`"
            )),
        );
    }
}
