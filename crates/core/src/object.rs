//! Object ids: the identity of a remote thing.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Text;

/// Provider instance, kind and identity; printed and parsed as `kubernetes/Role/bob/reader`.
///
/// An address is a name for an object and may change; this does not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId {
    /// The provider instance, e.g. `kubernetes`.
    pub instance: Text,
    /// The kind, e.g. `Role`.
    pub kind: Text,
    /// What tells it from others of its kind: `namespace/name`, or `name` where it has no
    /// namespace.
    pub ident: Text,
}

impl ObjectId {
    /// An object that has a namespace.
    pub fn namespaced(instance: &str, kind: &str, namespace: &str, name: &str) -> Self {
        Self {
            ident: format!("{namespace}/{name}").into(),
            ..Self::cluster(instance, kind, "")
        }
    }

    /// An object that has none.
    pub fn cluster(instance: &str, kind: &str, name: &str) -> Self {
        Self {
            instance: instance.into(),
            kind: kind.into(),
            ident: name.into(),
        }
    }

    /// The namespace, where there is one.
    pub fn namespace(&self) -> Option<&str> {
        self.ident.split_once('/').map(|(namespace, _)| namespace)
    }

    /// The name.
    pub fn name(&self) -> &str {
        self.ident
            .split_once('/')
            .map_or(&self.ident, |(_, name)| name)
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.instance, self.kind, self.ident)
    }
}

/// A text that is no object id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an object id of the form `PROVIDER/KIND/NAME`")]
pub struct ObjectIdError(String);

impl FromStr for ObjectId {
    type Err = ObjectIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.splitn(3, '/');
        match (parts.next(), parts.next(), parts.next()) {
            (Some(instance), Some(kind), Some(ident))
                if !instance.is_empty() && !kind.is_empty() =>
            {
                Ok(Self {
                    instance: instance.into(),
                    kind: kind.into(),
                    ident: ident.into(),
                })
            }
            _ => Err(ObjectIdError(text.to_owned())),
        }
    }
}

impl Serialize for ObjectId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ObjectId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}
