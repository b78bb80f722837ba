use rbacform_core::{Argument, Map, Node, Type};

use crate::settings;

pub(super) const EXPORTED: [Argument; 1] = [Argument::optional(
    "name",
    Type::String,
    "`projects/P/roles/ID` or `organizations/N/roles/ID`, as `role` takes it, known at plan.",
)];

pub(super) fn exports(arguments: &Node, settings: &Node) -> Map {
    let mut exports = Map::new();
    let text = |name: &str| arguments.get(name).and_then(Node::as_str);
    let owner = match text("organization") {
        Some(number) => {
            let number = number.strip_prefix("organizations/").unwrap_or(number);
            Some(format!("organizations/{number}"))
        }
        None => text("project")
            .or_else(|| settings::default_project(Some(settings)))
            .map(|project| format!("projects/{project}")),
    };
    if let (Some(owner), Some(id)) = (owner, text("role_id")) {
        exports.insert("name", format!("{owner}/roles/{id}"));
    }
    exports
}
