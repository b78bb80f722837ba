//! Reading again: what is written of a resource, for the places of its parts.
//!
//! A resource keeps one place, that of its table or manifest: a place for each of its values would
//! be held for ten thousand resources as long as a run takes, for the few that a finding or an
//! answer points into. Their files are parsed again instead.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use rbacform_core::{FileId, Node, NodeKind, SourceMap, Span};

use crate::load::deep;
use crate::manifests::yaml_objects;
use crate::toml_tree;

/// What files say of resources. Each file is parsed at most once.
#[derive(Debug, Default)]
pub struct Reread {
    files: HashMap<FileId, Vec<Node>>,
}

impl Reread {
    /// What is written at the span of a [`DesiredResource`](rbacform_core::DesiredResource): its
    /// table, in which no `${...}` is evaluated, or its manifest.
    pub fn resource(&mut self, sources: &SourceMap, span: Span) -> Option<&Node> {
        let resources = match self.files.entry(span.file) {
            Entry::Occupied(held) => held.into_mut(),
            Entry::Vacant(slot) => {
                slot.insert(deep(|| resources(sources, span.file)).unwrap_or_default())
            }
        };
        let found = resources.binary_search_by_key(&span, |node| node.span);
        resources.get(found.ok()?)
    }
}

/// The resources of a file, in order.
fn resources(sources: &SourceMap, id: FileId) -> Vec<Node> {
    let Some(file) = sources.file(id) else {
        return Vec::new();
    };
    let mut found = match file.path.ends_with(".toml") {
        true => tables(toml_tree::parse(id, &file.text).0),
        false => yaml_objects(id, &file.text).0.collect(),
    };
    found.sort_by_key(|node| node.span);
    found
}

/// The tables `[PROVIDER.TYPE.NAME]`.
fn tables(root: Node) -> Vec<Node> {
    let mut found = vec![root];
    for _ in ["provider", "type", "name"] {
        found = found.into_iter().flat_map(values).collect();
    }
    found
}

fn values(node: Node) -> impl Iterator<Item = Node> {
    let entries = match node.kind {
        NodeKind::Map(entries) => entries,
        _ => Vec::new(),
    };
    entries.into_iter().map(|entry| entry.node)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(path: &str, text: &str) -> Vec<(usize, String)> {
        let mut sources = SourceMap::default();
        let file = sources.add(path, text);
        let mut reread = Reread::default();
        let spans: Vec<Span> = resources(&sources, file).iter().map(|it| it.span).collect();
        spans
            .into_iter()
            .map(|span| {
                let node = reread.resource(&sources, span).unwrap();
                (
                    node.span.start as usize,
                    node.get("name").unwrap().as_str().unwrap().to_owned(),
                )
            })
            .collect()
    }

    #[test]
    fn tables_are_found_however_they_are_written() {
        let text = "[locals]\na = 1\n[kubernetes.role.a]\nname = \"a\"\n\
                    [kubernetes.role.a.lifecycle]\n[kubernetes]\nrole.b = { name = \"b\" }\n";
        let names: Vec<String> = places("a.toml", text).into_iter().map(|it| it.1).collect();
        assert_eq!(names, ["a", "b"]);
    }

    #[test]
    fn documents_of_yaml_are_found_in_lists_too() {
        let text =
            "kind: List\nitems:\n- name: a\n- kind: RoleList\n  items: [{name: b}]\n---\nname: c\n";
        let names: Vec<String> = places("a.yaml", text).into_iter().map(|it| it.1).collect();
        assert_eq!(names, ["a", "b", "c"]);
    }

    #[test]
    fn where_no_resource_is_nothing_is_found() {
        let mut sources = SourceMap::default();
        let file = sources.add("a.toml", "[kubernetes.role.a]\n");
        let mut reread = Reread::default();
        assert!(reread.resource(&sources, Span::new(file, 3..4)).is_none());
        assert!(
            reread
                .resource(&sources, Span::new(FileId(7), 0..1))
                .is_none()
        );
    }
}
