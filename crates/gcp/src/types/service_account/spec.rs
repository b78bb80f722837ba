//! The arguments of a service account.
//!
//! Google: `CreateServiceAccountRequest` and `ServiceAccount` in `iam.v1`.

use rbacform_core::{Argument, Diagnostic, Map, Node, ObjectId, ResolvedObject, Type, TypeSchema};

use crate::ident::SERVICE_ACCOUNT;
use crate::input::{Input, argument};
use crate::member;
use crate::types::{project, resolved};

pub(crate) const SCHEMA: TypeSchema = TypeSchema {
    name: "gcp.service_account",
    kind: SERVICE_ACCOUNT,
    doc: "A service account. Deleting one is undone within 30 days by the same account coming back; \
          one that is made anew under the same address has another unique id, and holds none of \
          the old one's grants.",
    arguments: &[
        Argument::required(
            "account_id",
            Type::String,
            "The part of its address before the `@`: 6 to 30 lower-case letters, digits and `-`.",
        ),
        Argument::optional(
            "project",
            Type::String,
            "The id of the project it belongs to; the provider's where left out.",
        ),
        Argument::optional(
            "display_name",
            Type::String,
            "A name for people, up to 100 bytes.",
        ),
        Argument::optional(
            "description",
            Type::String,
            "What it is for, up to 256 bytes.",
        ),
        Argument::optional(
            "disabled",
            Type::Bool,
            "Whether it is switched off. Left as it is where this is left out, so that an account \
             which somebody switched off in an emergency stays off.",
        ),
    ],
    immutable: &["account_id", "project"],
    abandon_by_default: false,
};

/// Google: the longest display name, in bytes of UTF-8.
const DISPLAY_NAME: usize = 100;
/// Google: the longest description.
const DESCRIPTION: usize = 256;

pub(super) fn resolve(input: &mut Input<'_>, arguments: &Node) -> Option<ResolvedObject> {
    let account_id = input.required(arguments, "account_id");
    if let Some((id, span)) = &account_id
        && let Some(help) = wrong_id(id)
    {
        let message = format!("`{id}` cannot be a service account's id");
        input.report(
            Diagnostic::error("invalid-account-id", message)
                .at(*span)
                .help(help),
        );
    }
    let project = project(input, arguments, "service account");
    let mut attributes = Map::new();
    for (name, most) in [("display_name", DISPLAY_NAME), ("description", DESCRIPTION)] {
        if let Some((text, span)) = input.optional(arguments, name) {
            input.limit(&text, span, name, most);
            if !text.is_empty() {
                attributes.insert(name, text);
            }
        }
    }
    if let Some(node) = argument(arguments, "disabled") {
        match node.as_bool() {
            Some(disabled) => {
                attributes.insert("disabled", disabled);
            }
            None => input.wrong_type(node, "disabled", "a boolean"),
        }
    }
    let ((account_id, _), project) = (account_id?, project?);
    let email = member::address(&account_id, &project);
    let ident = format!("projects/{project}/serviceAccounts/{email}");
    attributes.insert("account_id", account_id);
    attributes.insert("project", project);
    let object = ObjectId::cluster(input.instance, SERVICE_ACCOUNT, &ident);
    Some(resolved(&SCHEMA, object, attributes, Vec::new()))
}

/// What is wrong with an account's id: `[a-z]([-a-z0-9]*[a-z0-9])`, 6 to 30 of them.
fn wrong_id(id: &str) -> Option<String> {
    if let Some((name, _)) = id.split_once('@') {
        return Some(format!("write only what stands before the `@`: `{name}`"));
    }
    if !(6..=30).contains(&id.len()) {
        let count = id.chars().count();
        return Some(format!("an id has 6 to 30 characters, this one {count}"));
    }
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let fine = id.bytes().all(inner)
        && id.bytes().next().is_some_and(|b| b.is_ascii_lowercase())
        && !id.ends_with('-');
    (!fine).then(|| {
        "use lower-case letters, digits and `-`, beginning with a letter and not ending with `-`"
            .to_owned()
    })
}
