//! Name and namespace: what every type has.

use rbacform_core::{Argument, Diagnostic, Map, Node, ObjectId, ResolvedObject, Text, Type, Value};

use crate::input::{Dialect, Input, argument};
use crate::{bootstrap, names, types};

/// The argument `name`.
pub(crate) const NAME: Argument = Argument::required("name", Type::String, "The object's name.");
/// The argument `namespace`.
pub(crate) const NAMESPACE: Argument =
    Argument::required("namespace", Type::String, "The namespace it belongs to.");

/// Reads `name`, which `check` must find nothing wrong with.
pub(crate) fn name(
    input: &mut Input<'_>,
    arguments: &Node,
    check: fn(&str) -> Option<String>,
) -> Option<Text> {
    let what = match input.dialect {
        Dialect::Stack => "name",
        Dialect::Manifest => "metadata.name",
    };
    let Some(node) = argument(arguments, "name") else {
        input.missing(input.span, what);
        return None;
    };
    let name = input.text(node, what)?;
    if let Some(wrong) = check(&name) {
        input.error("invalid-name", node.span, format!("name `{name}` {wrong}"));
        return None;
    }
    Some(name)
}

/// Reads `name` of an RBAC object, none that the server makes itself.
pub(crate) fn rbac_name(
    input: &mut Input<'_>,
    arguments: &Node,
    kind: &str,
    namespace: Option<&str>,
) -> Option<Text> {
    let name = name(input, arguments, names::path_segment)?;
    let span = argument(arguments, "name").map_or(input.span, |node| node.span);
    if bootstrap::is_bootstrap(kind, namespace, &name) {
        input.report(
            Diagnostic::error(
                "bootstrap-object",
                format!("`{name}` belongs to the API server"),
            )
            .at(span)
            .help("it is made and mended on every start of the server: choose another name"),
        );
        return None;
    }
    if name.starts_with("system:") {
        let message = format!("`{name}` begins with `system:`, which is kept for the platform");
        input.report(Diagnostic::warning("reserved-name", message).at(span));
    }
    Some(name)
}

/// Reads `namespace`.
pub(crate) fn namespace(input: &mut Input<'_>, arguments: &Node) -> Option<Text> {
    let what = match input.dialect {
        Dialect::Stack => "namespace",
        Dialect::Manifest => "metadata.namespace",
    };
    let Some(node) = argument(arguments, "namespace") else {
        input.missing(input.span, what);
        return None;
    };
    let name = input.text(node, what)?;
    if let Some(wrong) = names::dns_label(&name) {
        input.error(
            "invalid-name",
            node.span,
            format!("namespace `{name}` {wrong}"),
        );
        return None;
    }
    Some(name)
}

/// A resolved object that requires its namespace, and nothing else yet.
pub(crate) fn resolved(
    input: &Input<'_>,
    kind: &types::Kind,
    namespace: Option<&str>,
    name: &str,
    attributes: Map,
) -> ResolvedObject {
    let namespace_object =
        namespace.map(|name| ObjectId::cluster(input.instance, "Namespace", name));
    ResolvedObject {
        type_name: kind.type_name,
        object: kind.object(input.instance, namespace, name),
        attributes: Value::Map(attributes),
        requires: namespace_object.into_iter().collect(),
        built_in: false,
        expires: None,
        warnings: Vec::new(),
    }
}
