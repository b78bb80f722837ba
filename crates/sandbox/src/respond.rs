//! From a call to a reply: who may, then what.

use rbacform_access::ResourceRequest;
use rbacform_access::quote::go_quote;
use serde_json::json;

use crate::call::{Body, Call, Reply};
use crate::kinds::Kind;
use crate::kinds::name::path_segment;
use crate::status::Status;
use crate::world::World;
use crate::write::{APPLY_PATCH, Writer};
use crate::{authz, delete, discovery, read, reviews, token_request};

const MERGE_PATCH: &str = "application/merge-patch+json";
const PATCH_TYPES: [&str; 4] = [
    "application/json-patch+json",
    MERGE_PATCH,
    "application/strategic-merge-patch+json",
    APPLY_PATCH,
];

/// Answers one call. `version` is the Kubernetes version, such as `1.36`.
pub(crate) fn respond(world: &mut World, call: &Call, version: &str) -> Result<Reply, Status> {
    authz::require(world, &call.caller.user, &call.info.request)?;
    let Some(request) = call.resource() else {
        return url(call, version);
    };
    if call.info.version != "v1" {
        let what = format!("version {} of {}", call.info.version, request.resource);
        return Err(Status::not_modelled(&what));
    }
    if let Some(answer) = reviews::review(world, call, request) {
        return answer;
    }
    let Some(kind) = Kind::of(&request.api_group, &request.resource) else {
        return Err(Status::not_modelled(&qualified(request)));
    };
    match (kind, request.subresource.as_str()) {
        (_, "") => object(world, call, kind, request),
        (Kind::ServiceAccount, "token") if request.verb == "create" => {
            token_request::issue(world, call, request)
        }
        (Kind::Namespace, "status" | "finalize") => Err(Status::not_modelled(&qualified(request))),
        _ => Err(Status::unknown_resource()),
    }
}

fn url(call: &Call, version: &str) -> Result<Reply, Status> {
    let rbacform_access::Request::NonResource(request) = &call.info.request else {
        return Err(Status::unknown_resource());
    };
    match request.path.as_str() {
        "/healthz" | "/livez" | "/readyz" => Ok(Reply::new(200, Body::Text("ok"))),
        "/version" => {
            let (major, minor) = version.split_once('.').unwrap_or((version, ""));
            Ok(Reply::json(
                200,
                json!({
                    "major": major, "minor": minor, "gitVersion": format!("v{version}.0+sandbox"),
                    "gitCommit": "", "gitTreeState": "", "buildDate": "1970-01-01T00:00:00Z",
                    "goVersion": "", "compiler": "rustc", "platform": "sandbox",
                }),
            ))
        }
        path if path.starts_with("/api") || path.starts_with("/openapi") => {
            match discovery::document(path) {
                Some(document) => Ok(Reply::json(200, document)),
                None => Err(Status::not_modelled(&format!("discovery ({path})"))),
            }
        }
        _ => Ok(Reply::new(404, Body::Text("404 page not found\n"))),
    }
}

fn object(
    world: &mut World,
    call: &Call,
    kind: Kind,
    request: &ResourceRequest,
) -> Result<Reply, Status> {
    let info = kind.info();
    // Cluster-wide, a namespaced kind can only be listed; a cluster-wide kind has no namespace.
    let misplaced = info.namespaced && request.namespace.is_empty() && request.verb != "list";
    let nested = !info.namespaced && kind != Kind::Namespace && !request.namespace.is_empty();
    if nested {
        return Err(Status::unknown_resource());
    }
    match request.verb.as_str() {
        "watch" => Err(Status::not_modelled("watch")),
        "deletecollection" => Err(Status::not_modelled("deletecollection")),
        _ if misplaced => Err(Status::method_not_allowed()),
        // `registry.NamespaceKeyFunc`; creating has no name in its URL.
        "get" | "update" | "patch" | "delete" if !path_segment(&request.name).is_empty() => {
            let why = path_segment(&request.name).join(";");
            let name = go_quote(&request.name);
            Err(Status::bad_request(format!(
                "Name parameter invalid: {name}: {why}"
            )))
        }
        "get" => read::get(world, kind, request),
        "list" => read::list(world, call, kind, request),
        "create" if request.name.is_empty() => Writer::new(world, call, kind, request)?.post(),
        "update" if !request.name.is_empty() => Writer::new(world, call, kind, request)?.put(),
        "patch" if !request.name.is_empty() => patch(world, call, kind, request),
        "delete" => delete::delete(world, call, kind, request),
        _ => Err(Status::method_not_allowed()),
    }
}

fn patch(
    world: &mut World,
    call: &Call,
    kind: Kind,
    request: &ResourceRequest,
) -> Result<Reply, Status> {
    match call.content_type.as_str() {
        APPLY_PATCH => Writer::new(world, call, kind, request)?.apply(),
        MERGE_PATCH => Writer::new(world, call, kind, request)?.merge_patch(),
        other if PATCH_TYPES.contains(&other) => {
            Err(Status::not_modelled(&format!("patch type {other}")))
        }
        _ => Err(Status::unsupported_media_type()),
    }
}

fn qualified(request: &ResourceRequest) -> String {
    let resource = request.full_resource();
    match request.api_group.as_str() {
        "" => resource,
        group => format!("{resource} of {group}"),
    }
}
