//! Fields of a document under the names of arguments.

use rbacform_core::{Diagnostic, Entry, Node, NodeKind, hint};

use crate::input::Input;

/// Reports the fields of a document that its kind does not have.
pub(crate) fn only_known(input: &mut Input<'_>, document: &Node, known: &[&str]) {
    let all: Vec<&str> = ["apiVersion", "kind", "metadata"]
        .iter()
        .chain(known)
        .copied()
        .collect();
    for entry in document.entries() {
        if !all.contains(&entry.key.as_str()) {
            unknown(input, entry, "the document", &all);
        }
    }
}

/// Reports the fields of a map that it does not have.
pub(crate) fn fields(input: &mut Input<'_>, node: &Node, what: &str, known: &[&str]) {
    for entry in input.map(node, what) {
        if !known.contains(&entry.key.as_str()) {
            unknown(input, entry, &format!("`{what}`"), known);
        }
    }
}

pub(super) fn unknown(input: &mut Input<'_>, entry: &Entry, place: &str, known: &[&str]) {
    let place = place.trim_matches('`');
    let help = match hint::closest(&entry.key, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known here: `{}`", known.join("`, `")),
    };
    input.report(
        Diagnostic::error(
            "unknown-field",
            format!("unknown field `{}` in {place}", entry.key),
        )
        .at(entry.key_span)
        .help(help),
    );
}

/// A field under an argument's name.
pub(crate) fn entry(field: &Entry, name: &str, kind: NodeKind) -> Entry {
    Entry {
        key: name.into(),
        key_span: field.key_span,
        node: Node {
            kind,
            span: field.node.span,
        },
    }
}

/// A map whose fields are renamed to arguments; unknown ones are reported.
fn renamed(input: &mut Input<'_>, node: &Node, what: &str, names: &[(&str, &str)]) -> Node {
    if !matches!(node.kind, NodeKind::Map(_)) {
        return node.clone();
    }
    let known: Vec<&str> = names.iter().map(|(field, _)| *field).collect();
    fields(input, node, what, &known);
    let entries = names.iter().filter_map(|(field, name)| {
        let found = node.entry(field)?;
        Some(entry(found, name, found.node.kind.clone()))
    });
    Node {
        kind: NodeKind::Map(entries.collect()),
        span: node.span,
    }
}

pub(super) fn renamed_items(
    input: &mut Input<'_>,
    node: &Node,
    what: &str,
    names: &[(&str, &str)],
) -> NodeKind {
    let NodeKind::List(items) = &node.kind else {
        return node.kind.clone();
    };
    let items = items.iter().enumerate();
    NodeKind::List(
        items
            .map(|(index, item)| renamed(input, item, &format!("{what}[{index}]"), names))
            .collect(),
    )
}
