//! Bindings: what both kinds have in common.

use rbacform_core::{
    Argument, Binding, Diagnostic, Map, Node, ObjectId, ResolvedObject, Type, Value,
};

use crate::input::{Input, argument};
use crate::meta::Meta;
use crate::types::Kind;
use crate::{identity, role_ref, subject};

/// The argument `until`.
pub(crate) const UNTIL: Argument = Argument::optional(
    "until",
    Type::String,
    "When the access ends, e.g. `2027-07-01T00:00:00Z`. The first plan after that deletes the \
     binding; nothing does before.",
);

/// Reads a binding in `namespace`, or a cluster-wide one.
pub(crate) fn resolve(
    input: &mut Input<'_>,
    arguments: &Node,
    kind: &Kind,
    namespace: Option<&str>,
) -> Option<ResolvedObject> {
    let name = identity::rbac_name(input, arguments, kind.name, namespace);
    let mut attributes = Map::new();
    let role = role_ref::read(input, arguments, namespace);
    // A list left out is an empty one: the server takes a binding of nobody.
    let subjects = match argument(arguments, "subjects") {
        Some(node) => subject::read(input, node, namespace),
        None => Value::List(Vec::new()),
    };
    Meta::read(input, arguments).write(&mut attributes);
    let expires = until(input, arguments);
    let (name, role) = (name?, role?);
    let mut requires: Vec<ObjectId> = role_ref::object(input.instance, namespace, &role)
        .into_iter()
        .collect();
    requires.extend(subject::service_accounts(input.instance, &subjects));
    attributes.insert("role_ref", role);
    attributes.insert("subjects", subjects);
    let mut resolved = identity::resolved(input, kind, namespace, &name, attributes);
    resolved.requires.extend(requires);
    resolved.expires = expires;
    Some(resolved)
}

fn until(input: &mut Input<'_>, arguments: &Node) -> Option<i64> {
    let node = argument(arguments, "until")?;
    let text = input.text(node, "until")?;
    match text.parse::<jiff::Timestamp>() {
        Ok(time) => Some(time.as_second()),
        Err(_) => {
            input.report(
                Diagnostic::error("invalid-time", format!("`{text}` is no point in time"))
                    .at(node.span)
                    .help("write date, time and zone, e.g. `2027-07-01T00:00:00Z`"),
            );
            None
        }
    }
}

/// What a binding grants to whom.
pub(crate) fn describe(object: &ObjectId, attributes: &Value) -> Option<Binding> {
    let namespace = object.namespace();
    Some(Binding {
        role: role_ref::object(&object.instance, namespace, attributes.get("role_ref")?)?,
        subjects: subject::spelled(attributes.get("subjects")?),
        scope: namespace.unwrap_or("cluster").to_owned(),
        condition: None,
    })
}

/// The fields of a binding as the server takes them.
pub(crate) fn request(attributes: &Value, body: &mut serde_json::Map<String, serde_json::Value>) {
    if let Some(role) = attributes.get("role_ref") {
        body.insert("roleRef".to_owned(), role_ref::request(role));
    }
    if let Some(subjects) = attributes.get("subjects").and_then(Value::as_list) {
        let subjects = subjects.iter().map(subject::request).collect();
        body.insert("subjects".to_owned(), subjects);
    }
}
