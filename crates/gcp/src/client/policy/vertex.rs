//! Policies of Vertex AI models: Google's API describes the methods, but no role holds their
//! permissions, and no page tells of them. What is found is told plainly, with a way that works.

use http::StatusCode;
use rbacform_provider::{ErrorKind, ProviderError};

use crate::target::{Api, ResourceName};

/// Whether this refusal may mean that a model has no policy at all.
pub(super) fn is_closed(name: &ResourceName, status: StatusCode) -> bool {
    let target = name.target();
    target.api == Api::AiPlatform
        && target.pattern.ends_with("/models/{model}")
        && matches!(status.as_u16(), 403 | 404 | 405 | 501)
}

/// The error of a model whose policy is closed.
pub(super) fn closed(name: &ResourceName, refused: &ProviderError) -> ProviderError {
    let project = name.project().unwrap_or("PROJECT");
    let location = name.location().unwrap_or("LOCATION");
    let why = match refused.kind {
        ErrorKind::NotFound => "it does not exist, or models have no policy in this project",
        _ => "policies of models are not open to this project or identity",
    };
    let message = format!("the policy of the model `{name}` cannot be used: {why}; {refused}");
    ProviderError::new(refused.kind, message).help(format!(
        "Google documents no policies of models. Grant it on an endpoint that serves the model, \
         `resource = \"projects/{project}/locations/{location}/endpoints/ENDPOINT\"`, or on the \
         project, `resource = \"projects/{project}\"`"
    ))
}
