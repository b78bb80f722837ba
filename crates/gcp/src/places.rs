//! Where a member of a whole binding or policy is written, in its table of a stack file, no `${...}`
//! evaluated.

use rbacform_core::{Entry, Node, NodeKind, Span};

/// The place of a member among `members`: of the table itself, or of the binding of `role` among its
/// `bindings`. Where it cannot be told which one it is, the place is that of the list; `None` where
/// the table is one grant.
pub fn member_place(table: &Node, role: &str, member: &str) -> Option<Span> {
    if let Some(members) = table.entry("members") {
        return Some(among(members, member));
    }
    let bindings = table.entry("bindings")?;
    let mut of_role = bindings.node.items().iter().filter(|binding| {
        let written = binding.get("role").and_then(Node::as_str);
        written.is_some_and(|written| written == role || written.contains("${"))
    });
    let only = of_role.next().filter(|_| of_role.next().is_none());
    let members = only.and_then(|binding| binding.entry("members"));
    Some(members.map_or(bindings.key_span, |members| among(members, member)))
}

fn among(members: &Entry, member: &str) -> Span {
    match (members.node.item(member), &members.node.kind) {
        (Some(item), _) => item.span,
        (None, NodeKind::String(_)) => members.node.span,
        (None, _) => members.key_span,
    }
}
