//! The arguments of a whole binding.

use std::collections::BTreeSet;

use rbacform_core::{Node, ResolvedObject, TypeSchema};

use crate::condition::{self, CONDITION, UNTIL};
use crate::grant::{self, MEMBERS, RESOURCE, ROLE};
use crate::ident::{self, IAM_BINDING};
use crate::input::Input;
use crate::policy::binding_attributes;
use crate::types::resolved;

pub(crate) const SCHEMA: TypeSchema = TypeSchema {
    name: "gcp.iam_binding",
    kind: IAM_BINDING,
    doc: "Everybody who has one role on one resource, under one condition or none: whoever is not \
          named loses it. The plan names who does.",
    arguments: &[RESOURCE, ROLE, MEMBERS, CONDITION, UNTIL],
    immutable: &["resource", "role", "condition"],
    abandon_by_default: false,
};

pub(super) fn resolve(input: &mut Input<'_>, arguments: &Node) -> Option<ResolvedObject> {
    let resource = grant::resource(input, arguments);
    let role = grant::role(input, arguments);
    let name = resource.as_ref().map(|(name, _)| name);
    let members = grant::members(input, arguments, name);
    let known = members.as_deref().unwrap_or_default();
    if let (Some(role), Some(name)) = (&role, name) {
        grant::check_role(input, role, name, known);
    }
    let conditional = condition::read(
        input,
        arguments,
        name.map(|name| name.target()),
        role.as_ref().map(|role| role.name.as_str()),
        known,
    );
    let ((name, span), role, members, conditional) = (resource?, role?, members?, conditional?);
    let first = members.first().map_or("", String::as_str);
    grant::check_policy_method(input, &name, span, &role.name, first);
    let condition = conditional.condition.as_ref();
    let requires = grant::requires(input.instance, &name, &role.name, &members);
    let object = ident::iam_binding(input.instance, name.as_str(), &role.name, condition);
    let set: BTreeSet<&str> = members.iter().map(String::as_str).collect();
    let mut attributes = binding_attributes(&role.name, condition, &set);
    attributes.insert("resource", name.as_str());
    Some(ResolvedObject {
        expires: conditional.expires,
        ..resolved(&SCHEMA, object, attributes, requires)
    })
}
