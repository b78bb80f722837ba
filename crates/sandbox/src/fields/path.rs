//! One step of a path into an object.

use serde_json::Value;

use crate::schema::ListMerge;

/// A path element; ordered as `structured-merge-diff` orders them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Element {
    /// A field of a struct or a key of a map.
    Field(String),
    /// An item of a keyed list: the key's name and the JSON of its value.
    Key(String, String),
    /// An item of a set: the JSON of its value.
    Value(String),
}

impl Element {
    /// The element under which a list item is known; `None` where the item lacks the key.
    pub(crate) fn of_item(merge: ListMerge, item: &Value) -> Option<Self> {
        match merge {
            ListMerge::Atomic => None,
            ListMerge::Set => Some(Self::Value(item.to_string())),
            ListMerge::Keyed(key) => Some(Self::Key(
                key.to_owned(),
                item.as_object()?.get(key)?.to_string(),
            )),
        }
    }

    /// As `FieldsV1` writes it.
    pub(crate) fn encode(&self) -> String {
        match self {
            Self::Field(name) => format!("f:{name}"),
            Self::Key(key, value) => {
                format!("k:{{{}:{value}}}", Value::String(key.clone()))
            }
            Self::Value(value) => format!("v:{value}"),
        }
    }

    /// Reads what `encode` wrote; `None` for anything else.
    pub(crate) fn decode(text: &str) -> Option<Self> {
        let (tag, rest) = text.split_once(':')?;
        match tag {
            "f" => Some(Self::Field(rest.to_owned())),
            "v" => Some(Self::Value(rest.to_owned())),
            "k" => {
                let key: Value = serde_json::from_str(rest).ok()?;
                let (key, value) = key.as_object()?.iter().next()?;
                Some(Self::Key(key.clone(), value.to_string()))
            }
            _ => None,
        }
    }

    /// As messages print it after its parent.
    pub(crate) fn display(&self) -> String {
        match self {
            Self::Field(name) => format!(".{name}"),
            Self::Key(key, value) => format!("[{key}={value}]"),
            Self::Value(value) => format!("[={value}]"),
        }
    }
}
