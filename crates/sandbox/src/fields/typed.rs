//! Whether an applied configuration fits its kind's schema. Here an unknown field is an error,
//! unlike in any other write.

use serde_json::Value;

use super::path::Element;
use crate::schema::{ListMerge, Shape};

/// All mismatches, as the server words them after the object's name; `None` where it fits.
pub(crate) fn mismatches(shape: &Shape, value: &Value) -> Option<String> {
    let mut errors = Vec::new();
    check(shape, value, "", &mut errors);
    match errors.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        several => {
            let lines: Vec<String> = several.iter().map(|error| format!("  {error}")).collect();
            Some(format!("errors:\n{}", lines.join("\n")))
        }
    }
}

fn check(shape: &Shape, value: &Value, path: &str, errors: &mut Vec<String>) {
    match (shape, value) {
        (_, Value::Null)
        | (Shape::Opaque, _)
        | (Shape::Text | Shape::Bytes, Value::String(_))
        | (Shape::Flag, Value::Bool(_))
        | (Shape::Whole, Value::Number(_)) => {}
        (Shape::Struct(shape), Value::Object(fields)) => {
            for (name, value) in fields {
                let path = format!("{path}.{name}");
                match shape.field(name) {
                    Some(field) => check(&field.shape, value, &path, errors),
                    None => {
                        // The server stops at the first unknown field of a struct.
                        errors.push(format!("{path}: field not declared in schema"));
                        return;
                    }
                }
            }
        }
        (Shape::Map(item), Value::Object(entries)) => {
            for (name, value) in entries {
                check(item, value, &format!("{path}.{name}"), errors);
            }
        }
        (Shape::List(item, merge), Value::Array(items)) => {
            check_items(item, *merge, items, path, errors);
        }
        (shape, value) => errors.push(format!(
            "{}: expected {}, got {}",
            if path.is_empty() { "." } else { path },
            expected(shape),
            got(shape, value)
        )),
    }
}

fn check_items(
    item: &Shape,
    merge: ListMerge,
    items: &[Value],
    path: &str,
    errors: &mut Vec<String>,
) {
    let mut seen: Vec<Element> = Vec::new();
    for (index, value) in items.iter().enumerate() {
        let element = Element::of_item(merge, value);
        let step = match &element {
            Some(element) => element.display(),
            None => format!("[{index}]"),
        };
        if let (ListMerge::Keyed(key), None) = (merge, &element) {
            errors.push(format!(
                "{path}: element {index}: associative list with keys has an element that omits all \
                 key fields [\"{key}\"] (and doesn't have default values for any key fields)"
            ));
        }
        if let Some(element) = element {
            if seen.contains(&element) {
                errors.push(format!(
                    "{path}: duplicate entries for key {}",
                    element.display()
                ));
            }
            seen.push(element);
        }
        check(item, value, &format!("{path}{step}"), errors);
    }
}

fn expected(shape: &Shape) -> &'static str {
    match shape {
        Shape::Text | Shape::Bytes | Shape::Opaque => "string",
        Shape::Flag => "boolean",
        Shape::Whole => "numeric (int or float)",
        Shape::List(..) => "list",
        Shape::Map(_) | Shape::Struct(_) => "map",
    }
}

/// The value as the server prints it: by `%#v` where a string is expected, else by `%v`.
fn got(shape: &Shape, value: &Value) -> String {
    match shape {
        Shape::Text | Shape::Bytes => {
            format!("&value.valueUnstructured{{Value:{}}}", go_syntax(value))
        }
        _ => format!("&{{{}}}", plain(value)),
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => "<nil>".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(plain).collect();
            format!("[{}]", items.join(" "))
        }
        Value::Object(entries) => {
            let entries: Vec<String> = entries
                .iter()
                .map(|(key, value)| format!("{key}:{}", plain(value)))
                .collect();
            format!("map[{}]", entries.join(" "))
        }
        other => other.to_string(),
    }
}

fn go_syntax(value: &Value) -> String {
    use rbacform_access::quote::go_quote;
    match value {
        Value::Null => "interface {}(nil)".to_owned(),
        Value::String(text) => go_quote(text),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(go_syntax).collect();
            format!("[]interface {{}}{{{}}}", items.join(", "))
        }
        Value::Object(entries) => {
            let entries: Vec<String> = entries
                .iter()
                .map(|(key, value)| format!("{}:{}", go_quote(key), go_syntax(value)))
                .collect();
            format!("map[string]interface {{}}{{{}}}", entries.join(", "))
        }
        other => other.to_string(),
    }
}
