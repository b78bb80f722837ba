use rbacform_core::{Argument, Map, Node, Type, Value};

use crate::member;
use crate::settings;
use crate::target::is_project_id;

pub(super) const EXPORTED: [Argument; 4] = [
    Argument::optional("email", Type::String, "Its e-mail address, known at plan."),
    Argument::optional(
        "member",
        Type::String,
        "`serviceAccount:EMAIL`, as grants take it, known at plan.",
    ),
    Argument::optional(
        "name",
        Type::String,
        "`projects/P/serviceAccounts/EMAIL`, as `resource` takes it, known at plan.",
    ),
    Argument::optional(
        "unique_id",
        Type::String,
        "Google's own number for this very account, known after apply.",
    ),
];

/// All but the unique id follow from the account's id and project.
pub(super) fn exports(arguments: &Node, settings: &Node) -> Map {
    let mut exports = Map::new();
    exports.insert("unique_id", Value::Unknown);
    let project = match arguments.get("project") {
        Some(node) => node.as_str().filter(|project| is_project_id(project)),
        None => settings::default_project(Some(settings)),
    };
    let account_id = arguments.get("account_id").and_then(Node::as_str);
    if let (Some(project), Some(account_id)) = (project, account_id) {
        let email = member::address(account_id, project);
        exports.insert("project", project);
        exports.insert("member", format!("serviceAccount:{email}"));
        exports.insert(
            "name",
            format!("projects/{project}/serviceAccounts/{email}"),
        );
        exports.insert("email", email);
    }
    exports
}
