//! Namespaces: their own label, the lifecycle fields, Pod Security labels.

use serde_json::{Value, json};

use crate::object::{entry_mut, meta, meta_map, set_meta_entry};
use crate::status::FieldError;

const NAME_LABEL: &str = "kubernetes.io/metadata.name";
const POD_SECURITY: &str = "pod-security.kubernetes.io/";

/// Those that may not be deleted.
pub(crate) const PROTECTED: [&str; 3] = ["default", "kube-system", "kube-public"];

/// The label with the namespace's own name is always put back.
pub(crate) fn default(object: &mut Value) {
    let name = meta(object, "name").to_owned();
    if !name.is_empty() {
        set_meta_entry(object, "labels", NAME_LABEL, &name);
    }
}

/// What a new namespace starts with, whatever was sent.
pub(crate) fn prepare_create(object: &mut Value) {
    let finalizers =
        entry_mut(object, "spec").map(|spec| spec.entry("finalizers").or_insert_with(|| json!([])));
    if let Some(Value::Array(finalizers)) = finalizers
        && !finalizers.contains(&json!("kubernetes"))
    {
        finalizers.push(json!("kubernetes"));
    }
    if let Some(object) = object.as_object_mut() {
        object.insert("status".to_owned(), json!({"phase": "Active"}));
    }
}

/// Spec finalizers and status have endpoints of their own; an update leaves them as they are.
pub(crate) fn prepare_update(old: &Value, new: &mut Value) {
    if let (Some(new), Some(old)) = (new.as_object_mut(), old.as_object()) {
        for field in ["spec", "status"] {
            if let Some(value) = old.get(field) {
                new.insert(field.to_owned(), value.clone());
            }
        }
    }
}

pub(crate) fn is_terminating(object: &Value) -> bool {
    !meta(object, "deletionTimestamp").is_empty()
}

/// Errors in Pod Security labels.
pub(crate) fn pod_security_errors(object: &Value) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let Some(labels) = meta_map(object, "labels") else {
        return errors;
    };
    for mode in ["enforce", "audit", "warn"] {
        let level_key = format!("{POD_SECURITY}{mode}");
        let level = labels.get(&level_key).and_then(Value::as_str);
        if let Some(level) = level
            && !["privileged", "baseline", "restricted"].contains(&level)
        {
            errors.push(FieldError::invalid_text(
                format!("metadata.labels[{level_key}]"),
                level,
                "must be one of privileged, baseline, restricted",
            ));
        }
        let version_key = format!("{POD_SECURITY}{mode}-version");
        let version = labels.get(&version_key).and_then(Value::as_str);
        if let Some(version) = version
            && !is_version(version)
        {
            errors.push(FieldError::invalid_text(
                format!("metadata.labels[{version_key}]"),
                version,
                "must be \"latest\" or \"v1.x\"",
            ));
        }
    }
    errors
}

fn is_version(text: &str) -> bool {
    let minor_is_number = |minor: &str| {
        let digits = !minor.is_empty() && minor.bytes().all(|b| b.is_ascii_digit());
        digits && (minor == "0" || !minor.starts_with('0'))
    };
    text == "latest" || text.strip_prefix("v1.").is_some_and(minor_is_number)
}
