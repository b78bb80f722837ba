//! Access reviews: the `spec` of a SubjectAccessReview as a question.

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::lenient::null_default;
use crate::{NonResourceRequest, Request, ResourceRequest, User};

/// `SubjectAccessReviewSpec` of `authorization.k8s.io/v1`. Groups are taken as given: the server
/// adds none either. RBAC asks nothing of the fields that begin with `_`; one that the API does not
/// have is refused.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct ReviewSpec {
    resource_attributes: Option<ResourceAttributes>,
    non_resource_attributes: Option<NonResourceAttributes>,
    #[serde(deserialize_with = "null_default")]
    user: String,
    #[serde(deserialize_with = "null_default")]
    groups: Vec<String>,
    #[serde(rename = "uid")]
    _uid: IgnoredAny,
    #[serde(rename = "extra")]
    _extra: IgnoredAny,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct ResourceAttributes {
    #[serde(deserialize_with = "null_default")]
    namespace: String,
    #[serde(deserialize_with = "null_default")]
    verb: String,
    #[serde(deserialize_with = "null_default")]
    group: String,
    #[serde(deserialize_with = "null_default")]
    resource: String,
    #[serde(deserialize_with = "null_default")]
    subresource: String,
    #[serde(deserialize_with = "null_default")]
    name: String,
    #[serde(rename = "version")]
    _version: IgnoredAny,
    #[serde(rename = "fieldSelector")]
    _field_selector: IgnoredAny,
    #[serde(rename = "labelSelector")]
    _label_selector: IgnoredAny,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct NonResourceAttributes {
    #[serde(deserialize_with = "null_default")]
    path: String,
    #[serde(deserialize_with = "null_default")]
    verb: String,
}

/// A spec that the server would refuse, in its words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidReview(&'static str);

impl ReviewSpec {
    /// Who asks for what (`pkg/apis/authorization/validation/validation.go`).
    pub fn question(self) -> Result<(User, Request), InvalidReview> {
        let request = match (self.resource_attributes, self.non_resource_attributes) {
            (Some(_), Some(_)) => {
                return Err(InvalidReview(
                    "spec.nonResourceAttributes: cannot be specified in combination with resourceAttributes",
                ));
            }
            (None, None) => {
                return Err(InvalidReview(
                    "spec.resourceAttributes: exactly one of nonResourceAttributes or resourceAttributes must be specified",
                ));
            }
            (Some(asked), None) => Request::Resource(ResourceRequest {
                verb: asked.verb,
                api_group: asked.group,
                resource: asked.resource,
                subresource: asked.subresource,
                namespace: asked.namespace,
                name: asked.name,
            }),
            (None, Some(asked)) => Request::NonResource(NonResourceRequest {
                verb: asked.verb,
                path: asked.path,
            }),
        };
        if self.user.is_empty() && self.groups.is_empty() {
            return Err(InvalidReview(
                "spec.user: at least one of user or group must be specified",
            ));
        }
        let user = User {
            name: self.user,
            groups: self.groups,
        };
        Ok((user, request))
    }
}
