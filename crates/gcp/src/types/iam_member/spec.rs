//! The arguments of a single grant.

use rbacform_core::{Node, ResolvedObject, TypeSchema};

use crate::condition::{self, CONDITION, UNTIL};
use crate::grant::{self, MEMBER, RESOURCE, ROLE};
use crate::ident::IAM_MEMBER;
use crate::input::{Input, argument};
use crate::policy::{Grant, grant_attributes};
use crate::types::resolved;

pub(crate) const SCHEMA: TypeSchema = TypeSchema {
    name: "gcp.iam_member",
    kind: IAM_MEMBER,
    doc: "One role on one resource to one principal, under a condition or none. What else stands on \
          the policy is shown and never touched.",
    arguments: &[RESOURCE, ROLE, MEMBER, CONDITION, UNTIL],
    immutable: &["resource", "role", "member", "condition"],
    abandon_by_default: false,
};

pub(super) fn resolve(input: &mut Input<'_>, arguments: &Node) -> Option<ResolvedObject> {
    let resource = grant::resource(input, arguments);
    let role = grant::role(input, arguments);
    let name = resource.as_ref().map(|(name, _)| name);
    let member = match argument(arguments, "member") {
        Some(node) => grant::member(input, node, name),
        None => {
            input.missing(input.span, "member");
            None
        }
    };
    let members = member.as_slice();
    if let (Some(role), Some(name)) = (&role, name) {
        grant::check_role(input, role, name, members);
    }
    let conditional = condition::read(
        input,
        arguments,
        name.map(|name| name.target()),
        role.as_ref().map(|role| role.name.as_str()),
        members,
    );
    let ((name, span), role, member, conditional) = (resource?, role?, member?, conditional?);
    grant::check_policy_method(input, &name, span, &role.name, &member);
    let grant = Grant {
        role: role.name,
        member,
        condition: conditional.condition,
    };
    let requires = grant::requires(input.instance, &name, &grant.role, [&grant.member]);
    let object = grant.object(input.instance, name.as_str());
    let attributes = grant_attributes(name.as_str(), &grant);
    Some(ResolvedObject {
        expires: conditional.expires,
        ..resolved(&SCHEMA, object, attributes, requires)
    })
}
