//! The resource types: one directory each. `spec` reads the arguments and says what is wrong with
//! them; `exports`, where there is one, says what others may refer to. How objects are read and
//! written is the client's.

mod custom_role;
mod iam_binding;
mod iam_member;
mod iam_policy;
mod service_account;
mod workload_identity;

use rbacform_core::{Argument, Diagnostic, Map, Node, ObjectId, ResolvedObject, TypeSchema, Value};

use crate::input::{Input, argument};
use crate::settings;
use crate::target::{is_project_id, is_project_number};

/// Everything that differs between types.
pub(crate) struct TypeOf {
    pub(crate) schema: &'static TypeSchema,
    /// Arguments to a resolved object. `None` only where an error was reported.
    pub(crate) resolve: fn(&mut Input<'_>, &Node) -> Option<ResolvedObject>,
    /// What else others may refer to.
    pub(crate) exported: &'static [Argument],
    /// Its values, as far as they follow from arguments and settings.
    pub(crate) exports: fn(&Node, &Node) -> Map,
}

static TYPES: [TypeOf; 6] = [
    service_account::TYPE,
    custom_role::TYPE,
    iam_member::TYPE,
    iam_binding::TYPE,
    iam_policy::TYPE,
    workload_identity::TYPE,
];

/// The schemas, in the same order.
pub(crate) static SCHEMAS: [TypeSchema; 6] = [
    service_account::SCHEMA,
    custom_role::SCHEMA,
    iam_member::SCHEMA,
    iam_binding::SCHEMA,
    iam_policy::SCHEMA,
    workload_identity::SCHEMA,
];

/// The type of that name.
pub(crate) fn named(name: &str) -> Option<&'static TypeOf> {
    TYPES.iter().find(|known| known.schema.name == name)
}

fn no_exports(_: &Node, _: &Node) -> Map {
    Map::new()
}

/// A resolved object of a type, without anything that is rare.
fn resolved(
    schema: &TypeSchema,
    object: ObjectId,
    attributes: Map,
    requires: Vec<ObjectId>,
) -> ResolvedObject {
    ResolvedObject {
        type_name: schema.name,
        requires: requires
            .into_iter()
            .filter(|needed| *needed != object)
            .collect(),
        object,
        attributes: Value::Map(attributes),
        built_in: false,
        expires: None,
        warnings: Vec::new(),
    }
}

/// The project of a service account or custom role: its own, or the provider's. An id.
fn project(input: &mut Input<'_>, arguments: &Node, of: &str) -> Option<String> {
    let Some((text, span)) = input.optional(arguments, "project") else {
        let given = settings::default_project(input.settings);
        if given.is_none() && argument(arguments, "project").is_none() {
            let none = || {
                Diagnostic::error("no-project", format!("the {of} has no project"))
                    .at(input.span)
                    .help(
                        "set `project` here or in `[providers.gcp]`, or `GOOGLE_CLOUD_PROJECT` \
                         around it",
                    )
            };
            let error = settings::wrong_project(input.settings).unwrap_or_else(none);
            input.report(error);
        }
        return given.map(str::to_owned);
    };
    if is_project_id(&text) {
        return Some(text.into());
    }
    let (message, help) = match text.strip_prefix("projects/") {
        Some(id) => (
            format!("`{text}` is no project's id"),
            format!("write `{id}`"),
        ),
        None if is_project_number(&text) => (
            format!("`{text}` is a project's number"),
            "write its id: names are made of it".to_owned(),
        ),
        None => (
            format!("`{text}` is no project's id"),
            "an id is 6 to 30 lower-case letters, digits and `-`, beginning with a letter"
                .to_owned(),
        ),
    };
    input.report(
        Diagnostic::error("invalid-project", message)
            .at(span)
            .help(help),
    );
    None
}
