//! Service accounts.

use serde_json::{Value, json};

/// The account that every namespace gets by itself.
pub(crate) const DEFAULT: &str = "default";

/// A new service account with nothing but a name.
pub(crate) fn bare(namespace: &str, name: &str) -> Value {
    json!({"metadata": {"name": name, "namespace": namespace}})
}
