use rbacform_core::Value;

/// A namespace is its labels and annotations.
pub(super) fn fields(_: &Value, _: &mut serde_json::Map<String, serde_json::Value>) {}
