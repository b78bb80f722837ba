//! Policy rules: what a role allows.
//!
//! Kubernetes: `ValidatePolicyRule` in `pkg/apis/rbac/validation/validation.go`.

use rbacform_core::{Argument, Diagnostic, Map, Node, NodeKind, Span, Text, Type, Value};

use crate::input::{Input, has_unknown};

const STRINGS: Type = Type::List(&Type::String);

/// The argument `rules`.
pub(crate) const RULES: Argument = Argument::optional(
    "rules",
    Type::List(&Type::Object(&[
        Argument::optional(
            "api_groups",
            STRINGS,
            "API groups; `\"\"` is the core group.",
        ),
        Argument::optional(
            "resources",
            STRINGS,
            "Resources in the plural, with their subresource if any: `pods`, `pods/log`.",
        ),
        Argument::required("verbs", STRINGS, "Verbs: `get`, `list`, `create`, ..."),
        Argument::optional(
            "resource_names",
            STRINGS,
            "Names of single objects; every object where left out.",
        ),
        Argument::optional(
            "non_resource_urls",
            STRINGS,
            "Paths outside the API groups, e.g. `/metrics`; only in a cluster role.",
        ),
    ])),
    "What it allows. A set: the order of rules and of their parts is no difference.",
);

/// The lists of a rule, in the order the server checks them.
pub(crate) const LISTS: [&str; 5] = [
    "verbs",
    "api_groups",
    "resources",
    "resource_names",
    "non_resource_urls",
];

/// Reads `rules`. A namespaced role may hold no URLs.
pub(crate) fn read(input: &mut Input<'_>, node: &Node, namespaced: bool) -> Value {
    let rules = input
        .list(node, "rules")
        .iter()
        .enumerate()
        .map(|(index, rule)| read_rule(input, rule, index, namespaced))
        .collect::<Vec<_>>();
    if has_unknown(node) {
        return Value::Unknown;
    }
    set(rules)
}

fn read_rule(input: &mut Input<'_>, node: &Node, index: usize, namespaced: bool) -> Value {
    let what = format!("rules[{index}]");
    let is_map = matches!(node.kind, NodeKind::Map(_));
    if !is_map {
        input.wrong_type(node, &what, "a map");
    }
    if !is_map || has_unknown(node) {
        return Value::Null;
    }
    let lists = LISTS.map(|name| {
        let list = node.get(name)?;
        let field = format!("{what}.{}", input.field(name));
        Some((strings(input, list, &field), list.span))
    });
    check(input, node.span, &lists, namespaced);
    canonical(
        LISTS
            .into_iter()
            .zip(lists.map(|list| list.map(|(items, _)| items))),
    )
}

/// One canonical rule: sorted lists without duplicates, empty ones left out.
pub(crate) fn canonical<'n>(lists: impl Iterator<Item = (&'n str, Option<Vec<Text>>)>) -> Value {
    let lists = lists.filter_map(|(name, items)| Some((name, items?)));
    Value::Map(
        lists
            .filter(|(_, items)| !items.is_empty())
            .map(|(name, items)| (name, string_set(items)))
            .collect::<Map>(),
    )
}

/// A sorted list of texts without duplicates.
pub(crate) fn string_set(mut items: Vec<Text>) -> Value {
    items.sort_unstable();
    items.dedup();
    items.shrink_to_fit();
    Value::List(items.into_iter().map(Value::String).collect())
}

/// A sorted list of values without duplicates.
pub(crate) fn set(mut items: Vec<Value>) -> Value {
    items.sort_unstable();
    items.dedup();
    items.shrink_to_fit();
    Value::List(items)
}

/// Reads a list of texts.
pub(crate) fn strings(input: &mut Input<'_>, node: &Node, what: &str) -> Vec<Text> {
    let items = input.list(node, what).iter().enumerate();
    items
        .filter_map(|(index, item)| input.text(item, &format!("{what}[{index}]")))
        .collect()
}

type Lists = [Option<(Vec<Text>, Span)>; 5];

fn check(input: &mut Input<'_>, span: Span, lists: &Lists, namespaced: bool) {
    let [verbs, groups, resources, names, urls] = lists;
    let given = |list: &Option<(Vec<Text>, Span)>| {
        list.as_ref().is_some_and(|(items, _)| !items.is_empty())
    };
    let place = |list: &Option<(Vec<Text>, Span)>| list.as_ref().map_or(span, |(_, at)| *at);
    if !given(verbs) {
        lacks(
            input,
            place(verbs),
            "verbs",
            "verb",
            "a rule without verbs allows nothing",
        );
    }
    if given(urls) {
        let field = input.field("non_resource_urls");
        if namespaced {
            input.report(
                Diagnostic::error("invalid-rule", format!("a role may not hold `{field}`"))
                    .at(place(urls))
                    .help("URLs belong to no namespace: put them into a cluster role"),
            );
        } else if given(groups) || given(resources) || given(names) {
            input.report(
                Diagnostic::error(
                    "invalid-rule",
                    format!("a rule may not hold both `{field}` and resources"),
                )
                .at(place(urls))
                .help("split it into two rules"),
            );
        }
        return;
    }
    if !given(groups) {
        let help = "name the API groups; the core group is `\"\"`";
        lacks(input, place(groups), "api_groups", "API group", help);
    }
    if !given(resources) {
        lacks(
            input,
            place(resources),
            "resources",
            "resource",
            "name the resources, e.g. `pods`",
        );
    }
}

fn lacks(input: &mut Input<'_>, span: Span, list: &str, item: &str, help: &str) {
    let message = format!("`{}` must hold at least one {item}", input.field(list));
    input.report(
        Diagnostic::error("invalid-rule", message)
            .at(span)
            .help(help),
    );
}
