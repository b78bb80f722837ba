//! The arguments of a cluster role.

use rbacform_core::{Diagnostic, Entry, Map, Node, ResolvedObject, TypeSchema, Value};

use crate::input::{Dialect, Input, argument};
use crate::meta::{ANNOTATIONS, LABELS, Meta};
use crate::{identity, manifest, rule, selector};

pub(crate) const SCHEMA: TypeSchema = TypeSchema {
    name: "kubernetes.cluster_role",
    kind: "ClusterRole",
    doc: "A cluster role: what may be done in the whole cluster, or wherever a role binding grants \
          it. With `aggregate` it gathers the rules of other cluster roles.",
    arguments: &[
        identity::NAME,
        rule::RULES,
        selector::AGGREGATE,
        LABELS,
        ANNOTATIONS,
    ],
    immutable: &[],
    abandon_by_default: false,
};

pub(super) fn resolve(input: &mut Input<'_>, arguments: &Node) -> Option<ResolvedObject> {
    let name = identity::rbac_name(input, arguments, "ClusterRole", None);
    let mut attributes = Map::new();
    let rules = argument(arguments, "rules");
    match argument(arguments, "aggregate") {
        Some(node) => {
            attributes.insert("aggregate", selector::read(input, node));
            if let Some(rules) = rules.filter(|rules| !rules.items().is_empty()) {
                refuse_rules(input, rules);
            }
        }
        None => {
            let rules = rules.map(|node| rule::read(input, node, false));
            attributes.insert("rules", rules.unwrap_or(Value::List(Vec::new())));
        }
    }
    Meta::read(input, arguments).write(&mut attributes);
    Some(identity::resolved(
        input,
        &super::KIND,
        None,
        &name?,
        attributes,
    ))
}

/// The rules of an aggregated role are the aggregation controller's.
fn refuse_rules(input: &mut Input<'_>, rules: &Node) {
    let aggregate = input.field("aggregate");
    let message = format!("`rules` beside `{aggregate}` are overwritten by the cluster");
    let diagnostic = match input.dialect {
        Dialect::Stack => Diagnostic::error("duplicate-argument", message),
        Dialect::Manifest => Diagnostic::warning("ignored-field", message),
    };
    input.report(
        diagnostic
            .at(rules.span)
            .help("put them into a cluster role of their own that the selector matches"),
    );
}

pub(super) fn manifest(input: &mut Input<'_>, document: &Node) -> Vec<Entry> {
    manifest::only_known(input, document, &["rules", "aggregationRule"]);
    let mut entries = Vec::new();
    if let Some(entry) = document.entry("rules") {
        entries.push(manifest::rules(input, entry));
    }
    if let Some(entry) = document.entry("aggregationRule") {
        entries.extend(manifest::aggregate(input, entry));
    }
    entries
}
