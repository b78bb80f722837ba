//! Query parameters.

use std::collections::BTreeMap;

/// The parameters of a URL; of one given twice the first counts, but where all are asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Query(BTreeMap<String, Vec<String>>);

impl Query {
    /// Reads the part of a URL after `?`.
    pub(crate) fn parse(text: &str) -> Self {
        let mut parameters: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (key, value) in form_urlencoded::parse(text.as_bytes()) {
            let values = parameters.entry(key.into_owned()).or_default();
            values.push(value.into_owned());
        }
        Self(parameters)
    }

    /// A parameter; empty where it is absent.
    pub(crate) fn get(&self, key: &str) -> &str {
        self.first(key).unwrap_or_default()
    }

    /// Every value of a parameter, in order.
    pub(crate) fn all(&self, key: &str) -> Vec<String> {
        self.0.get(key).cloned().unwrap_or_default()
    }

    fn first(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.first().map(String::as_str)
    }

    /// A flag as Kubernetes reads it: anything but `0` and `false` is true.
    pub(crate) fn flag(&self, key: &str) -> bool {
        self.first(key)
            .is_some_and(|value| value != "0" && !value.eq_ignore_ascii_case("false"))
    }

    pub(crate) fn is_watch(&self) -> bool {
        self.flag("watch")
    }

    /// The one name that a field selector pins.
    pub(crate) fn pinned_name(&self) -> Option<String> {
        self.get("fieldSelector")
            .split(',')
            .find_map(|requirement| {
                let (field, value) = requirement.split_once('=')?;
                let value = value.strip_prefix('=').unwrap_or(value);
                (field == "metadata.name" && !value.is_empty()).then(|| value.to_owned())
            })
    }
}
