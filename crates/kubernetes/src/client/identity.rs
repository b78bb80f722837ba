//! Who the server says we are.

use http::{Method, StatusCode};
use rbacform_provider::ProviderError;
use serde::Deserialize;
use serde_json::json;

use super::errors::{Subject, refused, unreadable};
use super::http::Call;
use super::read::Reader;
use super::retry;

const PATH: &str = "/apis/authentication.k8s.io/v1/selfsubjectreviews";

#[derive(Deserialize)]
struct SelfSubjectReview {
    status: Status,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    user_info: UserInfo,
}

#[derive(Deserialize)]
struct UserInfo {
    username: String,
}

impl Reader {
    /// The user name by which the server knows us. A review changes nothing: it is repeated like
    /// any read.
    pub(crate) async fn identity(&self) -> Result<String, ProviderError> {
        let review = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"});
        let call = Call {
            method: Method::POST,
            content_type: Some("application/json"),
            body: review.to_string().into_bytes(),
            ..Call::get(PATH.to_owned())
        };
        let reply = retry::read(&self.http, &call).await?;
        if reply.status != StatusCode::CREATED && reply.status != StatusCode::OK {
            return Err(refused(&reply, &Subject::Identity, self.http.access()));
        }
        let review: SelfSubjectReview =
            serde_json::from_slice(&reply.body).map_err(|_| unreadable(&Subject::Identity))?;
        Ok(review.status.user_info.username)
    }
}
