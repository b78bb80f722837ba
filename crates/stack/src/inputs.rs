//! Inputs: what was given to a stack from outside.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The inputs of one run, as a saved plan records them. Sensitive values are never among them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inputs {
    /// The environment (`--env`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub env: Option<String>,
    /// Seconds since 1970.
    pub now: i64,
    /// Files given as variables (`--vars`), relative to the root: they are no stack files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vars_files: Vec<String>,
    /// Variables given by files, flags or environment, each as `--var` takes it: feeding them back
    /// as [`LoadInput::saved`](crate::LoadInput::saved) resolves the same.
    #[serde(default)]
    pub variables: BTreeMap<String, String>,
    /// Settings that the environment gave, and that count.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub settings: Vec<EnvSetting>,
}

/// A provider's setting that the environment gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvSetting {
    /// The provider, e.g. `gcp`.
    pub provider: String,
    /// The setting, a string, e.g. `project`.
    pub name: String,
    /// Where it is from, e.g. `GOOGLE_CLOUD_PROJECT`: its file in diagnostics.
    pub variable: String,
    /// Its value.
    pub value: String,
}
