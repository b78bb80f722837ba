//! `metadata` of every kind (`apimachinery/pkg/api/validation/objectmeta.go`).

use serde_json::{Map, Value};

use super::{Kind, name, namespace};
use crate::object::{meta, meta_list, meta_map};
use crate::status::FieldError;

/// The server's limit on all keys and values of annotations together.
const ANNOTATIONS_LIMIT: usize = 256 * 1024;

/// Finalizers that need no domain.
const STANDARD_FINALIZERS: [&str; 3] = ["kubernetes", "orphan", "foregroundDeletion"];

pub(crate) fn validate(kind: Kind, object: &Value) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let own_name = meta(object, "name");
    if own_name.is_empty() {
        errors.push(FieldError::required(
            "metadata.name",
            "name or generateName is required",
        ));
    } else {
        let problems = match kind {
            Kind::Namespace => name::dns_label(own_name),
            Kind::ServiceAccount | Kind::Secret => name::dns_subdomain(own_name),
            _ => name::path_segment(own_name),
        };
        errors.extend(
            problems
                .iter()
                .map(|why| FieldError::invalid_text("metadata.name", own_name, why)),
        );
    }
    errors.extend(labels(object));
    errors.extend(annotations(object));
    errors.extend(finalizers(object));
    if kind == Kind::Namespace {
        errors.extend(namespace::pod_security_errors(object));
    }
    errors
}

fn entries<'a>(object: &'a Value, field: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    meta_map(object, field).into_iter().flat_map(Map::iter)
}

fn labels(object: &Value) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for (key, value) in entries(object, "labels") {
        for why in name::qualified_name(key) {
            errors.push(FieldError::invalid_text("metadata.labels", key, &why));
        }
        let value = value.as_str().unwrap_or_default();
        for why in name::label_value(value) {
            errors.push(FieldError::invalid_text("metadata.labels", value, &why));
        }
    }
    errors
}

fn annotations(object: &Value) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut size = 0;
    for (key, value) in entries(object, "annotations") {
        size += key.len() + value.as_str().unwrap_or_default().len();
        for why in name::qualified_name(&key.to_lowercase()) {
            errors.push(FieldError::invalid_text("metadata.annotations", key, &why));
        }
    }
    if size > ANNOTATIONS_LIMIT {
        errors.push(FieldError::too_long(
            "metadata.annotations",
            ANNOTATIONS_LIMIT,
        ));
    }
    errors
}

fn finalizers(object: &Value) -> Vec<FieldError> {
    meta_list(object, "finalizers")
        .into_iter()
        .flat_map(|finalizer| {
            name::qualified_name(finalizer)
                .into_iter()
                .map(move |why| FieldError::invalid_text("metadata.finalizers", finalizer, &why))
        })
        .chain(unknown_finalizers(object))
        .collect()
}

/// A finalizer without a domain must be one that Kubernetes knows.
fn unknown_finalizers(object: &Value) -> Vec<FieldError> {
    let finalizers = meta_list(object, "finalizers").into_iter().enumerate();
    finalizers
        .filter(|(_, finalizer)| {
            !finalizer.contains('/') && !STANDARD_FINALIZERS.contains(finalizer)
        })
        .map(|(index, finalizer)| {
            FieldError::invalid_text(
                format!("metadata.finalizers[{index}]"),
                finalizer,
                "name is neither a standard finalizer name nor is it fully qualified",
            )
        })
        .collect()
}

pub(crate) fn validate_change(old: &Value, new: &Value) -> Vec<FieldError> {
    let mut errors = change_errors(old, new);
    // The server checks in two places and says everything twice.
    errors.extend_from_within(..);
    errors
}

fn change_errors(old: &Value, new: &Value) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if !meta(old, "deletionTimestamp").is_empty() {
        let before = meta_list(old, "finalizers");
        let added: Vec<String> = meta_list(new, "finalizers")
            .into_iter()
            .filter(|finalizer| !before.contains(finalizer))
            .map(rbacform_access::quote::go_quote)
            .collect();
        if !added.is_empty() {
            let why = format!(
                "no new finalizers can be added if the object is being deleted, found new \
                 finalizers []string{{{}}}",
                added.join(", ")
            );
            errors.push(FieldError::forbidden("metadata.finalizers", &why));
        }
    }
    for field in ["name", "namespace", "uid"] {
        if meta(old, field) != meta(new, field) {
            let path = format!("metadata.{field}");
            errors.push(FieldError::invalid_text(
                path,
                meta(new, field),
                "field is immutable",
            ));
        }
    }
    errors
}
