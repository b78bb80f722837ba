//! What a question is about, as people write it: `pods/web-0`, `deployments.apps`, `/healthz`.

use rbacform_access::{NonResourceRequest, Request, ResourceRequest, resources};

use super::args::WhatArgs;
use crate::failure::Failure;

/// What is asked for, where a question needs a resource and has one.
pub(super) fn asked(
    verb: &str,
    resource: Option<&str>,
    what: &WhatArgs,
) -> Result<Request, Failure> {
    let resource = resource.ok_or_else(|| {
        Failure::usage("give a verb and a resource")
            .help("e.g. `get pods`; about Google `storage.objects.get --resource //SERVICE/NAME`")
    })?;
    Ok(request(verb, resource, what))
}

/// The verb that is meant: `GET` is one of Kubernetes' own, as kubectl has it too. Of any other the
/// case counts, as it does in rules.
fn meant(verb: &str) -> String {
    let lower = verb.to_ascii_lowercase();
    match resources::VERBS.contains(&lower.as_str()) {
        true => lower,
        false => verb.to_owned(),
    }
}

fn request(verb: &str, resource: &str, what: &WhatArgs) -> Request {
    let verb = meant(verb);
    if resource.starts_with('/') {
        let path = resource.to_owned();
        return Request::NonResource(NonResourceRequest { verb, path });
    }
    let (typed, object) = match resource.split_once('/') {
        Some((typed, object)) => (typed, object),
        None => (resource, ""),
    };
    let (spelled, group) = match typed.split_once('.') {
        Some((spelled, group)) => (spelled, Some(group)),
        None => (typed, None),
    };
    let group = what.api_group.as_deref().or(group);
    let known = resources::called(spelled, group);
    let name = known.map_or(spelled, |known| known.name);
    let namespaced = match known {
        Some(known) => known.is_namespaced,
        None => !resources::is_virtual(name),
    };
    let namespace = match &what.namespace {
        Some(namespace) => namespace.as_str(),
        // A request for a namespace by name is asked in it.
        None if name == "namespaces" && !object.is_empty() => object,
        None if !namespaced || what.all_namespaces => "",
        None => "default",
    };
    Request::Resource(ResourceRequest {
        verb,
        api_group: group
            .or(known.map(|known| known.group))
            .unwrap_or_default()
            .to_owned(),
        resource: name.to_owned(),
        subresource: what.subresource.clone().unwrap_or_default(),
        namespace: namespace.to_owned(),
        name: object.to_owned(),
    })
}
