//! Checking arguments against a schema: every problem, each at its place.

use rbacform_core::{Argument, Diagnostic, Node, NodeKind, Span, Type, hint};

/// Checks the arguments of `what`, a map, against a schema. Empty optional values are taken out,
/// and an argument with a problem becomes unknown, so that nothing else is said about it.
pub(crate) fn check_arguments(
    node: &mut Node,
    arguments: &'static [Argument],
    what: &str,
    header: Span,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let before = diagnostics.len();
    check_object(node, arguments, what, header, diagnostics);
    let wrong = diagnostics.iter().skip(before);
    let wrong: Vec<Span> = wrong.filter_map(Diagnostic::span).collect();
    let NodeKind::Map(entries) = &mut node.kind else {
        return;
    };
    for entry in entries {
        let span = entry.node.span;
        let within = |wrong: &Span| {
            wrong.file == span.file && span.start <= wrong.start && wrong.end <= span.end
        };
        if wrong.iter().any(within) {
            entry.node.kind = NodeKind::Unknown;
        }
    }
}

fn check_object(
    node: &mut Node,
    arguments: &'static [Argument],
    what: &str,
    header: Span,
    diagnostics: &mut Vec<Diagnostic>,
) {
    if let NodeKind::Map(entries) = &mut node.kind {
        entries.retain(|entry| !matches!(entry.node.kind, NodeKind::Null));
    }
    for argument in arguments.iter().filter(|argument| argument.required) {
        if node.get(argument.name).is_none() {
            let message = format!("{what} needs `{}`", argument.name);
            diagnostics.push(
                Diagnostic::error("missing-argument", message)
                    .at(header)
                    .help(first_sentence(argument.doc)),
            );
        }
    }
    let NodeKind::Map(entries) = &mut node.kind else {
        return;
    };
    for entry in entries {
        match arguments.iter().find(|argument| argument.name == entry.key) {
            Some(argument) => check(&mut entry.node, &argument.ty, argument.name, diagnostics),
            None => {
                let error = unknown(&entry.key, arguments, what).at(entry.key_span);
                diagnostics.push(error);
            }
        }
    }
}

fn unknown(name: &str, arguments: &'static [Argument], what: &str) -> Diagnostic {
    let names = arguments.iter().map(|argument| argument.name);
    let help = match hint::closest(name, names.clone()) {
        Some(closest) => format!("did you mean `{closest}`?"),
        None => format!("it takes `{}`", names.collect::<Vec<_>>().join("`, `")),
    };
    Diagnostic::error(
        "unknown-argument",
        format!("{what} has no argument `{name}`"),
    )
    .help(help)
}

fn check(node: &mut Node, ty: &'static Type, name: &str, diagnostics: &mut Vec<Diagnostic>) {
    if matches!(node.kind, NodeKind::Unknown) {
        return;
    }
    match ty {
        Type::Any => {}
        Type::String if node.as_str().is_some() => {}
        Type::Bool if node.as_bool().is_some() => {}
        Type::Int if matches!(node.kind, NodeKind::Int(_)) => {}
        Type::Enum(names) => check_enum(node, names, ty, name, diagnostics),
        Type::Reference(types) => {
            let fits = matches!(&node.kind, NodeKind::Reference(reference)
                if types.contains(&reference.type_name.as_str()));
            if !fits {
                diagnostics.push(wrong_type(node, ty, name));
            }
        }
        Type::List(item) => match &mut node.kind {
            NodeKind::List(items) => {
                items
                    .iter_mut()
                    .for_each(|node| check(node, item, name, diagnostics));
            }
            _ => diagnostics.push(wrong_type(node, ty, name)),
        },
        Type::Map(item) => match &mut node.kind {
            NodeKind::Map(entries) => {
                let nodes = entries.iter_mut().map(|entry| &mut entry.node);
                nodes.for_each(|node| check(node, item, name, diagnostics));
            }
            _ => diagnostics.push(wrong_type(node, ty, name)),
        },
        Type::Object(arguments) => {
            if matches!(node.kind, NodeKind::Map(_)) {
                let (what, span) = (format!("`{name}`"), node.span);
                check_object(node, arguments, &what, span, diagnostics);
            } else {
                diagnostics.push(wrong_type(node, ty, name));
            }
        }
        Type::OneOf(types) => check_one_of(node, types, ty, name, diagnostics),
        Type::String | Type::Bool | Type::Int => diagnostics.push(wrong_type(node, ty, name)),
    }
}

fn check_enum(
    node: &Node,
    names: &'static [&'static str],
    ty: &'static Type,
    name: &str,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let Some(text) = node.as_str() else {
        diagnostics.push(wrong_type(node, ty, name));
        return;
    };
    if !names.contains(&text) {
        let closest = hint::closest(text, names.iter().copied());
        diagnostics.push(
            Diagnostic::error("invalid-value", format!("`{name}` is {ty}, not `{text}`"))
                .at(node.span)
                .maybe_help(closest.map(|closest| format!("did you mean `{closest}`?"))),
        );
    }
}

/// Fits where any of the types does. Where none does, a map is compared with the one type that is
/// an object, a list with the one that is a list, since that is what was meant.
fn check_one_of(
    node: &mut Node,
    types: &'static [Type],
    ty: &'static Type,
    name: &str,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut closest: Option<Vec<Diagnostic>> = None;
    for candidate in types {
        let mut found = Vec::new();
        check(node, candidate, name, &mut found);
        if found.is_empty() {
            return;
        }
        let same_shape = matches!(
            (candidate, &node.kind),
            (Type::Object(_) | Type::Map(_), NodeKind::Map(_))
                | (Type::List(_), NodeKind::List(_))
                | (Type::Enum(_), NodeKind::String(_))
        );
        if same_shape {
            closest.get_or_insert(found);
        }
    }
    diagnostics.extend(closest.unwrap_or_else(|| vec![wrong_type(node, ty, name)]));
}

fn wrong_type(node: &Node, ty: &'static Type, name: &str) -> Diagnostic {
    let found = match &node.kind {
        NodeKind::Reference(reference) => {
            format!(
                "the resource `{}`, a `{}`",
                reference.address, reference.type_name
            )
        }
        _ => node.describe().to_owned(),
    };
    let scalar = matches!(
        node.kind,
        NodeKind::Bool(_) | NodeKind::Int(_) | NodeKind::Float(_)
    );
    let help = match (ty, &node.kind) {
        (Type::String | Type::Enum(_), _) if scalar => Some("put it in quotes".to_owned()),
        (Type::String, NodeKind::Reference(_)) => {
            Some("name one of its attributes, like `.name`".to_owned())
        }
        (Type::List(_), NodeKind::String(_)) => Some("put it in brackets: `[...]`".to_owned()),
        (Type::Bool, NodeKind::String(_)) => {
            Some("a boolean is `true` or `false`, without quotes".to_owned())
        }
        (Type::Int, NodeKind::String(_)) => Some("an integer has no quotes".to_owned()),
        _ => None,
    };
    Diagnostic::error(
        "wrong-type",
        format!("`{name}` takes {ty}, this is {found}"),
    )
    .at(node.span)
    .maybe_help(help)
}

fn first_sentence(doc: &str) -> String {
    doc.split_once(". ")
        .map_or(doc, |(first, _)| first)
        .trim_end_matches('.')
        .to_owned()
}
