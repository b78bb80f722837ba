//! The arguments of a whole policy.

use std::collections::{BTreeMap, BTreeSet};

use rbacform_core::{
    Argument, Diagnostic, Map, Node, ObjectId, ResolvedObject, Span, Type, TypeSchema, Value,
};

use crate::condition::{self, CONDITION, Condition, UNTIL};
use crate::grant::{self, MEMBERS, RESOURCE, ROLE};
use crate::ident::{self, IAM_POLICY};
use crate::input::{Input, argument};
use crate::policy::{self, AUDIT_CONFIGS, binding_attributes};
use crate::target::ResourceName;
use crate::types::resolved;

pub(crate) const SCHEMA: TypeSchema = TypeSchema {
    name: "gcp.iam_policy",
    kind: IAM_POLICY,
    doc: "The whole policy of a resource: whoever is not named loses everything on it. The plan \
          names who does; service agents and whoever applies are not removed without a \
          `[[policy.exception]]`. Taken out of the stack, the policy stays as it is.",
    arguments: &[
        RESOURCE,
        Argument::required(
            "bindings",
            Type::List(&Type::Object(&[ROLE, MEMBERS, CONDITION, UNTIL])),
            "Every role, to whom, under which condition. A set: order is no difference.",
        ),
        AUDIT_CONFIGS,
    ],
    immutable: &["resource"],
    abandon_by_default: true,
};

/// By role and condition: where it stands, and to whom.
type Bindings = BTreeMap<(String, Option<Condition>), (Span, Vec<String>)>;

pub(super) fn resolve(input: &mut Input<'_>, arguments: &Node) -> Option<ResolvedObject> {
    let resource = grant::resource(input, arguments);
    let name = resource.as_ref().map(|(name, _)| name);
    let Some(node) = argument(arguments, "bindings") else {
        input.missing(input.span, "bindings");
        return None;
    };
    let mut bindings = Bindings::new();
    let mut whole = true;
    for item in input.list(node, "bindings") {
        whole &= binding(input, item, name, &mut bindings).is_some();
    }
    let configs = policy::read_audit_configs(input, arguments);
    let (name, span) = resource?;
    if let (Some(_), false, Some(entry)) = (
        &configs,
        name.target().audit_configs,
        arguments.entry("audit_configs"),
    ) {
        let message = format!("the policy of {} has no audit configs", name.target().one());
        input.report(
            Diagnostic::error("no-audit-configs", message)
                .at(entry.key_span)
                .help("set them on the project"),
        );
    }
    if let Some(((role, _), (_, members))) = bindings.first_key_value() {
        let member = members.first().map_or("", String::as_str);
        grant::check_policy_method(input, &name, span, role, member);
    }
    if !whole {
        return None;
    }
    Some(finish(input, &name, &bindings, configs))
}

/// Reads one binding. `None` only where an error was reported.
fn binding(
    input: &mut Input<'_>,
    item: &Node,
    name: Option<&ResourceName>,
    bindings: &mut Bindings,
) -> Option<()> {
    let role = grant::role(input, item);
    let members = grant::members(input, item, name);
    let known = members.as_deref().unwrap_or_default();
    if let (Some(role), Some(name)) = (&role, name) {
        grant::check_role(input, role, name, known);
    }
    let conditional = condition::read(
        input,
        item,
        name.map(|name| name.target()),
        role.as_ref().map(|role| role.name.as_str()),
        known,
    );
    let (role, members, conditional) = (role?, members?, conditional?);
    let key = (role.name.clone(), conditional.condition);
    if let Some((first, _)) = bindings.get(&key) {
        input.report(
            Diagnostic::error(
                "duplicate-binding",
                format!("`{}` is bound twice under one condition", role.name),
            )
            .at(role.span)
            .help("put its members together")
            .related(*first, "first bound here"),
        );
        return None;
    }
    bindings.insert(key, (role.span, members));
    Some(())
}

fn finish(
    input: &Input<'_>,
    name: &ResourceName,
    bindings: &Bindings,
    configs: Option<Value>,
) -> ResolvedObject {
    let mut requires: BTreeSet<ObjectId> = BTreeSet::new();
    let mut list: Vec<Value> = Vec::with_capacity(bindings.len());
    for ((role, condition), (_, members)) in bindings {
        requires.extend(grant::requires(input.instance, name, role, members));
        let members: BTreeSet<&str> = members.iter().map(String::as_str).collect();
        list.push(Value::Map(binding_attributes(
            role,
            condition.as_ref(),
            &members,
        )));
    }
    requires.extend(grant::requires(input.instance, name, "", []));
    list.sort();
    let mut attributes = Map::new();
    attributes.insert("resource", name.as_str());
    attributes.insert("bindings", list);
    if let Some(configs) = configs {
        attributes.insert("audit_configs", configs);
    }
    let object = ident::iam_policy(input.instance, name.as_str());
    resolved(&SCHEMA, object, attributes, requires.into_iter().collect())
}
