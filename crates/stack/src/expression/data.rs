//! Data: values while a stack is being resolved. Cheap to copy, and visible to CEL.

use std::sync::{Arc, OnceLock};

use cel::common::types::{CelList, CelMap};
use rbacform_core::{Address, Entry, Node, NodeKind, Reference, Span, Text, TypeSchema, Value};

/// A value during resolution. Unlike [`Value`] it knows whole resources, and copying is cheap.
#[derive(Clone, Debug)]
pub(crate) enum Data {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    String(Text),
    List(Arc<ListBody>),
    Map(Arc<MapBody>),
    /// A whole resource instance.
    Resource(Arc<Instance>),
    /// A resource whose `when` is false: any use is an error that says so.
    Absent(Arc<Address>),
    /// Known after apply; whose attribute it is.
    Later(Arc<LaterBody>),
    /// Something that was already reported: whatever touches it is silently left out.
    Broken,
}

/// An attribute that only the server can tell.
#[derive(Debug)]
pub(crate) struct LaterBody {
    pub(crate) address: Address,
    pub(crate) attribute: Text,
}

/// A list, and its form for CEL once that was asked for.
#[derive(Debug)]
pub(crate) struct ListBody {
    pub(crate) items: Vec<Data>,
    pub(super) cel: OnceLock<CelList<'static>>,
}

/// A map sorted by key, and its form for CEL once that was asked for.
#[derive(Debug)]
pub(crate) struct MapBody {
    entries: Vec<(Text, Data)>,
    pub(super) cel: OnceLock<CelMap<'static>>,
}

/// One resource as others see it.
#[derive(Debug)]
pub(crate) struct Instance {
    pub(crate) address: Address,
    pub(crate) schema: &'static TypeSchema,
    /// Its arguments and exports.
    pub(crate) attributes: Arc<MapBody>,
}

impl MapBody {
    /// A map of entries with distinct keys in any order.
    pub(crate) fn new(mut entries: Vec<(Text, Data)>) -> Arc<Self> {
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        Arc::new(Self {
            entries,
            cel: OnceLock::new(),
        })
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Data> {
        let at = self
            .entries
            .binary_search_by(|(held, _)| held.as_str().cmp(key))
            .ok()?;
        self.entries.get(at).map(|(_, data)| data)
    }

    pub(crate) fn entries(&self) -> &[(Text, Data)] {
        &self.entries
    }
}

impl Data {
    pub(crate) fn list(items: Vec<Data>) -> Self {
        Self::List(Arc::new(ListBody {
            items,
            cel: OnceLock::new(),
        }))
    }

    pub(crate) fn map(entries: Vec<(Text, Data)>) -> Self {
        Self::Map(MapBody::new(entries))
    }

    /// A node without expressions. What was already reported becomes [`Data::Broken`].
    pub(crate) fn from_node(node: &Node) -> Self {
        match &node.kind {
            NodeKind::Null => Self::Null,
            NodeKind::Bool(flag) => Self::Bool(*flag),
            NodeKind::Int(number) => Self::Int(*number),
            NodeKind::Float(number) => Self::Float(*number),
            NodeKind::String(text) => Self::String(text.clone()),
            NodeKind::List(items) => Self::list(items.iter().map(Self::from_node).collect()),
            NodeKind::Map(entries) => Self::map(
                entries
                    .iter()
                    .map(|entry| (entry.key.clone(), Self::from_node(&entry.node)))
                    .collect(),
            ),
            NodeKind::Sensitive(inner) => Self::from_node(inner),
            NodeKind::Reference(_) | NodeKind::Unknown => Self::Broken,
        }
    }

    /// A node all of whose parts have one place.
    pub(crate) fn to_node(&self, span: Span) -> Node {
        let kind = match self {
            Self::Null => NodeKind::Null,
            Self::Bool(flag) => NodeKind::Bool(*flag),
            Self::Int(number) => NodeKind::Int(*number),
            Self::Float(number) => NodeKind::Float(*number),
            Self::String(text) => NodeKind::String(text.clone()),
            Self::List(list) => {
                NodeKind::List(list.items.iter().map(|item| item.to_node(span)).collect())
            }
            Self::Map(map) => NodeKind::Map(
                map.entries()
                    .iter()
                    .map(|(key, data)| Entry {
                        key: key.clone(),
                        key_span: span,
                        node: data.to_node(span),
                    })
                    .collect(),
            ),
            Self::Resource(instance) => NodeKind::Reference(Box::new(instance.reference())),
            Self::Later(_) | Self::Absent(_) | Self::Broken => NodeKind::Unknown,
        };
        Node { kind, span }
    }

    pub(crate) fn to_value(&self) -> Value {
        self.to_node(Span::default()).to_value()
    }

    /// The first resource in it that is not there, because its `when` is false.
    pub(crate) fn absent(&self) -> Option<&Address> {
        match self {
            Self::Absent(address) => Some(address),
            Self::List(list) => list.items.iter().find_map(Self::absent),
            Self::Map(map) => map.entries().iter().find_map(|(_, data)| data.absent()),
            _ => None,
        }
    }

    /// What this is, for messages.
    pub(crate) fn describe(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool(_) => "a boolean",
            Self::Int(_) => "an integer",
            Self::Float(_) => "a float",
            Self::String(_) => "a string",
            Self::List(_) => "a list",
            Self::Map(_) => "a map",
            Self::Resource(_) => "a resource",
            Self::Later(_) => "a value known after apply",
            Self::Absent(_) | Self::Broken => "nothing",
        }
    }
}

impl Instance {
    fn reference(&self) -> Reference {
        Reference {
            address: self.address.clone(),
            type_name: self.schema.name.into(),
            attributes: self
                .attributes
                .entries()
                .iter()
                .map(|(key, data)| (key.clone(), data.to_value()))
                .collect(),
        }
    }
}
