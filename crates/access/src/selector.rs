//! Label selectors, as aggregation rules use them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::lenient::null_default;

/// A label selector; all parts must hold, and the empty selector selects everything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LabelSelector {
    /// Labels that must have exactly these values.
    #[serde(
        deserialize_with = "null_default",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub match_labels: BTreeMap<String, String>,
    /// Further requirements.
    #[serde(
        deserialize_with = "null_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub match_expressions: Vec<Requirement>,
}

/// One requirement of a selector.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Requirement {
    /// The label's key.
    #[serde(deserialize_with = "null_default")]
    pub key: String,
    /// `In`, `NotIn`, `Exists` or `DoesNotExist`; any other selects nothing.
    #[serde(deserialize_with = "null_default")]
    pub operator: String,
    /// The values of `In` and `NotIn`.
    #[serde(
        deserialize_with = "null_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub values: Vec<String>,
}

impl LabelSelector {
    /// Whether an object with these labels is selected.
    pub fn matches(&self, labels: &BTreeMap<String, String>) -> bool {
        self.match_labels
            .iter()
            .all(|(key, value)| labels.get(key) == Some(value))
            && self
                .match_expressions
                .iter()
                .all(|requirement| requirement.matches(labels))
    }
}

impl Requirement {
    /// Whether these labels meet the requirement. An absent label meets `NotIn`.
    pub fn matches(&self, labels: &BTreeMap<String, String>) -> bool {
        let value = labels.get(&self.key);
        match self.operator.as_str() {
            "In" => value.is_some_and(|value| self.values.contains(value)),
            "NotIn" => value.is_none_or(|value| !self.values.contains(value)),
            "Exists" => value.is_some(),
            "DoesNotExist" => value.is_none(),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements_hold_as_kubernetes_defines_them() {
        let labels = BTreeMap::from([("tier".to_owned(), "gold".to_owned())]);
        for (operator, key, values, expected) in [
            ("In", "tier", vec!["gold", "silver"], true),
            ("In", "tier", vec!["silver"], false),
            ("In", "absent", vec!["gold"], false),
            ("NotIn", "tier", vec!["silver"], true),
            ("NotIn", "absent", vec!["gold"], true),
            ("Exists", "tier", vec![], true),
            ("Exists", "absent", vec![], false),
            ("DoesNotExist", "absent", vec![], true),
            ("Near", "tier", vec!["gold"], false),
        ] {
            let requirement = Requirement {
                key: key.into(),
                operator: operator.into(),
                values: values.iter().map(ToString::to_string).collect(),
            };
            assert_eq!(requirement.matches(&labels), expected, "{operator} {key}");
        }
        assert!(LabelSelector::default().matches(&labels));
    }
}
