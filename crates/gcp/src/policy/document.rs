//! A policy taken apart and put together again.

use rbacform_core::{Map, Text, Value};

use crate::condition::Condition;

/// A policy: its bindings, and everything else as it came.
#[derive(Clone, Debug, Default)]
pub(super) struct Document {
    pub(super) rest: Map,
    pub(super) bindings: Vec<Binding>,
}

/// One binding of a policy. Members as the server spells them.
#[derive(Clone, Debug, Default)]
pub(super) struct Binding {
    pub(super) rest: Map,
    pub(super) role: Text,
    pub(super) condition: Option<Condition>,
    pub(super) members: Vec<Text>,
}

impl Document {
    pub(super) fn read(policy: &Value) -> Self {
        let mut rest = policy.as_map().cloned().unwrap_or_default();
        let bindings = match rest.remove("bindings") {
            Some(Value::List(bindings)) => bindings.into_iter().map(Binding::read).collect(),
            _ => Vec::new(),
        };
        Self { rest, bindings }
    }

    /// The policy. Bindings without members vanish; the version is always 3, because anything less
    /// strips conditions.
    pub(super) fn write(self) -> Value {
        let mut policy = self.rest;
        let bindings = self.bindings.into_iter();
        let bindings: Vec<Value> = bindings
            .filter(|binding| !binding.members.is_empty())
            .map(Binding::write)
            .collect();
        policy.insert("bindings", bindings);
        policy.insert("version", 3_i64);
        Value::Map(policy)
    }
}

impl Binding {
    fn read(value: Value) -> Self {
        let Value::Map(mut rest) = value else {
            return Self::default();
        };
        let role = match rest.remove("role") {
            Some(Value::String(role)) => role,
            _ => Text::default(),
        };
        let members = match rest.remove("members") {
            Some(Value::List(members)) => members
                .into_iter()
                .filter_map(|member| match member {
                    Value::String(member) => Some(member),
                    _ => None,
                })
                .collect(),
            _ => Vec::new(),
        };
        let condition = rest.get("condition").and_then(Condition::from_value);
        Self {
            rest,
            role,
            condition,
            members,
        }
    }

    fn write(self) -> Value {
        let mut binding = self.rest;
        binding.insert("role", self.role);
        binding.insert("members", self.members);
        Value::Map(binding)
    }

    /// A binding of nobody yet.
    pub(super) fn new(role: &str, condition: Option<&Condition>) -> Self {
        let mut rest = Map::new();
        if let Some(condition) = condition {
            rest.insert("condition", condition.to_value());
        }
        Self {
            rest,
            role: role.into(),
            condition: condition.cloned(),
            members: Vec::new(),
        }
    }

    /// Whether it is for that role under that condition.
    pub(super) fn is_for(&self, role: &str, condition: Option<&Condition>) -> bool {
        self.role == role && self.condition.as_ref() == condition
    }
}
