//! Role bindings and cluster role bindings (`pkg/apis/rbac/validation`).

use rbacform_access::{ClusterRoleBinding, RBAC_GROUP, RoleBinding, RoleRef, Subject};
use serde_json::{Value, json};

use super::name;
use super::role::parse_list;
use crate::object::meta;
use crate::status::FieldError;

/// Users, groups and the roleRef belong to the RBAC group unless they say otherwise.
pub(crate) fn default(object: &mut Value) {
    let fill = |holder: &mut Value| {
        if let Some(holder) = holder.as_object_mut() {
            let group = holder
                .get("apiGroup")
                .and_then(Value::as_str)
                .unwrap_or_default();
            if group.is_empty() {
                holder.insert("apiGroup".to_owned(), json!(RBAC_GROUP));
            }
        }
    };
    if let Some(role_ref) = object.get_mut("roleRef") {
        fill(role_ref);
    }
    let subjects = object.get_mut("subjects").and_then(Value::as_array_mut);
    for subject in subjects.into_iter().flatten() {
        if matches!(
            subject.get("kind").and_then(Value::as_str),
            Some("User" | "Group")
        ) {
            fill(subject);
        }
    }
}

pub(crate) fn validate(object: &Value, namespaced: bool) -> Vec<FieldError> {
    let mut errors = validate_role_ref(&role_ref(object), namespaced);
    for (index, subject) in subjects(object).iter().enumerate() {
        errors.extend(validate_subject(
            subject,
            &format!("subjects[{index}]"),
            namespaced,
        ));
    }
    errors
}

fn validate_role_ref(role_ref: &RoleRef, namespaced: bool) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if role_ref.api_group != RBAC_GROUP {
        let field = "roleRef.apiGroup";
        errors.push(FieldError::unsupported(
            field,
            &role_ref.api_group,
            &[RBAC_GROUP],
        ));
    }
    let kinds: &[&str] = if namespaced {
        &["Role", "ClusterRole"]
    } else {
        &["ClusterRole"]
    };
    if !kinds.contains(&role_ref.kind.as_str()) {
        errors.push(FieldError::unsupported(
            "roleRef.kind",
            &role_ref.kind,
            kinds,
        ));
    }
    if role_ref.name.is_empty() {
        errors.push(FieldError::required("roleRef.name", ""));
    } else {
        for why in name::path_segment(&role_ref.name) {
            errors.push(FieldError::invalid_text(
                "roleRef.name",
                &role_ref.name,
                &why,
            ));
        }
    }
    errors
}

fn validate_subject(subject: &Subject, path: &str, namespaced: bool) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if subject.name.is_empty() {
        errors.push(FieldError::required(format!("{path}.name"), ""));
    }
    let group_field = format!("{path}.apiGroup");
    match subject.kind.as_str() {
        "ServiceAccount" => {
            if !subject.name.is_empty() {
                for why in name::dns_subdomain(&subject.name) {
                    let field = format!("{path}.name");
                    errors.push(FieldError::invalid_text(field, &subject.name, &why));
                }
            }
            if !subject.api_group.is_empty() {
                errors.push(FieldError::unsupported(
                    group_field,
                    &subject.api_group,
                    &[""],
                ));
            }
            if !namespaced && subject.namespace.is_empty() {
                errors.push(FieldError::required(format!("{path}.namespace"), ""));
            }
        }
        "User" | "Group" => {
            if subject.api_group != RBAC_GROUP {
                errors.push(FieldError::unsupported(
                    group_field,
                    &subject.api_group,
                    &[RBAC_GROUP],
                ));
            }
        }
        other => errors.push(FieldError::unsupported(
            format!("{path}.kind"),
            other,
            &["ServiceAccount", "User", "Group"],
        )),
    }
    errors
}

pub(crate) fn validate_change(old: &Value, new: &Value) -> Vec<FieldError> {
    let wanted = role_ref(new);
    if role_ref(old) == wanted {
        return Vec::new();
    }
    // The server prints its internal type, whose fields have no JSON names.
    let printed = json!({
        "APIGroup": wanted.api_group, "Kind": wanted.kind, "Name": wanted.name,
    });
    vec![FieldError::invalid(
        "roleRef",
        &printed,
        "cannot change roleRef",
    )]
}

pub(crate) fn role_ref(object: &Value) -> RoleRef {
    object
        .get("roleRef")
        .and_then(|role_ref| serde::Deserialize::deserialize(role_ref).ok())
        .unwrap_or_default()
}

fn subjects(object: &Value) -> Vec<Subject> {
    parse_list(object.get("subjects"))
}

/// The binding as a fact.
pub(crate) fn role_binding(object: &Value) -> RoleBinding {
    RoleBinding {
        namespace: meta(object, "namespace").to_owned(),
        name: meta(object, "name").to_owned(),
        subjects: subjects(object),
        role_ref: role_ref(object),
    }
}

/// The cluster-wide binding as a fact.
pub(crate) fn cluster_role_binding(object: &Value) -> ClusterRoleBinding {
    ClusterRoleBinding {
        name: meta(object, "name").to_owned(),
        subjects: subjects(object),
        role_ref: role_ref(object),
    }
}
