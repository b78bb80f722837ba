//! Who the server says we are, and what it lets us do.

use http::{Method, StatusCode};
use rbacform_provider::ProviderError;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::errors::{Subject, refused, unreadable};
use super::http::Call;
use super::read::Reader;
use super::retry;

const WHO: &str = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
const WHAT: &str = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
const ANYBODY: &str = "/apis/authorization.k8s.io/v1/subjectaccessreviews";

#[derive(Deserialize)]
struct SelfSubjectReview {
    status: Status,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    user_info: Identity,
}

/// Who the server says we are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Identity {
    /// The user name.
    pub username: String,
    /// Every group, those included that the server adds by itself.
    #[serde(default)]
    pub groups: Vec<String>,
}

#[derive(Deserialize)]
struct AccessReview {
    #[serde(default)]
    status: Review,
}

/// What the server's authorizers say to a question about somebody.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Review {
    /// Whether one of them allows it.
    pub allowed: bool,
    /// Why, in the words of the one that decided; RBAC's begin with `RBAC:`.
    pub reason: String,
}

impl Reader {
    /// The user and groups by which the server knows us. A review changes nothing: it is repeated
    /// like any read.
    pub(crate) async fn identity(&self) -> Result<Identity, ProviderError> {
        let body = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"});
        let review: SelfSubjectReview = self.review(WHO, &body, &Subject::Identity).await?;
        Ok(review.status.user_info)
    }

    /// Whether we may do something; `spec` is that of a SelfSubjectAccessReview.
    pub(crate) async fn may(&self, spec: &Value) -> Result<Review, ProviderError> {
        let body = json!({
            "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "spec": spec,
        });
        let review: AccessReview = self.review(WHAT, &body, &Subject::Access).await?;
        Ok(review.status)
    }

    /// Whether somebody may do something; `spec` is that of a SubjectAccessReview.
    pub(crate) async fn may_somebody(&self, spec: &Value) -> Result<Review, ProviderError> {
        let body = json!({
            "apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec,
        });
        let review: AccessReview = self.review(ANYBODY, &body, &Subject::Access).await?;
        Ok(review.status)
    }

    async fn review<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &Value,
        subject: &Subject<'_>,
    ) -> Result<T, ProviderError> {
        let call = Call {
            method: Method::POST,
            content_type: Some("application/json"),
            body: body.to_string().into_bytes(),
            ..Call::get(path.to_owned())
        };
        let reply = retry::read(&self.http, &call).await?;
        if reply.status != StatusCode::CREATED && reply.status != StatusCode::OK {
            return Err(refused(&reply, subject, self.http.access()));
        }
        serde_json::from_slice(&reply.body).map_err(|_| unreadable(subject))
    }
}
