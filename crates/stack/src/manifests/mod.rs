//! `[[manifests]]`: plain Kubernetes YAML, planned as it is.

mod declare;
mod yaml;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rbacform_core::{
    Address, DesiredResource, Diagnostic, FileId, Lifecycle, Node, NodeKind, ObjectId, Semantics,
    Span,
};

use crate::files::Folder;
use crate::workbench::Workbench;

pub(crate) use declare::{Block, read};
pub use yaml::documents as yaml_documents;

/// What the files of `[[manifests]]` come to.
#[derive(Default)]
pub(crate) struct Manifests {
    pub(crate) resources: Vec<DesiredResource>,
    pub(crate) expired: Vec<(Address, ObjectId)>,
}

/// Reads and resolves every file of every block.
pub(crate) fn resolve(
    blocks: &[Block],
    folder: &Folder<'_>,
    semantics: &[&dyn Semantics],
    now: i64,
    bench: &mut Workbench,
) -> Manifests {
    let mut found = Manifests::default();
    for block in blocks {
        for path in block.paths(folder, bench) {
            let file = match folder.read(&path, &mut bench.sources) {
                Ok(file) => file,
                Err(error) => {
                    bench.diagnostics.push(error);
                    continue;
                }
            };
            let text = bench.sources.file(file).map(|file| file.text.as_ref());
            let (objects, errors) = yaml_objects(file, text.unwrap_or_default());
            bench.diagnostics.extend(errors);
            for object in objects {
                block.object(object, semantics, now, &mut found, bench);
            }
        }
    }
    found
}

/// The objects of a YAML file and what is wrong with it; lists are taken apart.
pub(crate) fn yaml_objects(
    file: FileId,
    text: &str,
) -> (impl Iterator<Item = Node> + use<>, Vec<Diagnostic>) {
    let (documents, errors) = yaml::documents(file, text);
    (documents.into_iter().flat_map(objects), errors)
}

fn objects(document: Node) -> Vec<Node> {
    match take_apart(document) {
        Parts::One(object) => vec![object],
        Parts::Many(items) => items.into_iter().flat_map(objects).collect(),
    }
}

impl Block {
    /// The files that the patterns match, in order; a pattern without any is an error.
    fn paths(&self, folder: &Folder<'_>, bench: &mut Workbench) -> BTreeSet<PathBuf> {
        let mut paths = BTreeSet::new();
        for (pattern, span) in &self.files {
            match expand(pattern, folder) {
                Ok(found) => paths.extend(found),
                Err((code, message)) => {
                    bench
                        .diagnostics
                        .push(Diagnostic::error(code, message).at(*span));
                }
            }
        }
        paths
    }

    /// Resolves one object.
    fn object(
        &self,
        document: Node,
        semantics: &[&dyn Semantics],
        now: i64,
        found: &mut Manifests,
        bench: &mut Workbench,
    ) {
        let resolved = semantics.iter().find_map(|semantics| {
            semantics.manifest(semantics.provider(), &document, &self.namespace)
        });
        let resolved = match resolved {
            Some(Ok(resolved)) => resolved,
            Some(Err(errors)) => {
                bench.diagnostics.extend(errors);
                return;
            }
            None if self.ignore_others => return,
            None => {
                bench.diagnostics.push(other_kind(&document));
                return;
            }
        };
        let address = Address::manifest(
            &self.name,
            resolved.type_name,
            resolved.object.ident.clone(),
        );
        bench.diagnostics.extend(resolved.warnings);
        if resolved.expires.is_some_and(|end| end <= now) {
            found.expired.push((address, resolved.object));
            return;
        }
        found.resources.push(DesiredResource {
            address,
            object: resolved.object,
            attributes: resolved.attributes,
            requires: resolved.requires,
            depends_on: Vec::new(),
            lifecycle: Lifecycle::default(),
            built_in: resolved.built_in,
            span: document.span,
        });
    }
}

/// The files that a pattern matches, or why there are none.
fn expand(pattern: &str, folder: &Folder<'_>) -> Result<Vec<PathBuf>, (&'static str, String)> {
    let invalid = |why: &str| {
        (
            "invalid-pattern",
            format!("`{pattern}` is no pattern of files: {why}"),
        )
    };
    if Path::new(pattern).is_absolute() {
        return Err((
            "outside-root",
            "a pattern is relative to the stack's directory".to_owned(),
        ));
    }
    let Some(dir) = folder.dir.to_str() else {
        return Err(invalid("the directory's name is not UTF-8"));
    };
    let whole = format!("{}/{pattern}", glob::Pattern::escape(dir));
    let matches = glob::glob(&whole).map_err(|error| invalid(error.msg))?;
    let mut found: Vec<PathBuf> = matches
        .filter_map(Result::ok)
        .filter(|p| p.is_file())
        .collect();
    if found.iter().any(|path| !folder.contains(path)) {
        let message = format!("`{pattern}` leads outside of the root, where nothing is read");
        return Err(("outside-root", message));
    }
    if found.is_empty() {
        return Err(("no-files", format!("no file matches `{pattern}`")));
    }
    found.sort();
    Ok(found)
}

enum Parts {
    One(Node),
    Many(Vec<Node>),
}

/// Takes `kind: List` apart, and `RoleList` and its like, whose items may leave their kind out.
fn take_apart(document: Node) -> Parts {
    let kind = document
        .get("kind")
        .and_then(Node::as_str)
        .unwrap_or_default()
        .to_owned();
    let Some(item_kind) = kind.strip_suffix("List") else {
        return Parts::One(document);
    };
    let version = document.entry("apiVersion").cloned();
    let kind_entry = document.entry("kind").cloned();
    let NodeKind::Map(entries) = document.kind else {
        return Parts::One(document);
    };
    let items = entries.into_iter().find(|entry| entry.key == "items");
    let NodeKind::List(mut items) = items.map_or(NodeKind::Null, |items| items.node.kind) else {
        return Parts::Many(Vec::new());
    };
    if !item_kind.is_empty() {
        for item in &mut items {
            let NodeKind::Map(entries) = &mut item.kind else {
                continue;
            };
            for (default, text) in [(&version, None), (&kind_entry, Some(item_kind))] {
                let Some(default) = default else { continue };
                if !entries.iter().any(|entry| entry.key == default.key) {
                    let mut entry = default.clone();
                    if let Some(text) = text {
                        entry.node.kind = NodeKind::String(text.into());
                    }
                    entries.push(entry);
                }
            }
        }
    }
    Parts::Many(items)
}

fn other_kind(document: &Node) -> Diagnostic {
    let place = |key: &str| document.get(key).map(|node| node.span);
    let span: Span = place("kind").unwrap_or(document.span);
    let text = |key: &str| document.get(key).and_then(Node::as_str).unwrap_or_default();
    let kind: String = text("kind").chars().take(80).collect();
    let message = format!("objects of kind `{kind}` are not managed");
    Diagnostic::error("unsupported-kind", message)
        .at(span)
        .help("write `other_kinds = \"ignore\"` in this `[[manifests]]` to leave them out")
}
