//! Escalation prevention: which writes of roles and bindings the server refuses whoever may write
//! them, because they would hand out what the writer does not hold
//! (`pkg/registry/rbac/{role,clusterrole,rolebinding,clusterrolebinding}/policybased/storage.go`).

use crate::authorize::referenced_rules;
use crate::cover::confirm_no_escalation;
use crate::matching::contains;
use crate::quote::go_quote;
use crate::subject::MASTERS;
use crate::{Facts, PolicyRule, Request, ResourceRequest, RoleRef, User, authorize};

/// Why such a write is refused; prints in the server's words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The rules are not covered by what the writer holds. The text lists those that are not.
    #[error("{0}")]
    Uncovered(String),
    /// An aggregation rule needs all that `cluster-admin` holds.
    #[error("must have cluster-admin privileges to use the aggregationRule")]
    Aggregation,
    /// The binding's role does not exist, and only who may `bind` it may name it.
    #[error("{} {} not found", .0.kind, go_quote(&.0.name))]
    UnknownRole(RoleRef),
    /// The binding names something that is no role.
    #[error("unsupported role reference kind: {}", go_quote(.0))]
    UnsupportedKind(String),
}

/// Whether a user may give a role these rules. `request` is the create or update as it is
/// authorized, its name empty on a POST; `aggregated` tells whether the role has an aggregation rule
/// or had one before. An update that changes nothing but what the garbage collector needs is never
/// asked about.
///
/// # Errors
/// Why the server refuses it.
pub fn confirm_role(
    facts: &Facts,
    user: &User,
    request: &ResourceRequest,
    rules: &[PolicyRule],
    aggregated: bool,
) -> Result<(), Refusal> {
    let escalate = ResourceRequest {
        verb: "escalate".to_owned(),
        ..request.clone()
    };
    if may(facts, user, escalate) {
        return Ok(());
    }
    let (written, at) = (&request.resource, &request.namespace);
    confirm_no_escalation(facts, user, written, at, rules).map_err(Refusal::Uncovered)?;
    if aggregated {
        confirm_no_escalation(facts, user, written, at, &full_authority())
            .map_err(|_| Refusal::Aggregation)?;
    }
    Ok(())
}

/// Whether a user may write a binding of this role in a namespace (empty: a cluster role binding),
/// whomever it names.
///
/// # Errors
/// Why the server refuses it.
pub fn confirm_binding(
    facts: &Facts,
    user: &User,
    namespace: &str,
    role_ref: &RoleRef,
) -> Result<(), Refusal> {
    let resource = match role_ref.kind.as_str() {
        "Role" => "roles",
        "ClusterRole" => "clusterroles",
        kind => return Err(Refusal::UnsupportedKind(kind.to_owned())),
    };
    let bind = ResourceRequest {
        verb: "bind".to_owned(),
        api_group: role_ref.api_group.clone(),
        resource: resource.to_owned(),
        subresource: String::new(),
        namespace: namespace.to_owned(),
        name: role_ref.name.clone(),
    };
    if may(facts, user, bind) {
        return Ok(());
    }
    let rules = referenced_rules(facts, role_ref, namespace)
        .ok_or_else(|| Refusal::UnknownRole(role_ref.clone()))?;
    let written = match namespace {
        "" => "clusterrolebindings",
        _ => "rolebindings",
    };
    confirm_no_escalation(facts, user, written, namespace, rules).map_err(Refusal::Uncovered)
}

fn may(facts: &Facts, user: &User, request: ResourceRequest) -> bool {
    contains(&user.groups, MASTERS)
        || authorize(facts, user, &Request::Resource(request)).is_allowed()
}

/// What the server asks of whoever writes an aggregation rule.
pub(crate) fn full_authority() -> [PolicyRule; 2] {
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

#[cfg(test)]
#[path = "escalation_tests.rs"]
mod tests;
