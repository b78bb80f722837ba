//! The document: the tables of all files of a stack, put together by what they declare.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Slot;

use rbacform_core::{Diagnostic, Entry, Node, NodeKind, Span, Text, hint};

/// Everything the files declare, before anything is evaluated.
#[derive(Default)]
pub(crate) struct Document {
    pub(crate) stack: Vec<Node>,
    pub(crate) variables: Tables,
    pub(crate) locals: Tables,
    pub(crate) providers: Tables,
    pub(crate) outputs: Tables,
    /// By type, e.g. `kubernetes.role`, then by name.
    pub(crate) resources: BTreeMap<Text, Tables>,
    pub(crate) manifests: Vec<Node>,
    pub(crate) assertions: Vec<Node>,
    /// `[policy]` of every file that has one.
    pub(crate) policy: Vec<Entry>,
}

/// Named tables in order of their names.
pub(crate) type Tables = BTreeMap<Text, Declared>;

/// A named table or value and the place of its name.
#[derive(Clone, Debug)]
pub(crate) struct Declared {
    pub(crate) key_span: Span,
    pub(crate) node: Node,
}

/// The tables at the top of a file.
const TABLES: [&str; 10] = [
    "stack",
    "variables",
    "locals",
    "providers",
    "outputs",
    "manifests",
    "assert",
    "policy",
    "kubernetes",
    "gcp",
];

/// Tables of the language that this version does not know yet, and what they are for.
const NOT_YET: [(&str, &str); 3] = [
    ("modules", "modules are not supported in this version"),
    ("import", "`[[import]]` is not supported in this version"),
    ("removed", "`[[removed]]` is not supported in this version"),
];

impl Document {
    /// Adds the root table of a file.
    pub(crate) fn add(&mut self, root: Node, diagnostics: &mut Vec<Diagnostic>) {
        let NodeKind::Map(entries) = root.kind else {
            return;
        };
        for entry in entries {
            self.add_table(entry, diagnostics);
        }
    }

    fn add_table(&mut self, entry: Entry, diagnostics: &mut Vec<Diagnostic>) {
        if let Some((_, message)) = NOT_YET.iter().find(|(name, _)| *name == entry.key) {
            diagnostics.push(not_yet(entry.key_span, *message));
            return;
        }
        match entry.key.as_str() {
            "stack" => self.stack.push(entry.node),
            "variables" => merge(&mut self.variables, entry, "variable", diagnostics),
            "locals" => merge(&mut self.locals, entry, "local", diagnostics),
            "providers" => merge(&mut self.providers, entry, "provider", diagnostics),
            "outputs" => merge(&mut self.outputs, entry, "output", diagnostics),
            "policy" => self.policy.push(entry),
            "kubernetes" | "gcp" => self.add_types(entry, diagnostics),
            "manifests" => self.manifests.extend(tables(entry, diagnostics)),
            "assert" => self.assertions.extend(tables(entry, diagnostics)),
            other => diagnostics.push(unknown_table(other, entry.key_span)),
        }
    }

    fn add_types(&mut self, provider: Entry, diagnostics: &mut Vec<Diagnostic>) {
        let NodeKind::Map(types) = provider.node.kind else {
            diagnostics.push(not_a_table(&provider.key, &provider.node));
            return;
        };
        for kind in types {
            let type_name = Text::from(format!("{}.{}", provider.key, kind.key));
            let held = self.resources.entry(type_name).or_default();
            merge(held, kind, "resource", diagnostics);
        }
    }
}

/// The tables of a `[[list]]`.
fn tables(entry: Entry, diagnostics: &mut Vec<Diagnostic>) -> Vec<Node> {
    let NodeKind::List(items) = entry.node.kind else {
        let message = format!("`{}` is a list of tables", entry.key);
        diagnostics.push(
            Diagnostic::error("wrong-type", message)
                .at(entry.key_span)
                .help(format!("write `[[{}]]`", entry.key)),
        );
        return Vec::new();
    };
    items
}

/// An error about a part of the language that comes later.
pub(crate) fn not_yet(span: Span, message: impl Into<String>) -> Diagnostic {
    Diagnostic::error("not-supported-yet", message).at(span)
}

/// An error about a key that nothing knows, with the closest of those that are known.
pub(crate) fn unknown_key<'k>(
    key: &str,
    span: Span,
    of: &str,
    known: impl IntoIterator<Item = &'k str>,
) -> Diagnostic {
    let known: Vec<&str> = known.into_iter().collect();
    let help = match hint::closest(key, known.iter().copied()) {
        Some(closest) => format!("did you mean `{closest}`?"),
        None => format!("known are `{}`", known.join("`, `")),
    };
    Diagnostic::error("unknown-key", format!("unknown key `{key}` in {of}"))
        .at(span)
        .help(help)
}

pub(crate) fn not_a_table(name: &str, node: &Node) -> Diagnostic {
    let message = format!("`{name}` is a table, this is {}", node.describe());
    Diagnostic::error("wrong-type", message).at(node.span)
}

/// A name that expressions and addresses can hold.
pub(crate) fn check_name(name: &str, span: Span, what: &str) -> Option<Diagnostic> {
    let legal = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    // `in` is an operator of CEL wherever it stands.
    if begins && name.chars().all(legal) && name != "in" {
        return None;
    }
    if name == "in" {
        let message = format!("`in` is a word of expressions and cannot name a {what}");
        return Some(Diagnostic::error("invalid-name", message).at(span));
    }
    let mended: String = name
        .chars()
        .map(|c| if legal(c) { c } else { '_' })
        .collect();
    let mended = if begins { mended } else { format!("_{mended}") };
    let message = format!("`{name}` cannot name a {what}: use letters, digits and `_`");
    let error = Diagnostic::error("invalid-name", message).at(span);
    Some(if name.is_empty() {
        error
    } else {
        error.help(format!("for example `{mended}`"))
    })
}

fn unknown_table(name: &str, span: Span) -> Diagnostic {
    let help = match hint::closest(name, TABLES) {
        Some(closest) => format!("did you mean `{closest}`?"),
        None => "tables are `stack`, `variables`, `locals`, `providers`, `outputs`, \
                 `manifests`, `assert`, `policy` and resources like `kubernetes.role.NAME`"
            .to_owned(),
    };
    Diagnostic::error("unknown-key", format!("unknown table `{name}`"))
        .at(span)
        .help(help)
}

/// Adds the tables of one file to those of others. A name said twice is an error that shows both.
fn merge(into: &mut Tables, entry: Entry, what: &str, diagnostics: &mut Vec<Diagnostic>) {
    let NodeKind::Map(entries) = entry.node.kind else {
        diagnostics.push(not_a_table(&entry.key, &entry.node));
        return;
    };
    for Entry {
        key,
        key_span,
        node,
    } in entries
    {
        match into.entry(key) {
            Slot::Vacant(slot) => {
                slot.insert(Declared { key_span, node });
            }
            Slot::Occupied(held) => {
                let (first, second) = in_order(held.get().key_span, key_span);
                let message = format!("the {what} `{}` is declared twice", held.key());
                diagnostics.push(
                    Diagnostic::error("duplicate-declaration", message)
                        .at(second)
                        .related(first, "first declared here"),
                );
            }
        }
    }
}

fn in_order(a: Span, b: Span) -> (Span, Span) {
    if a <= b { (a, b) } else { (b, a) }
}
