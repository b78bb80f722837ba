//! Reading policies, and asking what one may do.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::google::api::GoogleApi;
use crate::google::call::{Call, Place};
use crate::google::failure::Failure;
use crate::google::target::Target;

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct GetRequest {
    options: Options,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
struct Options {
    requested_policy_version: i64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct TestRequest {
    permissions: Vec<String>,
}

/// `getIamPolicy`.
pub(crate) fn get(call: &mut Call<'_>, target: &'static Target) -> Result<Value, Failure> {
    let place = call.place(target)?;
    let version = requested_version(call, target)?;
    call.require(&format!("{}.getIamPolicy", target.permission), &place.name)?;
    let policy = call.cloud.policy(&place.key);
    if target.api == GoogleApi::Storage && policy.has_conditions() && version < 3 {
        // Cloud Storage's own rule; the others answer with a degraded policy.
        return Err(Failure::invalid(
            "The requested IAM policy version does not support the conditions of this policy.",
        ));
    }
    Ok(shown(call, &place, version))
}

/// A policy as this API shows it.
pub(super) fn shown(call: &Call<'_>, place: &Place, version: i64) -> Value {
    let mut policy = call.cloud.policy(&place.key).to_json(version);
    if place.target.api == GoogleApi::Storage {
        let bucket = place.name.trim_start_matches("buckets/");
        policy.insert("kind".to_owned(), json!("storage#policy"));
        policy.insert(
            "resourceId".to_owned(),
            json!(format!("projects/_/buckets/{bucket}")),
        );
    }
    Value::Object(policy)
}

/// `testIamPermissions`: those of the list that the caller holds.
pub(crate) fn test(call: &mut Call<'_>, target: &'static Target) -> Result<Value, Failure> {
    let place = call.place(target)?;
    let permissions = match target.api {
        GoogleApi::Storage => call.query.all("permissions"),
        // In the query, but for a few methods of v1beta1.
        GoogleApi::VertexAi => {
            let mut permissions = call.query.all("permissions");
            permissions.extend(call.json::<TestRequest>()?.permissions);
            permissions
        }
        _ => call.json::<TestRequest>()?.permissions,
    };
    let means_nothing = |permission: &&String| !means_something(call, target, permission);
    if let Some(other) = permissions.iter().find(means_nothing) {
        return Err(Failure::invalid(format!(
            "Permission {other} is not valid for this resource."
        )));
    }
    let access = call.access();
    let held = permissions
        .into_iter()
        .filter(|permission| access.may(&call.caller, permission, &place.name));
    let held: Vec<String> = held.collect();
    let mut out = serde_json::Map::new();
    if target.api == GoogleApi::Storage {
        out.insert(
            "kind".to_owned(),
            json!("storage#testIamPermissionsResponse"),
        );
    }
    if !held.is_empty() {
        out.insert("permissions".to_owned(), json!(held));
    }
    Ok(Value::Object(out))
}

/// Whether a permission can be asked for: one of Google's, of a sort that the resource has.
fn means_something(call: &Call<'_>, target: &Target, permission: &str) -> bool {
    let roles = call.settings.roles.as_deref();
    let is_known = roles.is_none_or(|roles| roles.knows_permission(permission));
    let of_sort = |prefix: &&str| permission.starts_with(*prefix);
    let is_of_sort = target.meaningful.is_empty() || target.meaningful.iter().any(of_sort);
    !permission.contains('*') && is_known && is_of_sort
}

/// Where each API takes the version: in the body, or in one of two query parameters.
fn requested_version(call: &Call<'_>, target: &Target) -> Result<i64, Failure> {
    let in_query = match target.api {
        GoogleApi::Storage => call.query.get("optionsRequestedPolicyVersion"),
        GoogleApi::ResourceManager => "",
        _ => call.query.get("options.requestedPolicyVersion"),
    };
    let version = match in_query {
        "" => {
            let request: GetRequest = call.json()?;
            request.options.requested_policy_version.to_string()
        }
        version => version.to_owned(),
    };
    match version.as_str() {
        "0" | "1" | "3" => Ok(version.parse().unwrap_or_default()),
        _ => Err(Failure::invalid(format!(
            "Requested policy version {version} is not valid: it must be 0, 1 or 3."
        ))),
    }
}
