//! What assertions name: members, and resources with policies.

use rbacform_core::{Diagnostic, Node, NodeKind, Text, Value};

use crate::member;
use crate::target::ResourceName;

/// A member, written out or a reference to a service account.
pub(crate) fn principal(node: &Node) -> Result<Text, Vec<Diagnostic>> {
    let text = match &node.kind {
        NodeKind::Reference(reference) => reference.attributes.get("member"),
        _ => None,
    };
    let Some(text) = text.and_then(Value::as_str).or(node.as_str()) else {
        let message = format!("a subject is a string, this is {}", node.describe());
        return Err(vec![Diagnostic::error("wrong-type", message).at(node.span)]);
    };
    member::read(text, None).map(Text::from).map_err(|error| {
        vec![
            Diagnostic::error(error.code, error.message)
                .at(node.span)
                .maybe_help(error.help),
        ]
    })
}

/// The canonical name of a resource, written out or a reference to a service account.
pub(crate) fn resource(node: &Node) -> Result<Text, Vec<Diagnostic>> {
    let text = match &node.kind {
        NodeKind::Reference(reference) if reference.type_name == "gcp.service_account" => {
            let name = reference.attributes.get("name");
            // One of an account whose project is not known, which was told of there.
            name.and_then(Value::as_str).ok_or_else(Vec::new)?
        }
        // A wrong type, which was told of.
        NodeKind::Reference(_) => return Err(Vec::new()),
        _ => node.as_str().unwrap_or_default(),
    };
    // A bucket's own name does not tell its project, which decides what else is granted on it.
    let bucket = text.split_once("/buckets/");
    let bucket = bucket.filter(|(project, _)| project.starts_with("projects/"));
    let own = bucket.map_or(text.to_owned(), |(_, bucket)| format!("buckets/{bucket}"));
    match ResourceName::parse(&own) {
        Ok(_) if bucket.is_some() => Ok(text.into()),
        Ok(name) => Ok(name.as_str().into()),
        Err(error) => Err(vec![
            Diagnostic::error("invalid-resource", error.message)
                .at(node.span)
                .maybe_help(error.help),
        ]),
    }
}
