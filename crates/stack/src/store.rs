//! Names and what they stand for while a stack is being resolved.

use std::collections::HashMap;

use rbacform_core::{Address, Node, NodeKind, Text};

use crate::expression::{Data, Names};

/// Values by their whole dotted name: `vars.tenants`, `local.project`, `kubernetes.role.reader`.
#[derive(Default)]
pub(crate) struct Store {
    values: HashMap<Text, Data>,
}

/// One element of a `for_each`.
#[derive(Clone, Debug)]
pub(crate) struct Each {
    pub(crate) key: Data,
    pub(crate) value: Data,
}

/// A store as seen from inside of a resource instance.
pub(crate) struct Scope<'s> {
    pub(crate) store: &'s Store,
    pub(crate) each: Option<&'s Each>,
}

impl Store {
    pub(crate) fn set(&mut self, name: impl Into<Text>, data: Data) {
        self.values.insert(name.into(), data);
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Data> {
        self.values.get(name)
    }

    /// The data of an evaluated node, in which references lead back to their resources.
    pub(crate) fn data(&self, node: &Node) -> Data {
        match &node.kind {
            NodeKind::Reference(reference) => self.instance(&reference.address),
            NodeKind::List(items) => Data::list(items.iter().map(|n| self.data(n)).collect()),
            NodeKind::Map(entries) => Data::map(
                entries
                    .iter()
                    .map(|entry| (entry.key.clone(), self.data(&entry.node)))
                    .collect(),
            ),
            _ => Data::from_node(node),
        }
    }

    fn instance(&self, address: &Address) -> Data {
        let name = format!("{}.{}", address.type_name, address.name);
        let found = self.values.get(name.as_str());
        match (found, &address.key) {
            (Some(Data::Map(map)), Some(key)) => map.get(key).cloned(),
            (found, _) => found.cloned(),
        }
        .unwrap_or(Data::Broken)
    }
}

impl Names for Scope<'_> {
    fn find(&self, name: &str) -> Option<&Data> {
        match (name, self.each) {
            ("each.key", Some(each)) => Some(&each.key),
            ("each.value", Some(each)) => Some(&each.value),
            _ => self.store.values.get(name),
        }
    }
}
