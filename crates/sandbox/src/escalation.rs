//! Escalation prevention on writes of RBAC objects
//! (`pkg/registry/rbac/{clusterrole,rolebinding}/policybased`).

use rbacform_access::escalation::{Refusal, confirm_binding, confirm_role};
use rbacform_access::subject::MASTERS;
use rbacform_access::{RBAC_GROUP, ResourceRequest};
use serde_json::Value;

use crate::authn::Caller;
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
    let request = ResourceRequest {
        namespace: namespace_of(kind, request).to_owned(),
        ..request.clone()
    };
    let confirmed = match kind {
        Kind::Role | Kind::ClusterRole => {
            let aggregated = role::has_aggregation(new) || old.is_some_and(role::has_aggregation);
            let rules = role::rules(new);
            confirm_role(world.facts(), &caller.user, &request, &rules, aggregated)
        }
        _ => {
            let role_ref = binding::role_ref(new);
            confirm_binding(world.facts(), &caller.user, &request.namespace, &role_ref)
        }
    };
    confirmed.map_err(|refusal| status(&refusal, kind, new))
}

fn status(refusal: &Refusal, kind: Kind, new: &Value) -> Status {
    match refusal {
        Refusal::Uncovered(_) | Refusal::Aggregation => {
            Status::forbidden(named(kind, meta(new, "name")), &refusal.to_string())
        }
        // The refusal names the binding's resource with the role's name, as the server's does.
        Refusal::UnknownRole(role_ref) => Status::not_found(Named {
            group: RBAC_GROUP,
            resource: kind.info().resource,
            name: &role_ref.name,
        }),
        Refusal::UnsupportedKind(_) => Status::plain_error(refusal.to_string()),
    }
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
