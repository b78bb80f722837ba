//! `iamPolicies:lintPolicy`: always 200, what it finds is in the body.

use serde::Deserialize;
use serde_json::{Value, json};

use super::model::Condition;
use crate::google::call::Call;
use crate::google::condition::fault;
use crate::google::failure::Failure;

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
struct LintRequest {
    #[serde(rename = "fullResourceName")]
    _full_resource_name: String,
    condition: Option<Condition>,
}

/// Says what is wrong with a condition.
pub(crate) fn lint(call: &mut Call<'_>) -> Result<Value, Failure> {
    let request: LintRequest = call.json()?;
    let Some((field, why)) = request.condition.as_ref().and_then(fault) else {
        return Ok(json!({}));
    };
    let unit = match field {
        "expression" => "lintValidationUnits/ConditionExpressionCheck",
        _ => "lintValidationUnits/ConditionCheck",
    };
    Ok(json!({"lintResults": [{
        "level": "CONDITION",
        "validationUnitName": unit,
        "severity": "ERROR",
        "fieldName": format!("condition.{field}"),
        "debugMessage": why,
    }]}))
}
