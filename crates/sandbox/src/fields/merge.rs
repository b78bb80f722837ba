//! Laying an applied configuration over a live value, and taking fields out of one.

use serde_json::{Map, Value};

use super::path::Element;
use super::set::FieldSet;
use crate::schema::{ListMerge, Shape};

/// The live value with everything that the configuration sets.
pub(crate) fn merge(shape: &Shape, live: &Value, config: &Value) -> Value {
    if shape.is_leaf() {
        return config.clone();
    }
    match (live, config) {
        (Value::Object(live), Value::Object(config)) => merge_maps(shape, live, config),
        (Value::Array(live), Value::Array(config)) => match shape {
            Shape::List(item, merge) => merge_lists(item, *merge, live, config),
            _ => Value::Array(config.clone()),
        },
        (live, Value::Null) if !live.is_null() => live.clone(),
        (_, config) => config.clone(),
    }
}

fn merge_maps(shape: &Shape, live: &Map<String, Value>, config: &Map<String, Value>) -> Value {
    let mut merged = live.clone();
    for (name, value) in config {
        let below = match shape {
            Shape::Struct(shape) => shape.field(name).map(|field| &field.shape),
            Shape::Map(item) => Some(*item),
            _ => None,
        };
        let value = match (below, live.get(name)) {
            (Some(below), Some(own)) => merge(below, own, value),
            _ => value.clone(),
        };
        merged.insert(name.clone(), value);
    }
    Value::Object(merged)
}

fn merge_lists(item: &Shape, by: ListMerge, live: &[Value], config: &[Value]) -> Value {
    let mut merged: Vec<Value> = live.to_vec();
    for value in config {
        let element = Element::of_item(by, value);
        let place = merged
            .iter_mut()
            .find(|own| Element::of_item(by, own) == element);
        match place {
            Some(own) => *own = merge(item, own, value),
            None => merged.push(value.clone()),
        }
    }
    Value::Array(merged)
}

/// The value without the fields of the set. What becomes empty becomes null.
pub(crate) fn remove(shape: &Shape, value: &Value, fields: &FieldSet) -> Value {
    if shape.is_leaf() || fields.is_empty() {
        return value.clone();
    }
    match (shape, value) {
        (Shape::Struct(_) | Shape::Map(_), Value::Object(entries)) => {
            let mut kept = Map::new();
            for (name, value) in entries {
                let element = Element::Field(name.clone());
                if fields.members.contains(&element) {
                    continue;
                }
                let below = match shape {
                    Shape::Struct(shape) => shape.field(name).map(|field| &field.shape),
                    Shape::Map(item) => Some(*item),
                    _ => None,
                };
                let value = match (below, fields.children.get(&element)) {
                    (Some(below), Some(fields)) => remove(below, value, fields),
                    _ => value.clone(),
                };
                kept.insert(name.clone(), value);
            }
            if kept.is_empty() {
                Value::Null
            } else {
                Value::Object(kept)
            }
        }
        (Shape::List(item, merge), Value::Array(items)) => {
            let mut kept = Vec::new();
            for value in items {
                let element = Element::of_item(*merge, value);
                if element
                    .as_ref()
                    .is_some_and(|element| fields.members.contains(element))
                {
                    continue;
                }
                kept.push(
                    match element.and_then(|element| fields.children.get(&element)) {
                        Some(fields) => remove(item, value, fields),
                        None => value.clone(),
                    },
                );
            }
            if kept.is_empty() {
                Value::Null
            } else {
                Value::Array(kept)
            }
        }
        _ => value.clone(),
    }
}
