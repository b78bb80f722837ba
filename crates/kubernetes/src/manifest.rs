//! Plain Kubernetes YAML: turned into the arguments of a stack file, place by place, so that both
//! are judged by the same code.

mod fields;
mod rbac;

use rbacform_core::{Diagnostic, Entry, Node, NodeKind, ResolvedObject};

pub(crate) use fields::{entry, fields, only_known};
pub(crate) use rbac::{aggregate, binding, rules};

use fields::unknown;

use crate::input::{Dialect, Input};
use crate::types::{KINDS, Kind, RBAC_GROUP};

/// What a kubectl export carries and the server fills in: never a manifest's own words.
const SERVERS: [&str; 7] = [
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "deletionTimestamp",
    "managedFields",
    "selfLink",
];

/// Resolves one document; `None` where its kind is none of ours.
pub(crate) fn resolve(
    instance: &str,
    document: &Node,
    default_namespace: &str,
) -> Option<Result<ResolvedObject, Vec<Diagnostic>>> {
    let mut input = Input::new(instance, Dialect::Manifest, document.span);
    let kind = match find_kind(&mut input, document) {
        Ok(kind) => kind?,
        Err(()) => return Some(Err(input.diagnostics)),
    };
    let mut arguments = metadata(&mut input, document, kind, default_namespace);
    arguments.extend((kind.manifest)(&mut input, document));
    let arguments = Node {
        kind: NodeKind::Map(arguments),
        span: document.span,
    };
    let resolved = (kind.resolve)(&mut input, &arguments);
    Some(input.finish(resolved))
}

/// The kind of a document, `None` where it is not ours, an error where it has none.
fn find_kind(input: &mut Input<'_>, document: &Node) -> Result<Option<&'static Kind>, ()> {
    if !matches!(document.kind, NodeKind::Map(_)) {
        input.wrong_type(document, "document", "a map");
        return Err(());
    }
    let mut text = |key: &str| match document.get(key) {
        Some(node) => input.text(node, key).ok_or(()),
        None => {
            input.missing(document.span, key);
            Err(())
        }
    };
    let (kind, version) = (text("kind"), text("apiVersion"));
    let (kind, version) = (kind?, version?);
    let group = version.split_once('/').map_or("", |(group, _)| group);
    let Some(found) = KINDS.iter().find(|known| known.name == kind) else {
        return Ok(None);
    };
    let right = found.api_version();
    if version == right.as_str() {
        return Ok(Some(found));
    }
    // `Role` is also the name of other people's resources; a group of Kubernetes' own, or none at
    // all, is a mistake.
    if group != found.group
        && !["", "v1", RBAC_GROUP, "rbac", "authorization.k8s.io"].contains(&group)
    {
        return Ok(None);
    }
    let span = document
        .get("apiVersion")
        .map_or(document.span, |node| node.span);
    let message = match version.rsplit('/').next() {
        Some("v1beta1" | "v1alpha1") => format!("`{version}` is no longer served"),
        _ => format!("`{version}` is not the version of a {kind}"),
    };
    input.report(
        Diagnostic::error("unsupported-version", message)
            .at(span)
            .help(format!("write `apiVersion: {right}`")),
    );
    Err(())
}

/// `metadata` as arguments.
fn metadata(
    input: &mut Input<'_>,
    document: &Node,
    kind: &Kind,
    default_namespace: &str,
) -> Vec<Entry> {
    let mut arguments = Vec::new();
    let Some(metadata) = document.get("metadata") else {
        input.missing(document.span, "metadata");
        return arguments;
    };
    let mut namespace = None;
    for entry in input.map(metadata, "metadata") {
        match entry.key.as_str() {
            "name" | "labels" | "annotations" => arguments.push(entry.clone()),
            "namespace" => namespace = Some(entry).filter(|entry| !is_empty(&entry.node)),
            "generateName" => input.report(
                Diagnostic::error(
                    "unknown-field",
                    "`generateName` gives another name each time",
                )
                .at(entry.key_span)
                .help("write `name`"),
            ),
            "finalizers" | "ownerReferences" => input.report(
                Diagnostic::warning("ignored-field", format!("`{}` is not managed", entry.key))
                    .at(entry.key_span)
                    .help("remove it"),
            ),
            key if SERVERS.contains(&key) => {}
            _ => unknown(
                input,
                entry,
                "metadata",
                &["name", "namespace", "labels", "annotations"],
            ),
        }
    }
    match (namespace, kind.namespaced) {
        (Some(entry), true) => arguments.push(entry.clone()),
        (None, true) => arguments.push(Entry {
            key: "namespace".into(),
            key_span: metadata.span,
            node: Node {
                kind: NodeKind::String(default_namespace.into()),
                span: metadata.span,
            },
        }),
        (Some(entry), false) => input.report(
            Diagnostic::error(
                "unknown-field",
                format!("a {} belongs to no namespace", kind.name),
            )
            .at(entry.key_span)
            .help("remove `namespace`"),
        ),
        (None, false) => {}
    }
    arguments
}

fn is_empty(node: &Node) -> bool {
    node.kind == NodeKind::Null || node.as_str() == Some("")
}
