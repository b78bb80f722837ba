//! Whether the caller may do what the request asks.

use rbacform_access::quote::go_quote;
use rbacform_access::{Decision, Request, User, authorize};

use crate::status::{Named, Status};
use crate::world::World;

/// Lets the request pass, or refuses it in the server's words.
pub(crate) fn require(world: &World, user: &User, request: &Request) -> Result<(), Status> {
    let decision = authorize(world.facts(), user, request);
    if decision.is_allowed() {
        return Ok(());
    }
    Err(refusal(user, request, &decision))
}

fn refusal(user: &User, request: &Request, decision: &Decision) -> Status {
    let name = go_quote(&user.name);
    let (named, mut text) = match request {
        Request::NonResource(request) => (
            Named {
                group: "",
                resource: "",
                name: "",
            },
            format!(
                "User {name} cannot {} path {}",
                request.verb,
                go_quote(&request.path)
            ),
        ),
        Request::Resource(request) => {
            let scope = match request.namespace.as_str() {
                "" => "at the cluster scope".to_owned(),
                namespace => format!("in the namespace {}", go_quote(namespace)),
            };
            let text = format!(
                "User {name} cannot {} resource {} in API group {} {scope}",
                request.verb,
                go_quote(&request.full_resource()),
                go_quote(&request.api_group)
            );
            let named = Named {
                group: &request.api_group,
                resource: &request.resource,
                name: &request.name,
            };
            (named, text)
        }
    };
    let reason = decision.reason();
    if !reason.is_empty() {
        text.push_str(": ");
        text.push_str(&reason);
    }
    Status::forbidden(named, &text)
}
