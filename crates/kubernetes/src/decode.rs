//! Replies into observed objects, one item at a time.

use std::fmt;
use std::marker::PhantomData;

use rbacform_core::{Map, Mark, ObservedObject, Text, Value, mark};
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::bootstrap;
use crate::meta::{LAST_APPLIED, MANAGED_BY, MANAGER};
use crate::remote::Remote;
use crate::types::Kind;

/// Reads one object.
pub(crate) type One = fn(&Kind, &str, &[u8]) -> Result<ObservedObject, serde_json::Error>;
/// Reads a list of objects.
pub(crate) type List = fn(&Kind, &str, &[u8]) -> Result<Listed, serde_json::Error>;

/// What a LIST told.
#[derive(Debug, Default)]
pub(crate) struct Listed {
    /// The objects.
    pub(crate) objects: Vec<ObservedObject>,
    /// Where the next page begins, if there is one.
    pub(crate) continues: Option<String>,
    /// How many objects could not be read.
    pub(crate) malformed: usize,
}

impl Listed {
    /// An object without a name or an id of its own is none that can be told from others.
    fn take(&mut self, observed: ObservedObject) {
        let ident = observed.object.ident.as_str();
        if observed.uid.is_empty() || ident.is_empty() || ident.split('/').any(str::is_empty) {
            self.malformed += 1;
        } else {
            self.objects.push(observed);
        }
    }
}

/// Reads one object of the provider instance.
pub(crate) fn one<T: Remote>(
    kind: &Kind,
    instance: &str,
    body: &[u8],
) -> Result<ObservedObject, serde_json::Error> {
    serde_json::from_slice::<T>(body).map(|remote| observe(kind, instance, remote))
}

/// Reads a list. One object that is not as it should be does not spoil the rest: a list that does
/// not parse whole is parsed item by item.
pub(crate) fn list<T: Remote>(
    kind: &Kind,
    instance: &str,
    body: &[u8],
) -> Result<Listed, serde_json::Error> {
    let whole = parse(body, |listed: &mut Listed, remote: T| {
        listed.take(observe(kind, instance, remote));
    });
    whole.or_else(|_| {
        parse(
            body,
            |listed: &mut Listed, raw: &RawValue| match serde_json::from_str::<T>(raw.get()) {
                Ok(remote) => listed.take(observe(kind, instance, remote)),
                Err(_) => listed.malformed += 1,
            },
        )
    })
}

fn observe<T: Remote>(kind: &Kind, instance: &str, remote: T) -> ObservedObject {
    let (meta, mut attributes) = remote.split();
    let labels = meta.labels.unwrap_or_default();
    let mut annotations = meta.annotations.unwrap_or_default();
    let mark = take_mark(&mut annotations);
    annotations.remove(LAST_APPLIED);
    let text = |key| labels.get(key).and_then(Value::as_str);
    let managed_by = text(MANAGED_BY).filter(|by| *by != MANAGER).map(Text::from);
    let namespace = Some(meta.namespace.as_str()).filter(|_| kind.namespaced);
    let bootstrap = text(bootstrap::LABEL) == Some("rbac-defaults")
        || bootstrap::is_bootstrap(kind.name, namespace, &meta.name);
    attributes.insert("labels", labels);
    attributes.insert("annotations", annotations);
    ObservedObject {
        object: kind.object(instance, namespace, &meta.name),
        uid: meta.uid,
        version: meta.resource_version,
        attributes: Value::Map(attributes),
        mark,
        managed_by,
        last_writer: meta.last_writer,
        terminating: meta.deletion_timestamp.is_some(),
        bootstrap,
    }
}

fn take_mark(annotations: &mut Map) -> Option<Mark> {
    let mut take = |key| match annotations.remove(key)? {
        Value::String(text) => Some(text.to_string()),
        _ => None,
    };
    // Both are taken off, even where one is missing: half a mark is none.
    let (stack, lineage) = (take(mark::STACK_ANNOTATION), take(mark::LINEAGE_ANNOTATION));
    Some(Mark {
        stack: stack?,
        lineage: lineage?,
    })
}

/// Parses a list, giving each item to `each` as soon as it is read.
fn parse<'de, T: Deserialize<'de>>(
    body: &'de [u8],
    each: impl FnMut(&mut Listed, T),
) -> Result<Listed, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let listed = deserializer.deserialize_map(ListVisitor {
        each,
        item: PhantomData,
    })?;
    deserializer.end()?;
    Ok(listed)
}

struct ListVisitor<T, F> {
    each: F,
    item: PhantomData<T>,
}

impl<'de, T: Deserialize<'de>, F: FnMut(&mut Listed, T)> Visitor<'de> for ListVisitor<T, F> {
    type Value = Listed;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of objects")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Listed, A::Error> {
        let mut listed = Listed::default();
        let mut has_items = false;
        while let Some(key) = map.next_key::<Text>()? {
            match key.as_str() {
                "items" => {
                    has_items = true;
                    map.next_value_seed(Items {
                        listed: &mut listed,
                        each: &mut self.each,
                        item: PhantomData::<T>,
                    })?;
                }
                "metadata" => {
                    let metadata: ListMeta = map.next_value()?;
                    listed.continues = metadata.continues.filter(|token| !token.is_empty());
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        // Another document, such as a proxy's own, must not read as an empty cluster.
        if !has_items {
            return Err(serde::de::Error::missing_field("items"));
        }
        listed.objects.shrink_to_fit();
        Ok(listed)
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ListMeta {
    #[serde(rename = "continue")]
    continues: Option<String>,
}

struct Items<'l, T, F> {
    listed: &'l mut Listed,
    each: &'l mut F,
    item: PhantomData<T>,
}

impl<'de, T: Deserialize<'de>, F: FnMut(&mut Listed, T)> DeserializeSeed<'de> for Items<'_, T, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: Deserialize<'de>, F: FnMut(&mut Listed, T)> Visitor<'de> for Items<'_, T, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the objects of a list")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while let Some(item) = items.next_element::<T>()? {
            (self.each)(self.listed, item);
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "decode_tests.rs"]
mod tests;
