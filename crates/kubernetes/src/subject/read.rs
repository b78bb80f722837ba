//! Reading subjects, in any of their spellings.

use rbacform_core::{Diagnostic, Node, NodeKind, Reference, Span, Value, hint};

use super::canonical;
use crate::input::{Dialect, Input, has_unknown};
use crate::{names, rule};

/// The kinds of subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    User,
    Group,
    ServiceAccount,
}

/// Reads `subjects`. `namespace` is the binding's, where it has one: a service account without a
/// namespace of its own is meant to be there.
pub(crate) fn read(input: &mut Input<'_>, node: &Node, namespace: Option<&str>) -> Value {
    let subjects = input
        .list(node, "subjects")
        .iter()
        .enumerate()
        .filter_map(|(index, item)| read_subject(input, item, index, namespace))
        .collect::<Vec<_>>();
    if has_unknown(node) {
        return Value::Unknown;
    }
    rule::set(subjects)
}

/// Reads one subject that no binding holds.
pub(crate) fn one(input: &mut Input<'_>, node: &Node) -> Option<Value> {
    match &node.kind {
        NodeKind::String(text) => parse(input, text, node.span),
        NodeKind::Reference(reference) => follow(input, reference, node.span),
        _ => {
            input.wrong_type(node, "subject", "a subject");
            None
        }
    }
}

fn read_subject(
    input: &mut Input<'_>,
    node: &Node,
    index: usize,
    namespace: Option<&str>,
) -> Option<Value> {
    let what = format!("subjects[{index}]");
    match &node.kind {
        NodeKind::Unknown => None,
        NodeKind::String(text) => parse(input, text, node.span),
        NodeKind::Reference(reference) => follow(input, reference, node.span),
        NodeKind::Map(_) => written_out(input, node, &what, namespace),
        _ => {
            input.wrong_type(node, &what, "a subject");
            None
        }
    }
}

/// `user:NAME`, `group:NAME`, `serviceaccount:NAMESPACE/NAME`, split at the first colon.
fn parse(input: &mut Input<'_>, text: &str, span: Span) -> Option<Value> {
    let Some((prefix, name)) = text.split_once(':') else {
        input.report(
            Diagnostic::error(
                "invalid-subject",
                format!("`{text}` does not say what it is"),
            )
            .at(span)
            .help(format!(
                "write `user:{text}`, `group:{text}` or `serviceaccount:NAMESPACE/NAME`"
            )),
        );
        return None;
    };
    match prefix {
        "user" => subject(input, Kind::User, name, None, [span; 3]),
        "group" => subject(input, Kind::Group, name, None, [span; 3]),
        "serviceaccount" => match name.split_once('/') {
            Some((namespace, name)) => subject(
                input,
                Kind::ServiceAccount,
                name,
                Some(namespace),
                [span; 3],
            ),
            None => {
                let message = format!("`{text}` names no namespace");
                input.report(
                    Diagnostic::error("invalid-subject", message)
                        .at(span)
                        .help(format!("write `serviceaccount:NAMESPACE/{name}`")),
                );
                None
            }
        },
        _ => {
            let message = format!("`{prefix}` in `{text}` is no kind of subject");
            input.report(
                Diagnostic::error("invalid-subject", message)
                    .at(span)
                    .help(meant(text, prefix, name)),
            );
            None
        }
    }
}

/// What somebody who wrote `prefix:name` probably meant.
fn meant(text: &str, prefix: &str, name: &str) -> String {
    if let Some((namespace, name)) = text
        .strip_prefix("system:serviceaccount:")
        .and_then(|rest| rest.split_once(':'))
    {
        return format!("did you mean `serviceaccount:{namespace}/{name}`?");
    }
    if prefix == "system" {
        return format!("did you mean `group:{text}` or `user:{text}`?");
    }
    let lower = prefix.to_lowercase().replace(['_', '-'], "");
    let kind = match lower.as_str() {
        "sa" | "svc" => Some("serviceaccount"),
        _ => hint::closest(&lower, ["user", "group", "serviceaccount"]),
    };
    match kind {
        Some(kind) => format!("did you mean `{kind}:{name}`?"),
        None => "a subject begins with `user:`, `group:` or `serviceaccount:`".to_owned(),
    }
}

