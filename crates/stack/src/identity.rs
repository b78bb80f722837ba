//! `[stack]`: the stack's name and the version of rbacform it needs.

use rbacform_core::{Diagnostic, Node, NodeKind, SourceMap, Span};

use crate::document::{not_a_table, unknown_key};

const KEYS: [&str; 3] = ["name", "required_version", "description"];

/// What `[stack]` says.
pub(crate) struct Identity {
    pub(crate) name: String,
    pub(crate) span: Span,
}

/// Reads the `[stack]` tables of all files: exactly one has the name.
pub(crate) fn read(
    tables: &[Node],
    sources: &SourceMap,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Identity> {
    let mut found: Option<Identity> = None;
    let mut named = false;
    for table in tables {
        if !matches!(table.kind, NodeKind::Map(_)) {
            diagnostics.push(not_a_table("stack", table));
            named = true;
            continue;
        }
        for entry in table.entries() {
            let node = &entry.node;
            match entry.key.as_str() {
                "name" => {
                    named = true;
                    match (check_name(node), &found) {
                        (Err(error), _) => diagnostics.push(*error),
                        (Ok(_), Some(first)) => diagnostics.push(
                            Diagnostic::error(
                                "duplicate-declaration",
                                "the stack's name is given twice",
                            )
                            .at(node.span)
                            .related(first.span, "first given here"),
                        ),
                        (Ok(name), None) => {
                            found = Some(Identity {
                                name,
                                span: node.span,
                            });
                        }
                    }
                }
                "required_version" => diagnostics.extend(check_version(node)),
                "description" => {}
                other => {
                    diagnostics.push(unknown_key(other, entry.key_span, "`[stack]`", KEYS));
                }
            }
        }
    }
    if !named {
        let error = Diagnostic::error("missing-name", "the stack has no name")
            .help("write `[stack]` and in it `name = \"...\"` in one of its files");
        let place = tables.first().map(|table| table.span);
        let first = sources
            .files()
            .next()
            .map(|(file, _)| Span::new(file, 0..0));
        diagnostics.push(match place.or(first) {
            Some(span) => error.at(span),
            None => error,
        });
    }
    found
}

/// `[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?`
fn check_name(node: &Node) -> Result<String, Box<Diagnostic>> {
    let Some(name) = node.as_str() else {
        let message = format!("`name` is a string, this is {}", node.describe());
        return Err(Box::new(
            Diagnostic::error("wrong-type", message).at(node.span),
        ));
    };
    let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let edges = !name.starts_with('-') && !name.ends_with('-');
    if (1..=63).contains(&name.len()) && name.chars().all(legal) && edges {
        return Ok(name.to_owned());
    }
    let shown: String = name.chars().take(80).collect();
    Err(Box::new(
        Diagnostic::error("invalid-name", format!("`{shown}` cannot name a stack"))
            .at(node.span)
            .help("use at most 63 lower-case letters, digits and `-`, which is at neither end"),
    ))
}

fn check_version(node: &Node) -> Option<Diagnostic> {
    const HELP: &str = "write it like `>=0.1` or `^1.2, <1.9`";
    let Some(text) = node.as_str() else {
        let message = format!(
            "`required_version` is a string, this is {}",
            node.describe()
        );
        return Some(
            Diagnostic::error("wrong-type", message)
                .at(node.span)
                .help(HELP),
        );
    };
    let Ok(required) = semver::VersionReq::parse(text) else {
        let message = format!("`{text}` is no version requirement");
        return Some(
            Diagnostic::error("invalid-version", message)
                .at(node.span)
                .help(HELP),
        );
    };
    let ours = semver::Version::parse(env!("CARGO_PKG_VERSION")).ok()?;
    (!required.matches(&ours)).then(|| {
        let message = format!("the stack needs rbacform `{text}`, this is {ours}");
        Diagnostic::error("wrong-version", message).at(node.span)
    })
}
