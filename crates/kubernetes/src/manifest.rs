//! Plain Kubernetes YAML: turned into the arguments of a stack file, place by place, so that both
//! are judged by the same code.

use rbacform_core::{Diagnostic, Entry, Node, NodeKind, ResolvedObject, hint};

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

/// Reports the fields of a document that its kind does not have.
pub(crate) fn only_known(input: &mut Input<'_>, document: &Node, known: &[&str]) {
    let all: Vec<&str> = ["apiVersion", "kind", "metadata"]
        .iter()
        .chain(known)
        .copied()
        .collect();
    for entry in document.entries() {
        if !all.contains(&entry.key.as_str()) {
            unknown(input, entry, "the document", &all);
        }
    }
}

/// Reports the fields of a map that it does not have.
pub(crate) fn fields(input: &mut Input<'_>, node: &Node, what: &str, known: &[&str]) {
    for entry in input.map(node, what) {
        if !known.contains(&entry.key.as_str()) {
            unknown(input, entry, &format!("`{what}`"), known);
        }
    }
}

fn unknown(input: &mut Input<'_>, entry: &Entry, place: &str, known: &[&str]) {
    let place = place.trim_matches('`');
    let help = match hint::closest(&entry.key, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known here: `{}`", known.join("`, `")),
    };
    input.report(
        Diagnostic::error(
            "unknown-field",
            format!("unknown field `{}` in {place}", entry.key),
        )
        .at(entry.key_span)
        .help(help),
    );
}

/// A field under an argument's name.
pub(crate) fn entry(field: &Entry, name: &str, kind: NodeKind) -> Entry {
    Entry {
        key: name.into(),
        key_span: field.key_span,
        node: Node {
            kind,
            span: field.node.span,
        },
    }
}

/// A map whose fields are renamed to arguments; unknown ones are reported.
fn renamed(input: &mut Input<'_>, node: &Node, what: &str, names: &[(&str, &str)]) -> Node {
    if !matches!(node.kind, NodeKind::Map(_)) {
        return node.clone();
    }
    let known: Vec<&str> = names.iter().map(|(field, _)| *field).collect();
    fields(input, node, what, &known);
    let entries = names.iter().filter_map(|(field, name)| {
        let found = node.entry(field)?;
        Some(entry(found, name, found.node.kind.clone()))
    });
    Node {
        kind: NodeKind::Map(entries.collect()),
        span: node.span,
    }
}

fn renamed_items(
    input: &mut Input<'_>,
    node: &Node,
    what: &str,
    names: &[(&str, &str)],
) -> NodeKind {
    let NodeKind::List(items) = &node.kind else {
        return node.kind.clone();
    };
    let items = items.iter().enumerate();
    NodeKind::List(
        items
            .map(|(index, item)| renamed(input, item, &format!("{what}[{index}]"), names))
            .collect(),
    )
}

/// `rules` as an argument.
pub(crate) fn rules(input: &mut Input<'_>, field: &Entry) -> Entry {
    let names = [
        ("apiGroups", "api_groups"),
        ("resources", "resources"),
        ("verbs", "verbs"),
        ("resourceNames", "resource_names"),
        ("nonResourceURLs", "non_resource_urls"),
    ];
    let items = renamed_items(input, &field.node, "rules", &names);
    entry(field, "rules", items)
}

/// `aggregationRule` as the argument `aggregate`.
pub(crate) fn aggregate(input: &mut Input<'_>, field: &Entry) -> Option<Entry> {
    const LIST: &str = "clusterRoleSelectors";
    if field.node.kind == NodeKind::Null {
        return None;
    }
    fields(input, &field.node, "aggregationRule", &[LIST]);
    let names = [
        ("matchLabels", "match_labels"),
        ("matchExpressions", "match_expressions"),
    ];
    let what = format!("aggregationRule.{LIST}");
    let selectors = match field.node.get(LIST) {
        Some(list) if list.kind != NodeKind::Null => renamed_items(input, list, &what, &names),
        _ => NodeKind::List(Vec::new()),
    };
    Some(entry(field, "aggregate", selectors))
}

