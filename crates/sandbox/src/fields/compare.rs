//! What changed between two values.

use serde_json::{Map, Value};

use super::path::Element;
use super::set::FieldSet;
use crate::schema::{ListMerge, Shape};

/// The paths added, modified and removed between two values of one shape.
#[derive(Debug, Default)]
pub(crate) struct Comparison {
    pub(crate) added: FieldSet,
    pub(crate) modified: FieldSet,
    pub(crate) removed: FieldSet,
}

impl Comparison {
    pub(crate) fn of(shape: &Shape, before: &Value, after: &Value) -> Self {
        let mut comparison = Self::default();
        comparison.items(shape, Some(before), Some(after));
        comparison
    }

    /// What an owner loses when another changes it.
    pub(crate) fn written(&self) -> FieldSet {
        self.modified.union(&self.added)
    }

    fn items(&mut self, shape: &Shape, before: Option<&Value>, after: Option<&Value>) {
        match shape {
            Shape::Struct(shape) => {
                for name in keys(before, after) {
                    if let Some(field) = shape.field(name) {
                        let element = Element::Field(name.to_owned());
                        self.child(element, &field.shape, get(before, name), get(after, name));
                    }
                }
            }
            Shape::Map(item) => {
                for name in keys(before, after) {
                    let element = Element::Field(name.to_owned());
                    self.child(element, item, get(before, name), get(after, name));
                }
            }
            Shape::List(item, merge) => self.list(item, *merge, before, after),
            _ => {}
        }
    }

    fn list(
        &mut self,
        item: &Shape,
        merge: ListMerge,
        before: Option<&Value>,
        after: Option<&Value>,
    ) {
        let before = by_element(merge, before);
        let after = by_element(merge, after);
        for (element, value) in &before {
            let other = after
                .iter()
                .find(|(other, _)| other == element)
                .map(|(_, value)| *value);
            self.child(element.clone(), item, Some(value), other);
        }
        for (element, value) in &after {
            if !before.iter().any(|(other, _)| other == element) {
                self.child(element.clone(), item, None, Some(value));
            }
        }
    }

    fn child(
        &mut self,
        element: Element,
        shape: &Shape,
        before: Option<&Value>,
        after: Option<&Value>,
    ) {
        // Two empty collections are compared as leaves: null and {} differ.
        let leaf = shape.is_leaf() || (is_hollow(before) && is_hollow(after));
        if !leaf {
            let mut below = Self::default();
            below.items(shape, before, after);
            below.graft(self, &element);
        }
        match (before, after) {
            (None, Some(_)) => self.added.members.insert(element),
            (Some(_), None) => self.removed.members.insert(element),
            (Some(before), Some(after)) if leaf && before != after => {
                self.modified.members.insert(element)
            }
            _ => false,
        };
    }

    fn graft(self, onto: &mut Self, element: &Element) {
        for (set, target) in [
            (self.added, &mut onto.added),
            (self.modified, &mut onto.modified),
            (self.removed, &mut onto.removed),
        ] {
            if !set.is_empty() {
                target.children.insert(element.clone(), set);
            }
        }
    }
}

fn is_hollow(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => true,
        Some(Value::Object(map)) => map.is_empty(),
        Some(Value::Array(items)) => items.is_empty(),
        Some(_) => false,
    }
}

fn get<'a>(value: Option<&'a Value>, name: &str) -> Option<&'a Value> {
    value.and_then(|value| value.get(name))
}

fn keys<'a>(before: Option<&'a Value>, after: Option<&'a Value>) -> Vec<&'a str> {
    let map = |value: Option<&'a Value>| value.and_then(Value::as_object);
    let own = map(before).into_iter().flat_map(Map::keys);
    let new = map(after)
        .into_iter()
        .flat_map(Map::keys)
        .filter(|key| map(before).is_none_or(|before| !before.contains_key(*key)));
    own.chain(new).map(String::as_str).collect()
}

fn by_element(merge: ListMerge, list: Option<&Value>) -> Vec<(Element, &Value)> {
    list.and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|item| Some((Element::of_item(merge, item)?, item)))
        .collect()
}
