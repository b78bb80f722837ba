//! Label selectors of an aggregated cluster role.
//!
//! Kubernetes: `ValidateLabelSelector` in `apimachinery/pkg/apis/meta/v1/validation/validation.go`.

use rbacform_core::{Argument, Diagnostic, Map, Node, NodeKind, Text, Type, Value, hint};

use crate::input::{Input, argument, has_unknown};
use crate::names;
use crate::rule;

const OPERATORS: [&str; 4] = ["In", "NotIn", "Exists", "DoesNotExist"];

/// The argument `aggregate`.
pub(crate) const AGGREGATE: Argument = Argument::optional(
    "aggregate",
    Type::List(&Type::Object(&[
        Argument::optional(
            "match_labels",
            Type::Map(&Type::String),
            "Labels that a cluster role must have.",
        ),
        Argument::optional(
            "match_expressions",
            Type::List(&Type::Object(&[
                Argument::required("key", Type::String, "The label's key."),
                Argument::required("operator", Type::Enum(&OPERATORS), "How to compare."),
                Argument::optional(
                    "values",
                    Type::List(&Type::String),
                    "The values of `In` and `NotIn`.",
                ),
            ])),
            "Further requirements.",
        ),
    ])),
    "Selectors of the cluster roles whose rules this one gathers. Its own rules are then the \
     controller's and are never compared.",
);

/// Reads `aggregate`.
pub(crate) fn read(input: &mut Input<'_>, node: &Node) -> Value {
    let selectors = input.list(node, "aggregate");
    if selectors.is_empty() && matches!(node.kind, NodeKind::List(_)) {
        let message = format!(
            "`{}` must hold at least one selector",
            input.field("aggregate")
        );
        input.error("invalid-selector", node.span, message);
    }
    let selectors = selectors.iter().enumerate();
    let selectors: Vec<Value> = selectors
        .map(|(index, selector)| read_selector(input, selector, &format!("aggregate[{index}]")))
        .collect();
    if has_unknown(node) {
        return Value::Unknown;
    }
    rule::set(selectors)
}

fn read_selector(input: &mut Input<'_>, node: &Node, what: &str) -> Value {
    if has_unknown(node) {
        return Value::Null;
    }
    if !matches!(node.kind, NodeKind::Map(_)) {
        input.wrong_type(node, what, "a map");
    }
    let labels = argument(node, "match_labels").map(|labels| match_labels(input, labels, what));
    let expressions = argument(node, "match_expressions").map(|list| {
        let items = input
            .list(list, &format!("{what}.match_expressions"))
            .iter();
        items
            .map(|item| match_expression(input, item, what))
            .collect()
    });
    canonical(labels.unwrap_or_default(), expressions.unwrap_or_default())
}

fn match_labels(input: &mut Input<'_>, node: &Node, what: &str) -> Map {
    let mut labels = Map::new();
    for entry in input.map(node, &format!("{what}.match_labels")) {
        check_key(input, &entry.key, entry.key_span);
        if let Some(value) = input.text(&entry.node, &format!("{what}.match_labels.{}", entry.key))
        {
            check_value(input, &value, &entry.node);
            labels.insert(entry.key.clone(), value);
        }
    }
    labels
}

fn match_expression(input: &mut Input<'_>, node: &Node, what: &str) -> Value {
    let mut text = |name: &str| match argument(node, name) {
        Some(inner) => Some((input.text(inner, &format!("{what}.{name}"))?, inner.span)),
        None => {
            input.missing(node.span, &format!("{what}.{name}"));
            None
        }
    };
    let (key, operator) = (text("key"), text("operator"));
    if let Some((key, span)) = &key {
        check_key(input, key, *span);
    }
    let values = argument(node, "values").map(|list| {
        for value in list.items() {
            check_value(input, value.as_str().unwrap_or_default(), value);
        }
        rule::strings(input, list, &format!("{what}.values"))
    });
    let values = values.unwrap_or_default();
    if let Some((operator, span)) = &operator {
        check_operator(input, operator, *span, &values, node);
    }
    let text = |part: Option<(Text, _)>| part.map(|(text, _)| text).unwrap_or_default();
    requirement(text(key), text(operator), values)
}

fn check_operator(
    input: &mut Input<'_>,
    operator: &str,
    span: rbacform_core::Span,
    values: &[Text],
    node: &Node,
) {
    let message = match operator {
        "In" | "NotIn" if values.is_empty() => format!("`{operator}` needs `values`"),
        "Exists" | "DoesNotExist" if !values.is_empty() => {
            format!("`{operator}` takes no `values`")
        }
        _ if OPERATORS.contains(&operator) => return,
        _ => {
            let help = hint::closest(operator, OPERATORS).map_or_else(
                || format!("it must be one of `{}`", OPERATORS.join("`, `")),
                |near| format!("did you mean `{near}`?"),
            );
            let message = format!("`{operator}` is no operator of a selector");
            input.report(
                Diagnostic::error("invalid-selector", message)
                    .at(span)
                    .help(help),
            );
            return;
        }
    };
    input.error("invalid-selector", node.span, message);
}

fn check_key(input: &mut Input<'_>, key: &str, span: rbacform_core::Span) {
    if let Some(wrong) = names::label_key(key) {
        input.error(
            "invalid-selector",
            span,
            format!("label key `{key}` {wrong}"),
        );
    }
}

fn check_value(input: &mut Input<'_>, value: &str, node: &Node) {
    if let Some(wrong) = names::label_value(value) {
        input.error(
            "invalid-selector",
            node.span,
            format!("label value `{value}` {wrong}"),
        );
    }
}

/// One canonical requirement.
pub(crate) fn requirement(key: Text, operator: Text, values: Vec<Text>) -> Value {
    let mut map = Map::from_iter([("key", key), ("operator", operator)]);
    if !values.is_empty() {
        map.insert("values", rule::string_set(values));
    }
    Value::Map(map)
}

/// One canonical selector: empty parts are left out.
pub(crate) fn canonical(labels: Map, expressions: Vec<Value>) -> Value {
    let mut map = Map::new();
    if !labels.is_empty() {
        map.insert("match_labels", labels);
    }
    if !expressions.is_empty() {
        map.insert("match_expressions", rule::set(expressions));
    }
    Value::Map(map)
}

/// One selector as the server takes it.
pub(crate) fn request(selector: &Value) -> serde_json::Value {
    let mut json = serde_json::Map::new();
    for (name, field) in [
        ("match_labels", "matchLabels"),
        ("match_expressions", "matchExpressions"),
    ] {
        if let Some(part) = selector.get(name) {
            json.insert(field.to_owned(), part.to_json());
        }
    }
    json.into()
}
