//! Setting a policy, under the etag of what was read.

use rbacform_core::Value;
use rbacform_provider::{ErrorKind, ProviderError};
use serde_json::{Value as Json, json};

use crate::client::http::Call;
use crate::client::lookup::method;
use crate::policy::AUDIT;
use crate::target::{ResourceName, SetBody};

/// The call that sets `wanted` where `fresh` was read. Audit configs are named in the mask only
/// where they change.
pub(super) fn call(
    name: &ResourceName,
    fresh: &Value,
    wanted: &Value,
) -> Result<Call, ProviderError> {
    let etag = wanted.get("etag").and_then(Value::as_str);
    if etag.is_none_or(str::is_empty) {
        let message = format!("the policy of `{name}` came without an etag");
        return Err(ProviderError::new(ErrorKind::Protocol, message)
            .help("it is not written: without one, others' changes would be overwritten"));
    }
    let target = name.target();
    let policy = wanted.to_json();
    let body: Json = match target.set_body {
        SetBody::PolicyAndMask => {
            let untouched = fresh.get(AUDIT) == wanted.get(AUDIT);
            let mask = if untouched {
                "bindings,etag"
            } else {
                "bindings,etag,auditConfigs"
            };
            json!({"policy": policy, "updateMask": mask})
        }
        SetBody::Policy => json!({ "policy": policy }),
        SetBody::Bare => policy,
    };
    Ok(Call {
        host: name.host(),
        ..Call::write(
            method(target.set.verb),
            target.api,
            name.path(target.set),
            Some(body),
            name.as_str(),
        )
    })
}