/// `roleRef` and `subjects` of a binding as arguments.
pub(crate) fn binding(input: &mut Input<'_>, document: &Node, kinds: &[&str]) -> Vec<Entry> {
    only_known(input, document, &["roleRef", "subjects"]);
    let mut arguments = Vec::new();
    match document.entry("roleRef") {
        Some(field) => arguments.extend(role_ref(input, field, kinds)),
        None => input.missing(document.span, "roleRef"),
    }
    if let Some(field) = document.entry("subjects") {
        arguments.push(subjects(input, field));
    }
    arguments
}

fn role_ref(input: &mut Input<'_>, field: &Entry, kinds: &[&str]) -> Option<Entry> {
    let node = &field.node;
    fields(input, node, "roleRef", &["apiGroup", "kind", "name"]);
    check_group(input, node, "roleRef", RBAC_GROUP);
    let kind = match node.get("kind") {
        Some(kind) => Some((input.text(kind, "roleRef.kind")?, kind.span)),
        None => {
            input.missing(node.span, "roleRef.kind");
            None
        }
    };
    let name = node.entry("name");
    if name.is_none() {
        input.missing(node.span, "roleRef.name");
    }
    let ((kind, span), name) = (kind?, name?);
    if !kinds.contains(&kind.as_str()) {
        let help = match hint::closest(&kind, kinds.iter().copied()) {
            Some(near) if near != kind => format!("did you mean `{near}`?"),
            _ => format!("it must be `{}`", kinds.join("` or `")),
        };
        let message = format!("`roleRef.kind` may not be `{kind}` here");
        input.report(
            Diagnostic::error("invalid-role-ref", message)
                .at(span)
                .help(help),
        );
        return None;
    }
    let argument = match kind.as_str() {
        "Role" => "role",
        _ => "cluster_role",
    };
    Some(entry(name, argument, name.node.kind.clone()))
}

fn subjects(input: &mut Input<'_>, field: &Entry) -> Entry {
    let names = [
        ("kind", "kind"),
        ("name", "name"),
        ("namespace", "namespace"),
    ];
    let NodeKind::List(items) = &field.node.kind else {
        return field.clone();
    };
    let mut subjects = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let what = format!("subjects[{index}]");
        if !matches!(item.kind, NodeKind::Map(_)) {
            input.wrong_type(item, &what, "a map");
            continue;
        }
        fields(
            input,
            item,
            &what,
            &["kind", "apiGroup", "name", "namespace"],
        );
        let kind = item.get("kind").and_then(Node::as_str);
        let group = if kind == Some("ServiceAccount") {
            ""
        } else {
            RBAC_GROUP
        };
        check_group(input, item, &what, group);
        let entries = names
            .iter()
            .filter_map(|(name, _)| item.entry(name).cloned());
        subjects.push(Node {
            kind: NodeKind::Map(entries.collect()),
            span: item.span,
        });
    }
    entry(field, "subjects", NodeKind::List(subjects))
}

/// An API group that is left out or empty is filled in by the server.
fn check_group(input: &mut Input<'_>, node: &Node, what: &str, right: &str) {
    let Some(group) = node.get("apiGroup").filter(|group| !is_empty(group)) else {
        return;
    };
    let Some(text) = input.text(group, &format!("{what}.apiGroup")) else {
        return;
    };
    if text != right {
        let help = match right {
            "" => "remove it: service accounts are in the core group".to_owned(),
            _ => format!("write `apiGroup: {right}`"),
        };
        let message = format!("`{what}.apiGroup` may not be `{text}`");
        let code = if what == "roleRef" {
            "invalid-role-ref"
        } else {
            "invalid-subject"
        };
        input.report(Diagnostic::error(code, message).at(group.span).help(help));
    }
}
