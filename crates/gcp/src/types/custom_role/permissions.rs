//! The permissions of a custom role.

use rbacform_core::{Diagnostic, Map, Node, Value};

use crate::input::{Input, argument};
use crate::roles;

/// Google: the most permissions of one role.
const MOST: usize = 3000;
/// Google: the most bytes of title, description and permissions together.
const BYTES: usize = 64 * 1024;

/// Reads `permissions`: sorted, each once. One that nobody knows is an error where a known one is
/// close, else a warning: the table has a date, and Google adds permissions.
pub(super) fn read(input: &mut Input<'_>, node: &Node) -> Option<Vec<String>> {
    let items = input.list(node, "permissions");
    let mut found = Vec::with_capacity(items.len());
    for item in items {
        let permission = input.text(item, "permissions")?;
        if let Some(problem) = problem(&permission) {
            input.report(problem.at(item.span));
        }
        found.push(permission.into());
    }
    found.sort();
    found.dedup();
    if found.len() > MOST {
        let message = format!(
            "the role has {} permissions, Google allows {MOST}",
            found.len()
        );
        input.report(
            Diagnostic::error("too-many-permissions", message)
                .at(node.span)
                .help("split it into several roles"),
        );
    }
    Some(found)
}

fn problem(permission: &str) -> Option<Diagnostic> {
    if roles::permission_exists(permission) {
        return None;
    }
    let legal = |c: char| c.is_ascii_alphanumeric() || "._-/".contains(c);
    if permission.split('.').count() < 3 || !permission.chars().all(legal) {
        let message = format!("`{}` is no permission", permission.escape_debug());
        let help = match permission.contains('*') {
            true => "custom roles take no wildcards: name each permission",
            false => "a permission is `SERVICE.TYPE.VERB`, e.g. `storage.objects.get`",
        };
        return Some(Diagnostic::error("invalid-permission", message).help(help));
    }
    let message = format!("no predefined role holds a permission `{permission}`");
    Some(match roles::closest_permission(permission) {
        Some(close) => Diagnostic::error("unknown-permission", message)
            .help(format!("did you mean `{close}`?")),
        None => Diagnostic::warning("unknown-permission", message).help(format!(
            "Google refuses what it does not know; what it made after {} is not known here",
            roles::date()
        )),
    })
}

/// Reports a role that is too large as a whole.
pub(super) fn check_size(
    input: &mut Input<'_>,
    arguments: &Node,
    attributes: &Map,
    permissions: &[String],
) {
    let text = |name: &str| {
        attributes
            .get(name)
            .and_then(Value::as_str)
            .map_or(0, str::len)
    };
    let bytes =
        text("title") + text("description") + permissions.iter().map(String::len).sum::<usize>();
    if let Some(node) = argument(arguments, "permissions").filter(|_| bytes > BYTES) {
        let message = format!("the role has {bytes} bytes of text, Google allows {BYTES}");
        input.error("too-long", node.span, message);
    }
}
