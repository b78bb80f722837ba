//! Label selectors inside objects (`apimachinery/pkg/apis/meta/v1/validation`).

use rbacform_access::LabelSelector;
use rbacform_access::selector::Requirement;

use super::name;
use crate::status::FieldError;

pub(crate) fn validate(selector: &LabelSelector, path: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for (key, value) in &selector.match_labels {
        let field = format!("{path}.matchLabels");
        for why in name::qualified_name(key) {
            errors.push(FieldError::invalid_text(field.clone(), key, &why));
        }
        for why in name::label_value(value) {
            let field = format!("{field}[{key}]");
            errors.push(FieldError::invalid_text(field, value, &why));
        }
    }
    for (index, requirement) in selector.match_expressions.iter().enumerate() {
        let path = format!("{path}.matchExpressions[{index}]");
        errors.extend(validate_requirement(requirement, &path));
    }
    errors
}

fn validate_requirement(requirement: &Requirement, path: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let values = format!("{path}.values");
    match requirement.operator.as_str() {
        "In" | "NotIn" if requirement.values.is_empty() => errors.push(FieldError::required(
            values,
            "must be specified when `operator` is 'In' or 'NotIn'",
        )),
        "Exists" | "DoesNotExist" if !requirement.values.is_empty() => {
            let why = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
            errors.push(FieldError::forbidden(values, why));
        }
        "In" | "NotIn" | "Exists" | "DoesNotExist" => {}
        other => errors.push(FieldError::invalid_text(
            format!("{path}.operator"),
            other,
            "not a valid selector operator",
        )),
    }
    for why in name::qualified_name(&requirement.key) {
        errors.push(FieldError::invalid_text(
            format!("{path}.key"),
            &requirement.key,
            &why,
        ));
    }
    for (index, value) in requirement.values.iter().enumerate() {
        for why in name::label_value(value) {
            errors.push(FieldError::invalid_text(
                format!("{path}.values[{index}]"),
                value,
                &why,
            ));
        }
    }
    errors
}
