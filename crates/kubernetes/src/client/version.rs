//! Which version the server is.

use http::StatusCode;
use rbacform_provider::ProviderError;
use serde::Deserialize;

use super::errors::{Subject, refused, unreadable};
use super::http::Call;
use super::read::Reader;
use super::retry;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Info {
    git_version: String,
}

impl Reader {
    /// What the server calls its version: `v1.36.3`, `v1.34.1-gke.100`.
    pub(crate) async fn version(&self) -> Result<String, ProviderError> {
        let subject = Subject::Version;
        let reply = retry::read(&self.http, &Call::get("/version".to_owned())).await?;
        if reply.status != StatusCode::OK {
            return Err(refused(&reply, &subject, self.http.access()));
        }
        let info: Info = serde_json::from_slice(&reply.body).map_err(|_| unreadable(&subject))?;
        Ok(info.git_version)
    }
}
