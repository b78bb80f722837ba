//! Conditions: when a grant holds.
//!
//! Google: `iam/docs/conditions-overview`, `Expr` in the discovery documents.

mod expression;
mod read;
mod until;

use rbacform_core::{Argument, Digest, Map, Type, Value};

pub(crate) use read::read;

/// The most logical operators in one expression (`iam/quotas`).
pub const MAX_OPERATORS: usize = 12;
/// The most bindings of one role to one principal that differ in their condition (`iam/quotas`).
pub const MAX_PER_ROLE_AND_MEMBER: usize = 20;

/// The argument `condition`.
pub(crate) const CONDITION: Argument = Argument::optional(
    "condition",
    Type::Object(&[
        Argument::required("title", Type::String, "What it is for, in a few words."),
        Argument::optional(
            "description",
            Type::String,
            "What it is for, in more words.",
        ),
        Argument::required(
            "expression",
            Type::String,
            "An expression in Google's CEL, e.g. `request.time < timestamp('2027-07-01T00:00:00Z')`.",
        ),
    ]),
    "When the grant holds. Part of its identity: another condition is another grant.",
);

/// The argument `until`.
pub(crate) const UNTIL: Argument = Argument::optional(
    "until",
    Type::String,
    "When the access ends, e.g. `2027-07-01T00:00:00Z`: becomes a condition, so that Google ends it \
     on time whether or not anybody applies. The first plan after that takes the dead grant away.",
);

/// A condition in canonical form. Equal conditions are one grant; Google tells them apart by all
/// three parts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Condition {
    /// Its title.
    pub title: String,
    /// Its description; none where it is empty.
    pub description: Option<String>,
    /// Its expression, as written.
    pub expression: String,
}

impl Condition {
    /// Reads a condition of a policy or of canonical attributes. `None` where there is none.
    pub fn from_value(value: &Value) -> Option<Self> {
        let map = value.as_map()?;
        let text = |key: &str| {
            let text = map.get(key).and_then(Value::as_str).unwrap_or_default();
            text.to_owned()
        };
        let found = Self {
            title: text("title"),
            description: Some(text("description")).filter(|text| !text.is_empty()),
            expression: text("expression"),
        };
        (!found.title.is_empty() || !found.expression.is_empty()).then_some(found)
    }

    /// `{title, description?, expression}`: as attributes hold it, and as Google takes it.
    pub fn to_value(&self) -> Value {
        let mut map = Map::new();
        map.insert("title", self.title.as_str());
        if let Some(description) = &self.description {
            map.insert("description", description.as_str());
        }
        map.insert("expression", self.expression.as_str());
        Value::Map(map)
    }

    /// What tells it from others in the identity of a grant: twelve hexadecimal digits.
    pub fn digest(&self) -> String {
        let digest = Digest::of(&self.to_value());
        digest.as_str().chars().take(12).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_description_is_none_and_each_part_counts() {
        let json = serde_json::json!({"title": "t", "description": "", "expression": "true", "location": "x"});
        let one = Condition::from_value(&Value::from_json(&json)).unwrap();
        assert_eq!(one.description, None);
        assert_eq!(Condition::from_value(&one.to_value()), Some(one.clone()));
        assert_eq!(one.digest().len(), 12);
        let other = Condition {
            description: Some("d".to_owned()),
            ..one.clone()
        };
        assert_ne!(one.digest(), other.digest());
        assert_eq!(
            Condition::from_value(&Value::from_json(&serde_json::json!({}))),
            None
        );
        assert_eq!(Condition::from_value(&Value::Null), None);
    }
}
