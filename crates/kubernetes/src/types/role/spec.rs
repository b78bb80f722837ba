//! The arguments of a role.

use rbacform_core::{Entry, Map, Node, ResolvedObject, TypeSchema, Value};

use crate::input::{Input, argument};
use crate::meta::{ANNOTATIONS, LABELS, Meta};
use crate::{identity, manifest, rule};

pub(crate) const SCHEMA: TypeSchema = TypeSchema {
    name: "kubernetes.role",
    kind: "Role",
    doc: "A role: what may be done in one namespace.",
    arguments: &[
        identity::NAME,
        identity::NAMESPACE,
        rule::RULES,
        LABELS,
        ANNOTATIONS,
    ],
    immutable: &[],
    abandon_by_default: false,
};

pub(super) fn resolve(input: &mut Input<'_>, arguments: &Node) -> Option<ResolvedObject> {
    let namespace = identity::namespace(input, arguments);
    let name = identity::rbac_name(input, arguments, "Role", namespace.as_deref());
    let mut attributes = Map::new();
    let rules = match argument(arguments, "rules") {
        Some(node) => rule::read(input, node, true),
        None => Value::List(Vec::new()),
    };
    attributes.insert("rules", rules);
    Meta::read(input, arguments).write(&mut attributes);
    let (name, namespace) = (name?, namespace?);
    Some(identity::resolved(
        input,
        &super::KIND,
        Some(&namespace),
        &name,
        attributes,
    ))
}

pub(super) fn manifest(input: &mut Input<'_>, document: &Node) -> Vec<Entry> {
    manifest::only_known(input, document, &["rules"]);
    document
        .entry("rules")
        .map(|entry| manifest::rules(input, entry))
        .into_iter()
        .collect()
}
