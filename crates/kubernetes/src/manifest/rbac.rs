//! The fields of roles and bindings as arguments.

use rbacform_core::{Diagnostic, Entry, Node, NodeKind, hint};

use super::fields::{entry, fields, only_known, renamed_items};
use super::is_empty;
use crate::input::Input;
use crate::types::RBAC_GROUP;

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
