//! Writing policies: compared with the etag, checked, and put in place whole.

use serde::Deserialize;
use serde_json::Value;

use super::check::check;
use super::limits::limits;
use super::model::{AuditConfig, Binding, Policy};
use super::read::shown;
use crate::google::api::GoogleApi;
use crate::google::call::{Call, in_mask};
use crate::google::etag;
use crate::google::failure::Failure;
use crate::google::journal::Change;
use crate::google::member;
use crate::google::target::Target;

/// Without a mask these are written (`SetIamPolicyRequest.updateMask`).
const DEFAULT_MASK: &str = "bindings,etag";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct SetRequest {
    #[serde(default)]
    policy: Option<Given>,
    #[serde(default, alias = "update_mask")]
    update_mask: Option<String>,
}

/// A policy as a client sends it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Given {
    #[serde(default)]
    version: Option<i64>,
    #[serde(default)]
    bindings: Option<Vec<Binding>>,
    #[serde(default)]
    etag: Option<String>,
    #[serde(default)]
    audit_configs: Option<Vec<AuditConfig>>,
    /// Cloud Storage's, and of no effect.
    #[serde(default, rename = "kind")]
    _kind: Option<String>,
    #[serde(default, rename = "resourceId")]
    _resource_id: Option<String>,
}

/// `setIamPolicy`.
pub(crate) fn set(call: &mut Call<'_>, target: &'static Target) -> Result<Value, Failure> {
    let place = call.place(target)?;
    let (given, mask) = read(call, target)?;
    call.require(&format!("{}.setIamPolicy", target.permission), &place.name)?;
    let standing = call.cloud.policy(&place.key);
    compare(&given, &standing, target)?;

    let mut next = Policy::clone(&standing);
    if in_mask(&mask, "bindings") {
        next.bindings = normal(given.bindings.unwrap_or_default(), target)?;
    }
    if in_mask(&mask, "auditConfigs") {
        next.audit_configs = given.audit_configs.unwrap_or_default();
    }
    require_version(
        given.version.unwrap_or_default(),
        &next,
        &standing,
        given.etag.is_some(),
    )?;
    limits(&next)?;
    check(call, &place, &next, &standing)?;
    next.etag = Some(call.cloud.next_etag(call.now));
    let change = Change::Policy {
        key: place.key.clone(),
        policy: next,
    };
    call.cloud.commit(vec![change], call.now)?;
    Ok(shown(call, &place, 3))
}

fn read(call: &Call<'_>, target: &Target) -> Result<(Given, String), Failure> {
    if target.api == GoogleApi::Storage {
        if call.body.is_empty() {
            return Err(Failure::invalid("Required parameter: policy"));
        }
        return Ok((call.json()?, DEFAULT_MASK.to_owned()));
    }
    let request: SetRequest = call.json()?;
    let Some(policy) = request.policy else {
        return Err(Failure::invalid("Policy must be specified."));
    };
    let unknown = match () {
        () if target.audit => None,
        () if request.update_mask.is_some() => Some("updateMask"),
        () => policy.audit_configs.as_ref().map(|_| "auditConfigs"),
    };
    if let Some(field) = unknown {
        return Err(Failure::unknown_field(field));
    }
    let mask = request.update_mask.filter(|mask| !mask.trim().is_empty());
    Ok((policy, mask.unwrap_or_else(|| DEFAULT_MASK.to_owned())))
}

/// A stale etag is a conflict; none at all overwrites.
fn compare(given: &Given, standing: &Policy, target: &Target) -> Result<(), Failure> {
    let Some(asked) = given.etag.as_deref().filter(|etag| !etag.is_empty()) else {
        return Ok(());
    };
    if etag::same(asked, standing.etag()) {
        return Ok(());
    }
    if target.api == GoogleApi::Storage {
        return Err(Failure::condition_not_met());
    }
    Err(Failure::aborted(format!(
        "There were concurrent policy changes. Please retry the whole read-modify-write with \
         exponential backoff. The request's ETag '{}' did not match the current policy's ETag \
         '{}'.",
        etag::shown(asked),
        etag::shown(standing.etag())
    )))
}

/// Version 3 wherever conditions are, on either side; only a set without etag may lose them
/// (`Policy.version`).
fn require_version(
    version: i64,
    next: &Policy,
    standing: &Policy,
    has_etag: bool,
) -> Result<(), Failure> {
    if !matches!(version, 0 | 1 | 3) {
        return Err(Failure::invalid(format!(
            "Policy version {version} is not valid: it must be 0, 1 or 3."
        )));
    }
    let affects_conditions = next.has_conditions() || (standing.has_conditions() && has_etag);
    if version < 3 && affects_conditions {
        return Err(Failure::invalid(format!(
            "Specified policy version ({version}) cannot contain conditions: a policy that has or \
             had conditional role bindings must be set with version 3."
        )));
    }
    Ok(())
}

/// Bindings as they are kept: members in one spelling, no empty binding, in order of roles.
fn normal(given: Vec<Binding>, target: &Target) -> Result<Vec<Binding>, Failure> {
    let mut bindings = Vec::with_capacity(given.len());
    for mut binding in given {
        let mut members = Vec::with_capacity(binding.members.len());
        for member in &binding.members {
            members.push(member::canonical(member, target)?);
        }
        binding.members = members;
        binding.condition = binding
            .condition
            .filter(|c| *c != super::Condition::default());
        if !binding.members.is_empty() {
            bindings.push(binding);
        }
    }
    bindings.sort_by(|a, b| a.role.cmp(&b.role));
    Ok(bindings)
}
