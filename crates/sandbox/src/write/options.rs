//! The parameters of a write.

use rbacform_access::ResourceRequest;

use crate::call::Call;
use crate::query::Query;
use crate::status::{FieldError, Status};

pub(crate) const APPLY_PATCH: &str = "application/apply-patch+yaml";

/// What unknown fields lead to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FieldValidation {
    Ignore,
    Warn,
    Strict,
}

/// The parameters of a create, update or patch.
#[derive(Debug, Clone)]
pub(crate) struct WriteOptions {
    pub(crate) dry_run: bool,
    pub(crate) manager: String,
    pub(crate) force: bool,
    pub(crate) validation: FieldValidation,
}

impl WriteOptions {
    pub(crate) fn of(call: &Call, request: &ResourceRequest) -> Result<Self, Status> {
        let query = &call.query;
        let kind = match request.verb.as_str() {
            "create" => "CreateOptions",
            "update" => "UpdateOptions",
            _ => "PatchOptions",
        };
        let mut errors = Vec::new();
        let is_apply = call.content_type == APPLY_PATCH && request.verb == "patch";
        let given = query.get("fieldManager");
        if is_apply && given.is_empty() {
            errors.push(FieldError::required(
                "fieldManager",
                "is required for apply patch",
            ));
        }
        if !is_apply && query.flag("force") {
            errors.push(FieldError::forbidden(
                "force",
                "may not be specified for non-apply patch",
            ));
        }
        errors.extend(manager_errors(given));
        let validation = match query.get("fieldValidation") {
            "" | "Warn" => FieldValidation::Warn,
            "Ignore" => FieldValidation::Ignore,
            "Strict" => FieldValidation::Strict,
            other => {
                errors.push(FieldError::unsupported(
                    "fieldValidation",
                    other,
                    &["", "Ignore", "Strict", "Warn"],
                ));
                FieldValidation::Warn
            }
        };
        errors.extend(dry_run_error(query));
        if !errors.is_empty() {
            return Err(Status::invalid(kind, "meta.k8s.io", "", &errors));
        }
        let manager = if given.is_empty() {
            agent_name(&call.user_agent)
        } else {
            given
        };
        let force = query.flag("force");
        Ok(Self {
            dry_run: is_dry_run(query),
            manager: manager.to_owned(),
            force,
            validation,
        })
    }
}

/// Whether a write only shows what it would do.
pub(crate) fn is_dry_run(query: &Query) -> bool {
    query.get("dryRun") == "All"
}

fn dry_run_error(query: &Query) -> Option<FieldError> {
    let given = query.get("dryRun");
    let known = given.is_empty() || given == "All";
    (!known).then(|| FieldError::unsupported_list("dryRun", given, "All"))
}

fn manager_errors(manager: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if manager.len() > 128 {
        errors.push(FieldError::too_long("fieldManager", 128));
    }
    if let Some(c) = manager.chars().find(|c| c.is_control()) {
        let why = format!("invalid character {c:?}");
        errors.push(FieldError::invalid_text("fieldManager", manager, &why));
    }
    errors
}

/// Who wrote, where no manager is named: the User-Agent up to its first slash.
fn agent_name(user_agent: &str) -> &str {
    match user_agent.split('/').next() {
        Some(name) if !name.is_empty() => name,
        _ => "unknown",
    }
}
