//! The environment, read in one place.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// What this program takes from its surroundings.
pub(crate) struct Environment {
    variables: BTreeMap<String, String>,
    /// Seconds since 1970, read once.
    pub(crate) now: jiff::Timestamp,
}

impl Environment {
    /// Reads it. Variables that are not Unicode cannot be ours.
    pub(crate) fn read() -> Self {
        let variables = std::env::vars_os()
            .filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let now = jiff::Timestamp::now();
        let now = jiff::Timestamp::from_second(now.as_second()).unwrap_or(now);
        Self { variables, now }
    }

    /// One variable; an empty one counts as not set.
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.variables
            .get(key)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// Everything, for programs that this one starts.
    pub(crate) fn all(&self) -> &BTreeMap<String, String> {
        &self.variables
    }

    /// `RBACFORM_VAR_k` as (k, value), in order of name.
    pub(crate) fn stack_variables(&self) -> Vec<(String, String)> {
        self.variables
            .iter()
            .filter_map(|(key, value)| {
                Some((key.strip_prefix("RBACFORM_VAR_")?.to_owned(), value.clone()))
            })
            .collect()
    }

    /// The home directory.
    pub(crate) fn home(&self) -> Option<PathBuf> {
        self.get("HOME")
            .or_else(|| self.get("USERPROFILE"))
            .map(PathBuf::from)
    }

    /// Who runs this, for the lock and the audit record.
    pub(crate) fn who(&self) -> String {
        ["USER", "LOGNAME", "USERNAME"]
            .iter()
            .find_map(|key| self.get(key))
            .unwrap_or("unknown")
            .to_owned()
    }

    /// Which machine this is.
    pub(crate) fn host(&self) -> String {
        self.get("HOSTNAME")
            .map(str::to_owned)
            .or_else(|| std::fs::read_to_string("/etc/hostname").ok())
            .map(|name| name.trim().to_owned())
            .unwrap_or_else(|| "unknown".to_owned())
    }
}
