//! Questions to the server about what a write takes.

use super::doubt::Way;
use super::kind::Kind;
use crate::{NonResourceRequest, PolicyRule, Request, ResourceRequest, RoleRef};

/// The way that any authorizer's yes opens.
pub(super) fn by_anybody(request: &ResourceRequest) -> Way {
    Way {
        requests: vec![Request::Resource(request.clone())],
        by_rbac: false,
    }
}

/// The same with another verb.
pub(super) fn with_verb(request: &ResourceRequest, verb: &str) -> ResourceRequest {
    ResourceRequest {
        verb: verb.to_owned(),
        ..request.clone()
    }
}

/// `bind`, as the server asks for it: in the binding's namespace.
pub(super) fn bind(role_ref: &RoleRef, namespace: &str) -> ResourceRequest {
    let plural = Kind::named(&role_ref.kind).map_or("", |kind| kind.plural);
    ResourceRequest {
        verb: "bind".to_owned(),
        api_group: role_ref.api_group.clone(),
        resource: plural.to_owned(),
        subresource: String::new(),
        namespace: namespace.to_owned(),
        name: role_ref.name.clone(),
    }
}

/// The rule that allows just this.
pub(super) fn rule_of(request: &ResourceRequest) -> PolicyRule {
    PolicyRule {
        verbs: vec![request.verb.clone()],
        api_groups: vec![request.api_group.clone()],
        resources: vec![request.full_resource()],
        resource_names: vec![request.name.clone()],
        non_resource_urls: Vec::new(),
    }
}

/// A rule as questions: whoever is allowed each of them by RBAC covers it, since coverage compares
/// texts just as authorization does.
pub(super) fn atoms(rule: &PolicyRule, namespace: &str) -> Vec<Request> {
    let nameless = [String::new()];
    let names = match rule.resource_names.as_slice() {
        [] => nameless.as_slice(),
        names => names,
    };
    let mut requests = Vec::new();
    for verb in &rule.verbs {
        for group in &rule.api_groups {
            for full in &rule.resources {
                let (resource, subresource) = full.split_once('/').unwrap_or((full, ""));
                requests.extend(names.iter().map(|name| {
                    Request::Resource(ResourceRequest {
                        verb: verb.clone(),
                        api_group: group.clone(),
                        resource: resource.to_owned(),
                        subresource: subresource.to_owned(),
                        namespace: namespace.to_owned(),
                        name: name.clone(),
                    })
                }));
            }
        }
        requests.extend(rule.non_resource_urls.iter().map(|path| {
            Request::NonResource(NonResourceRequest {
                verb: verb.clone(),
                path: path.clone(),
            })
        }));
    }
    requests
}
