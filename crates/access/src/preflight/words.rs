//! Refusals in the server's words.

use rbacform_core::ObjectId;

use super::kind::{Kind, object_name};
use crate::authorize::join_missing;
use crate::escalation::Refusal;
use crate::quote::go_quote;
use crate::{Missing, ResourceRequest, User};

/// `roles.rbac.authorization.k8s.io`, or `namespaces`.
pub(super) fn resource(group: &str, plural: &str) -> String {
    match group {
        "" => plural.to_owned(),
        group => format!("{plural}.{group}"),
    }
}

/// The refusal of a request that no rule allows
/// (`apiserver/pkg/endpoints/handlers/responsewriters/errors.go`).
pub(super) fn no_grant(user: &User, request: &ResourceRequest, missing: &[Missing]) -> String {
    let scope = match request.namespace.as_str() {
        "" => "at the cluster scope".to_owned(),
        namespace => format!("in the namespace {}", go_quote(namespace)),
    };
    let errors = match missing {
        [] => String::new(),
        missing => format!(": RBAC: {}", join_missing(missing)),
    };
    format!(
        "{} {} is forbidden: User {} cannot {} resource {} in API group {} {scope}{errors}",
        resource(&request.api_group, &request.resource),
        go_quote(&request.name),
        go_quote(&user.name),
        request.verb,
        go_quote(&request.full_resource()),
        go_quote(&request.api_group),
    )
}

/// The refusal of a write that would hand out what the writer does not hold. A role that is not
/// there is named beside the binding's resource, as the server does.
pub(super) fn escalation(object: &ObjectId, kind: Kind, refusal: &Refusal) -> String {
    let resource = resource(kind.group, kind.plural);
    match refusal {
        Refusal::UnknownRole(role_ref) => {
            format!("{resource} {} not found", go_quote(&role_ref.name))
        }
        refusal => format!(
            "{resource} {} is forbidden: {refusal}",
            go_quote(object_name(object))
        ),
    }
}
