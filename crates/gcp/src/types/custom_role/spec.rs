//! The arguments of a custom role.
//!
//! Google: `Role` in `iam.v1`, `iam/quotas`.

use rbacform_core::{
    Argument, Diagnostic, Map, Node, NodeKind, ObjectId, ResolvedObject, Type, TypeSchema,
};

use super::permissions;
use crate::grant::is_custom_id;
use crate::ident::CUSTOM_ROLE;
use crate::input::{Input, argument};
use crate::target::is_project_number;
use crate::types::{project, resolved};

pub(crate) const SCHEMA: TypeSchema = TypeSchema {
    name: "gcp.custom_role",
    kind: CUSTOM_ROLE,
    doc: "A custom role of a project or organization. A deleted one can be brought back for seven \
          days, and its grants with it; after that its id cannot be used again for about a month.",
    arguments: &[
        Argument::required(
            "role_id",
            Type::String,
            "Its id: 3 to 64 letters, digits, `_` and `.`.",
        ),
        Argument::optional(
            "project",
            Type::String,
            "The id of the project it belongs to; the provider's where neither this nor \
             `organization` is given.",
        ),
        Argument::optional(
            "organization",
            Type::String,
            "The number of the organization it belongs to.",
        ),
        Argument::optional("title", Type::String, "A name for people, up to 100 bytes."),
        Argument::optional(
            "description",
            Type::String,
            "What it is for, up to 300 bytes.",
        ),
        Argument::optional(
            "stage",
            Type::Enum(&["ALPHA", "BETA", "GA", "DEPRECATED", "DISABLED", "EAP"]),
            "How finished it is; `GA` where left out. A `DISABLED` role grants nothing.",
        ),
        Argument::required(
            "permissions",
            Type::List(&Type::String),
            "What it allows, e.g. `aiplatform.endpoints.predict`. A set: order is no difference.",
        ),
    ],
    immutable: &["role_id", "project", "organization"],
    abandon_by_default: false,
};

const TITLE: usize = 100;
const DESCRIPTION: usize = 300;

pub(super) fn resolve(input: &mut Input<'_>, arguments: &Node) -> Option<ResolvedObject> {
    let role_id = input.required(arguments, "role_id");
    if let Some((id, span)) = &role_id
        && !is_custom_id(id)
    {
        let message = format!("`{id}` cannot be a custom role's id");
        let help = match id.replace('-', "_") {
            fixed if is_custom_id(&fixed) => format!("write `{fixed}`: ids have no `-`"),
            _ => "use 3 to 64 letters, digits, `_` and `.`".to_owned(),
        };
        input.report(
            Diagnostic::error("invalid-role-id", message)
                .at(*span)
                .help(help),
        );
    }
    let mut attributes = Map::new();
    let owner = owner(input, arguments, &mut attributes);
    for (name, most) in [("title", TITLE), ("description", DESCRIPTION)] {
        if let Some((text, span)) = input.optional(arguments, name) {
            input.limit(&text, span, name, most);
            if !text.is_empty() {
                attributes.insert(name, text);
            }
        }
    }
    let stage = input.optional(arguments, "stage");
    attributes.insert("stage", stage.as_ref().map_or("GA", |(stage, _)| stage));
    let permissions = match argument(arguments, "permissions") {
        Some(node) => permissions::read(input, node),
        None => {
            input.missing(input.span, "permissions");
            None
        }
    };
    let ((role_id, _), owner, permissions) = (role_id?, owner?, permissions?);
    permissions::check_size(input, arguments, &attributes, &permissions);
    let object = ObjectId::cluster(
        input.instance,
        CUSTOM_ROLE,
        &format!("{owner}/roles/{role_id}"),
    );
    attributes.insert("role_id", role_id);
    attributes.insert("permissions", permissions);
    Some(resolved(&SCHEMA, object, attributes, Vec::new()))
}

/// `projects/P` or `organizations/N`; the attribute goes along.
fn owner(input: &mut Input<'_>, arguments: &Node, attributes: &mut Map) -> Option<String> {
    let Some(node) = argument(arguments, "organization") else {
        let project = project(input, arguments, "custom role")?;
        let owner = format!("projects/{project}");
        attributes.insert("project", project);
        return Some(owner);
    };
    if let Some(entry) = arguments
        .entry("project")
        .filter(|entry| entry.node.kind != NodeKind::Null)
    {
        input.report(
            Diagnostic::error(
                "duplicate-argument",
                "`project` and `organization` are both set",
            )
            .at(entry.key_span)
            .help("a custom role belongs to one of the two"),
        );
    }
    let text = input.text(node, "organization")?;
    let number = text.strip_prefix("organizations/").unwrap_or(&text);
    if !is_project_number(number) {
        input.report(
            Diagnostic::error(
                "invalid-organization",
                format!("`{text}` is no organization"),
            )
            .at(node.span)
            .help("write its number; `gcloud organizations list` tells it"),
        );
        return None;
    }
    attributes.insert("organization", number);
    Some(format!("organizations/{number}"))
}
