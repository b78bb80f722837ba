//! The argument `role`.

use rbacform_core::{Argument, Diagnostic, Node, NodeKind, Span, Type, Value};

use crate::input::{Input, argument};
use crate::roles;
use crate::settings;
use crate::target::{check_segment, is_project_number};

/// The argument.
pub(crate) const ROLE: Argument = Argument::required(
    "role",
    Type::OneOf(&[Type::String, Type::Reference(&["gcp.custom_role"])]),
    "A predefined role, `roles/aiplatform.user`, or a custom one: `projects/P/roles/ID`, \
     `organizations/N/roles/ID`, or a reference to it.",
);

/// A role as declared.
#[derive(Clone, Debug)]
pub(crate) struct Role {
    /// Its full name.
    pub(crate) name: String,
    /// What it holds, where that is known: of a custom role that the stack declares.
    pub(crate) permissions: Option<Vec<String>>,
    pub(crate) span: Span,
}

/// Reads `role`.
pub(crate) fn role(input: &mut Input<'_>, arguments: &Node) -> Option<Role> {
    match argument(arguments, "role") {
        Some(node) => read_role(input, node),
        None => {
            input.missing(arguments.span, "role");
            None
        }
    }
}

/// Reads one role. It is one of Google's, or has the form of a custom one.
fn read_role(input: &mut Input<'_>, node: &Node) -> Option<Role> {
    let mut permissions = None;
    let name: String = match &node.kind {
        NodeKind::Reference(reference) => {
            let held = reference
                .attributes
                .get("permissions")
                .and_then(Value::as_list);
            permissions = held.map(|held| {
                let held = held.iter().filter_map(Value::as_str);
                held.map(str::to_owned).collect()
            });
            match reference.attributes.get("name").and_then(Value::as_str) {
                Some(name) => name.to_owned(),
                None => {
                    input.wrong_type(node, "role", "a role with a name");
                    return None;
                }
            }
        }
        _ => input.text(node, "role")?.into(),
    };
    match check(input, &name) {
        Ok(()) => Some(Role {
            name,
            permissions,
            span: node.span,
        }),
        Err(error) => {
            input.report(error.at(node.span));
            None
        }
    }
}

fn check(input: &Input<'_>, name: &str) -> Result<(), Diagnostic> {
    if name == "roles/" {
        return Err(Diagnostic::error("invalid-role", "`roles/` names no role"));
    }
    if name.starts_with("roles/") {
        if roles::exists(name) || settings::knows_role(input.settings, name) {
            return Ok(());
        }
        let newer = format!(
            "if Google made it after {}, name it in `[providers.gcp]`: `known_roles = [\"{name}\"]`",
            roles::date()
        );
        let help = match roles::closest(name) {
            Some(close) => format!("did you mean `{close}`? {newer}"),
            None => newer,
        };
        let message = format!("there is no predefined role `{name}`");
        return Err(Diagnostic::error("unknown-role", message).help(help));
    }
    if is_custom(name) {
        return Ok(());
    }
    let help = match format!("roles/{name}") {
        full if roles::exists(&full) => format!("write `{full}`"),
        full => match roles::closest(&full) {
            Some(close) => format!("did you mean `{close}`?"),
            None => {
                "write `roles/NAME`, `projects/P/roles/ID` or `organizations/N/roles/ID`".to_owned()
            }
        },
    };
    Err(Diagnostic::error("invalid-role", format!("`{name}` is no role's name")).help(help))
}

/// Whether this has the form of a custom role's name.
fn is_custom(name: &str) -> bool {
    match name.split('/').collect::<Vec<_>>().as_slice() {
        ["projects", project, "roles", id] => {
            check_segment("project", project).is_none() && is_custom_id(id)
        }
        ["organizations", number, "roles", id] => is_project_number(number) && is_custom_id(id),
        _ => false,
    }
}

/// Whether this can be a custom role's id: `[A-Za-z0-9_.]{3,64}`.
pub(crate) fn is_custom_id(id: &str) -> bool {
    (3..=64).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.')
}
