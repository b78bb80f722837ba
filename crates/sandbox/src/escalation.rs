//! Escalation prevention on writes of RBAC objects
//! (`pkg/registry/rbac/{clusterrole,rolebinding}/policybased`).

use rbacform_access::authorize::referenced_rules;
use rbacform_access::cover::confirm_no_escalation;
use rbacform_access::quote::go_quote;
use rbacform_access::subject::MASTERS;
use rbacform_access::{PolicyRule, RBAC_GROUP, ResourceRequest};
use serde_json::Value;

use crate::authn::Caller;
use crate::authz::may;
use crate::call::named;
use crate::kinds::{Kind, binding, role};
use crate::object::{meta, set_meta};
use crate::status::{Named, Status};
use crate::world::World;

/// Refuses a write by which the caller would hand out what it does not hold. `old` is `None` on a
/// create. Neither object carries managedFields.
pub(crate) fn check(
    world: &World,
    caller: &Caller,
    kind: Kind,
    request: &ResourceRequest,
    new: &Value,
    old: Option<&Value>,
) -> Result<(), Status> {
    let is_master = caller.user.groups.iter().any(|group| group == MASTERS);
    if !kind.is_rbac() || is_master || old.is_some_and(|old| only_collection_changes(old, new)) {
        return Ok(());
    }
    match kind {
        Kind::Role | Kind::ClusterRole => check_role(world, caller, kind, request, new, old),
        _ => check_binding(world, caller, kind, request, new),
    }
}

fn check_role(
    world: &World,
    caller: &Caller,
    kind: Kind,
    request: &ResourceRequest,
    new: &Value,
    old: Option<&Value>,
) -> Result<(), Status> {
    let escalate = ResourceRequest {
        verb: "escalate".to_owned(),
        ..request.clone()
    };
    if may(world, &caller.user, escalate) {
        return Ok(());
    }
    let refuse = |why: String| Status::forbidden(named(kind, meta(new, "name")), &why);
    let at = namespace_of(kind, request);
    confirm_no_escalation(world.facts(), &caller.user, at, &role::rules(new)).map_err(refuse)?;
    let aggregated = role::has_aggregation(new) || old.is_some_and(role::has_aggregation);
    if aggregated {
        confirm_no_escalation(world.facts(), &caller.user, at, &full_authority()).map_err(
            |_| refuse("must have cluster-admin privileges to use the aggregationRule".to_owned()),
        )?;
    }
    Ok(())
}

fn check_binding(
    world: &World,
    caller: &Caller,
    kind: Kind,
    request: &ResourceRequest,
    new: &Value,
) -> Result<(), Status> {
    let role_ref = binding::role_ref(new);
    let at = namespace_of(kind, request);
    let resource = match role_ref.kind.as_str() {
        "Role" => "roles",
        "ClusterRole" => "clusterroles",
        _ => "",
    };
    let bind = ResourceRequest {
        verb: "bind".to_owned(),
        api_group: role_ref.api_group.clone(),
        resource: resource.to_owned(),
        subresource: String::new(),
        namespace: at.to_owned(),
        name: role_ref.name.clone(),
    };
    if !resource.is_empty() && may(world, &caller.user, bind) {
        return Ok(());
    }
    if resource.is_empty() {
        return Err(Status::plain_error(format!(
            "unsupported role reference kind: {}",
            go_quote(&role_ref.kind)
        )));
    }
    // The refusal names the binding's resource with the role's name, as the server's does.
    let own = Named {
        group: RBAC_GROUP,
        resource: kind.info().resource,
        name: &role_ref.name,
    };
    let rules =
        referenced_rules(world.facts(), &role_ref, at).ok_or_else(|| Status::not_found(own))?;
    confirm_no_escalation(world.facts(), &caller.user, at, rules)
        .map_err(|why| Status::forbidden(named(kind, meta(new, "name")), &why))
}

fn namespace_of(kind: Kind, request: &ResourceRequest) -> &str {
    if kind.info().namespaced {
        &request.namespace
    } else {
        ""
    }
}

/// Whether two objects differ in nothing but what the garbage collector needs to change.
fn only_collection_changes(old: &Value, new: &Value) -> bool {
    let stripped = |object: &Value| {
        let mut object = object.clone();
        for field in ["ownerReferences", "finalizers", "managedFields"] {
            set_meta(&mut object, field, None);
        }
        object
    };
    stripped(old) == stripped(new)
}

/// What the server asks of whoever writes an aggregation rule.
fn full_authority() -> [PolicyRule; 2] {
    let star = || vec!["*".to_owned()];
    [
        PolicyRule {
            verbs: star(),
            api_groups: star(),
            resources: star(),
            ..PolicyRule::default()
        },
        PolicyRule {
            verbs: star(),
            non_resource_urls: star(),
            ..PolicyRule::default()
        },
    ]
}
