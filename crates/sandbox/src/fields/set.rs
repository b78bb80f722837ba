//! A set of paths, as a tree.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::path::Element;
use crate::schema::{ListMerge, Shape};

/// A set of paths: those that end at this node's elements, and those that go on below.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct FieldSet {
    pub(crate) members: BTreeSet<Element>,
    pub(crate) children: BTreeMap<Element, FieldSet>,
}

impl FieldSet {
    /// The set of all fields that a value of this shape sets.
    pub(crate) fn of(shape: &Shape, value: &Value) -> Self {
        let mut set = Self::default();
        set.collect(shape, value);
        set
    }

    fn collect(&mut self, shape: &Shape, value: &Value) {
        match (shape, value) {
            (Shape::Struct(shape), Value::Object(fields)) => {
                for (name, value) in fields {
                    if let Some(field) = shape.field(name) {
                        self.collect_child(Element::Field(name.clone()), &field.shape, value);
                    }
                }
            }
            (Shape::Map(item), Value::Object(entries)) => {
                for (name, value) in entries {
                    self.collect_child(Element::Field(name.clone()), item, value);
                    self.members.insert(Element::Field(name.clone()));
                }
            }
            (Shape::List(item, merge), Value::Array(items)) => {
                for value in items {
                    if let Some(element) = Element::of_item(*merge, value) {
                        self.collect_child(element.clone(), item, value);
                        self.members.insert(element);
                    }
                }
            }
            _ => {}
        }
    }

    fn collect_child(&mut self, element: Element, shape: &Shape, value: &Value) {
        let empty_map = value.as_object().is_some_and(Map::is_empty);
        if shape.is_leaf() || value.is_null() || empty_map {
            self.members.insert(element);
            return;
        }
        let mut child = Self::default();
        child.collect(shape, value);
        if !child.is_empty() {
            self.children.insert(element, child);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.members.is_empty() && self.children.is_empty()
    }

    pub(crate) fn union(&self, other: &Self) -> Self {
        let mut result = self.clone();
        result.members.extend(other.members.iter().cloned());
        for (element, child) in &other.children {
            let merged = match result.children.get(element) {
                Some(own) => own.union(child),
                None => child.clone(),
            };
            result.children.insert(element.clone(), merged);
        }
        result
    }

    /// The paths of this set that are not in the other.
    pub(crate) fn difference(&self, other: &Self) -> Self {
        self.keep(
            other,
            |own, other| !other.contains(own),
            |own, theirs| match theirs {
                Some(theirs) => own.difference(theirs),
                None => own.clone(),
            },
        )
    }

    /// The paths in both sets.
    pub(crate) fn intersection(&self, other: &Self) -> Self {
        self.keep(
            other,
            |own, other| other.contains(own),
            |own, theirs| match theirs {
                Some(theirs) => own.intersection(theirs),
                None => Self::default(),
            },
        )
    }

    fn keep(
        &self,
        other: &Self,
        member: impl Fn(&Element, &BTreeSet<Element>) -> bool,
        child: impl Fn(&Self, Option<&Self>) -> Self,
    ) -> Self {
        let children = self
            .children
            .iter()
            .map(|(element, own)| (element.clone(), child(own, other.children.get(element))))
            .filter(|(_, child)| !child.is_empty())
            .collect();
        let members = self
            .members
            .iter()
            .filter(|own| member(own, &other.members))
            .cloned()
            .collect();
        Self { members, children }
    }

    /// Adds each struct field on the way to a path, so that a struct goes with its last field.
    pub(crate) fn with_named_fields(&self, shape: &Shape) -> Self {
        let mut members = self.members.clone();
        let mut children = BTreeMap::new();
        for (element, child) in &self.children {
            let below = match (shape, element) {
                (Shape::Struct(shape), Element::Field(name)) => {
                    let field = shape.field(name);
                    if field.is_some() {
                        members.insert(element.clone());
                    }
                    field.map(|field| &field.shape)
                }
                (Shape::Map(item), Element::Field(_)) => Some(*item),
                (Shape::List(item, merge), _) if *merge != ListMerge::Atomic => Some(*item),
                _ => None,
            };
            let child = match below {
                Some(below) => child.with_named_fields(below),
                None => child.clone(),
            };
            children.insert(element.clone(), child);
        }
        Self { members, children }
    }

    /// All paths as messages print them: a node's own members before what lies below.
    pub(crate) fn paths(&self) -> Vec<String> {
        let mut paths = Vec::new();
        self.push_paths("", &mut paths);
        paths
    }

    fn push_paths(&self, prefix: &str, paths: &mut Vec<String>) {
        for member in &self.members {
            paths.push(format!("{prefix}{}", member.display()));
        }
        for (element, child) in &self.children {
            child.push_paths(&format!("{prefix}{}", element.display()), paths);
        }
    }

    /// As `FieldsV1`.
    pub(crate) fn encode(&self) -> Value {
        let mut out = Map::new();
        for (element, child) in &self.children {
            let mut encoded = child.encode();
            if self.members.contains(element)
                && let Value::Object(encoded) = &mut encoded
            {
                encoded.insert(".".to_owned(), Value::Object(Map::new()));
            }
            out.insert(element.encode(), encoded);
        }
        for member in &self.members {
            if !self.children.contains_key(member) {
                out.insert(member.encode(), Value::Object(Map::new()));
            }
        }
        Value::Object(out)
    }

    /// Reads `FieldsV1`; what it does not understand is left out.
    pub(crate) fn decode(value: &Value) -> Self {
        let mut set = Self::default();
        for (key, below) in value.as_object().into_iter().flatten() {
            let Some(element) = Element::decode(key) else {
                continue;
            };
            let child = Self::decode(below);
            let is_member = child.is_empty() || below.get(".").is_some();
            if is_member {
                set.members.insert(element.clone());
            }
            if !child.is_empty() {
                set.children.insert(element, child);
            }
        }
        set
    }
}
