//! Nodes: values that remember where in a file they were written.

use crate::{Address, Map, Span, Text, Value};

/// A value and its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The value.
    pub kind: NodeKind,
    /// Where it was written. A value that an expression computed has the expression's place.
    pub span: Span,
}

/// The shapes of a [`Node`].
#[derive(Clone, Debug, PartialEq)]
pub enum NodeKind {
    /// Nothing set.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Float(f64),
    /// Text. TOML times are text in RFC 3339.
    String(Text),
    /// An ordered list.
    List(Vec<Node>),
    /// A map in the order it was written.
    Map(Vec<Entry>),
    /// A whole resource, from an expression like `${kubernetes.role.reader}`.
    Reference(Box<Reference>),
    /// Known after apply.
    Unknown,
    /// A value that must not be shown or stored.
    Sensitive(Box<Node>),
}

/// One key of a map and its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: Text,
    /// Where the key was written.
    pub key_span: Span,
    /// The value.
    pub node: Node,
}

/// A resource that an expression refers to as a whole.
#[derive(Clone, Debug, PartialEq)]
pub struct Reference {
    /// Its address.
    pub address: Address,
    /// Its resource type, e.g. `kubernetes.role`.
    pub type_name: Text,
    /// Its arguments and exports.
    pub attributes: Map,
}

impl Node {
    /// The entry at `key`, where this is a map that has it.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key == key)
    }

    /// The value at `key`, where this is a map that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.node)
    }

    /// The entries, where this is a map; else none.
    pub fn entries(&self) -> &[Entry] {
        match &self.kind {
            NodeKind::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The items, where this is a list; else none.
    pub fn items(&self) -> &[Node] {
        match &self.kind {
            NodeKind::List(items) => items,
            _ => &[],
        }
    }

    /// The item that is this text, where this is a list as it was written; else the only one that
    /// its expression (`${...}`) may make it.
    pub fn item(&self, text: &str) -> Option<&Node> {
        let written = |node: &&Node| node.as_str() == Some(text);
        let open = |node: &&Node| node.as_str().is_some_and(|text| text.contains("${"));
        let mut may_be = self.items().iter().filter(open);
        let surely = self.items().iter().find(written);
        surely.or_else(|| may_be.next().filter(|_| may_be.next().is_none()))
    }

    /// The text, where this is a string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            NodeKind::String(text) => Some(text),
            _ => None,
        }
    }

    /// The truth value, where this is one.
    pub fn as_bool(&self) -> Option<bool> {
        match &self.kind {
            NodeKind::Bool(flag) => Some(*flag),
            _ => None,
        }
    }

    /// The value without its places. A reference becomes the map of its attributes.
    pub fn to_value(&self) -> Value {
        match &self.kind {
            NodeKind::Null => Value::Null,
            NodeKind::Bool(flag) => Value::Bool(*flag),
            NodeKind::Int(number) => Value::Int(*number),
            NodeKind::Float(number) => Value::Float(*number),
            NodeKind::String(text) => Value::String(text.clone()),
            NodeKind::List(items) => Value::List(items.iter().map(Self::to_value).collect()),
            NodeKind::Map(entries) => Value::Map(
                entries
                    .iter()
                    .map(|entry| (entry.key.clone(), entry.node.to_value()))
                    .collect(),
            ),
            NodeKind::Reference(reference) => Value::Map(reference.attributes.clone()),
            NodeKind::Unknown => Value::Unknown,
            NodeKind::Sensitive(inner) => Value::Sensitive(Box::new(inner.to_value())),
        }
    }

    /// A node whose every part has one place: for values that an expression computed.
    pub fn from_value(value: &Value, span: Span) -> Self {
        let kind = match value {
            Value::Null => NodeKind::Null,
            Value::Bool(flag) => NodeKind::Bool(*flag),
            Value::Int(number) => NodeKind::Int(*number),
            Value::Float(number) => NodeKind::Float(*number),
            Value::String(text) => NodeKind::String(text.clone()),
            Value::List(items) => NodeKind::List(
                items
                    .iter()
                    .map(|item| Self::from_value(item, span))
                    .collect(),
            ),
            Value::Map(map) => NodeKind::Map(
                map.iter()
                    .map(|(key, value)| Entry {
                        key: key.into(),
                        key_span: span,
                        node: Self::from_value(value, span),
                    })
                    .collect(),
            ),
            Value::Unknown => NodeKind::Unknown,
            Value::Sensitive(inner) => NodeKind::Sensitive(Box::new(Self::from_value(inner, span))),
        };
        Self { kind, span }
    }

    /// What this is, for messages: `a string`, `a list`, ...
    pub fn describe(&self) -> &'static str {
        match &self.kind {
            NodeKind::Null => "nothing",
            NodeKind::Bool(_) => "a boolean",
            NodeKind::Int(_) => "an integer",
            NodeKind::Float(_) => "a float",
            NodeKind::String(_) => "a string",
            NodeKind::List(_) => "a list",
            NodeKind::Map(_) => "a map",
            NodeKind::Reference(_) => "a resource",
            NodeKind::Unknown => "a value known after apply",
            NodeKind::Sensitive(_) => "a sensitive value",
        }
    }
}
