//! Reading a policy: always version 3, since anything less hides conditions.

use http::StatusCode;
use rbacform_core::Value;
use rbacform_provider::{ErrorKind, ProviderError};
use serde_json::{Value as Json, json};

use super::vertex;
use crate::client::errors::{refused, unreadable};
use crate::client::http::{Call, Http};
use crate::client::lookup::method;
use crate::policy;
use crate::target::{PolicyVersion, ResourceName};

impl Http {
    /// The policy of a resource in Google's own JSON; `None` where the resource does not exist.
    pub(in crate::client) async fn policy(
        &self,
        name: &ResourceName,
    ) -> Result<Option<Value>, ProviderError> {
        let reply = self.repeat(&get(name)).await?;
        if reply.status != StatusCode::OK && vertex::is_closed(name, reply.status) {
            return Err(vertex::closed(name, &refused(&reply, name.as_str())));
        }
        match reply.status {
            StatusCode::OK => decode(name, &reply.body).map(Some),
            StatusCode::NOT_FOUND => Ok(None),
            _ => Err(refused(&reply, name.as_str())),
        }
    }
}

/// A policy as it was answered.
pub(super) fn decode(name: &ResourceName, body: &[u8]) -> Result<Value, ProviderError> {
    let json: Json = serde_json::from_slice(body).map_err(|_| unreadable(name.as_str()))?;
    if !json.is_object() {
        return Err(unreadable(name.as_str()));
    }
    let policy = Value::from_json(&json);
    if policy::is_degraded(&policy) {
        let message = format!("the policy of `{name}` was answered without its conditions");
        return Err(ProviderError::new(ErrorKind::Protocol, message)
            .help("something between here and Google drops the version that is asked for"));
    }
    Ok(policy)
}

fn get(name: &ResourceName) -> Call {
    let target = name.target();
    let mut path = name.path(target.get);
    let mut body = None;
    match target.policy_version {
        PolicyVersion::Body => body = Some(json!({"options": {"requestedPolicyVersion": 3}})),
        PolicyVersion::Query(key) => {
            path = format!("{path}?{key}=3");
        }
    }
    Call {
        host: name.host(),
        method: method(target.get.verb),
        body,
        ..Call::get(target.api, path, name.as_str())
    }
}