fn follow(input: &mut Input<'_>, reference: &Reference, span: Span) -> Option<Value> {
    if reference.type_name != "kubernetes.service_account" {
        let message = format!(
            "`{}` is a `{}`, not a subject",
            reference.address, reference.type_name
        );
        input.report(
            Diagnostic::error("wrong-reference", message)
                .at(span)
                .help("a reference among subjects must be to a `kubernetes.service_account`"),
        );
        return None;
    }
    let name = reference.attributes.get("name").and_then(Value::as_str);
    let namespace = reference
        .attributes
        .get("namespace")
        .and_then(Value::as_str);
    let (Some(name), Some(namespace)) = (name, namespace) else {
        let message = format!(
            "name and namespace of `{}` are not known",
            reference.address
        );
        input.error("unknown-value", span, message);
        return None;
    };
    subject(
        input,
        Kind::ServiceAccount,
        name,
        Some(namespace),
        [span; 3],
    )
}

fn written_out(
    input: &mut Input<'_>,
    node: &Node,
    what: &str,
    binding: Option<&str>,
) -> Option<Value> {
    let mut text = |key: &str| {
        let inner = node.get(key).filter(|inner| inner.kind != NodeKind::Null)?;
        Some((input.text(inner, &format!("{what}.{key}"))?, inner.span))
    };
    let (kind, name, namespace) = (text("kind"), text("name"), text("namespace"));
    if input.failed() && (kind.is_none() || name.is_none()) && has_unknown(node) {
        return None;
    }
    let Some((kind, kind_span)) = kind else {
        input.missing(node.span, &format!("{what}.kind"));
        return None;
    };
    let Some((name, name_span)) = name else {
        input.missing(node.span, &format!("{what}.name"));
        return None;
    };
    let kind = Kind::parse(input, &kind, kind_span)?;
    let place = namespace.as_ref().map_or(node.span, |(_, span)| *span);
    let namespace = namespace
        .map(|(namespace, _)| namespace)
        .filter(|text| !text.is_empty());
    let namespace = namespace.as_deref().or(binding);
    subject(input, kind, &name, namespace, [name_span, place, node.span])
}

impl Kind {
    fn parse(input: &mut Input<'_>, text: &str, span: Span) -> Option<Self> {
        const KINDS: [&str; 3] = ["User", "Group", "ServiceAccount"];
        match text {
            "User" => Some(Self::User),
            "Group" => Some(Self::Group),
            "ServiceAccount" => Some(Self::ServiceAccount),
            _ => {
                let help = match hint::closest(text, KINDS) {
                    Some(kind) => format!("did you mean `{kind}`?"),
                    None => "it must be `User`, `Group` or `ServiceAccount`".to_owned(),
                };
                let message = format!("`{text}` is no kind of subject");
                input.report(
                    Diagnostic::error("invalid-subject", message)
                        .at(span)
                        .help(help),
                );
                None
            }
        }
    }
}

/// Checks one subject; `spans` are those of name, namespace and the whole.
fn subject(
    input: &mut Input<'_>,
    kind: Kind,
    name: &str,
    namespace: Option<&str>,
    [name_span, namespace_span, span]: [Span; 3],
) -> Option<Value> {
    if name.is_empty() {
        input.error("invalid-subject", name_span, "the subject's name is empty");
        return None;
    }
    if kind != Kind::ServiceAccount {
        doubtful(input, name, name_span);
        let kind = if kind == Kind::User { "User" } else { "Group" };
        return Some(canonical(kind, name, None));
    }
    let Some(namespace) = namespace.filter(|namespace| !namespace.is_empty()) else {
        let help = match input.dialect {
            Dialect::Stack => "a cluster role binding is in no namespace: say which one is meant",
            Dialect::Manifest => "add `namespace` to the subject",
        };
        let message = format!("service account `{name}` names no namespace");
        input.report(
            Diagnostic::error("invalid-subject", message)
                .at(span)
                .help(help),
        );
        return None;
    };
    if let Some(wrong) = names::dns_subdomain(name) {
        let message = format!("service account name `{name}` {wrong}");
        input.error("invalid-subject", name_span, message);
        return None;
    }
    if let Some(wrong) = names::dns_label(namespace) {
        // The server takes it; no such namespace can exist.
        let message = format!("namespace `{namespace}` cannot exist: it {wrong}");
        input.report(Diagnostic::warning("dead-subject", message).at(namespace_span));
    }
    Some(canonical("ServiceAccount", name, Some(namespace)))
}

/// Names that the server takes and that match nobody.
fn doubtful(input: &mut Input<'_>, name: &str, span: Span) {
    let (why, help) = if name == "*" {
        (
            "`*` is an ordinary name here and matches nobody",
            "everybody who is logged in is `group:system:authenticated`",
        )
    } else if name.trim() != name {
        (
            "the name begins or ends with white space",
            "remove the space",
        )
    } else {
        return;
    };
    input.report(Diagnostic::warning("dead-subject", why).at(span).help(help));
}
