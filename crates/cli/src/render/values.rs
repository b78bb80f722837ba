//! Values and differences in a person's words.

use rbacform_core::{Difference, Value};

use crate::render::access;
use crate::render::text::{ADD, CHANGE, REMOVE, safe, styled};

/// One line for a value.
pub(crate) fn short(value: &Value) -> String {
    match value {
        Value::Null => "(not set)".to_owned(),
        Value::Unknown => "(known after apply)".to_owned(),
        Value::Sensitive(_) => "(sensitive)".to_owned(),
        Value::String(text) => format!("\"{}\"", safe(text)),
        Value::List(items) => {
            let between = if items.iter().any(|item| item.as_map().is_some()) {
                "; "
            } else {
                ", "
            };
            format!(
                "[{}]",
                items.iter().map(item).collect::<Vec<_>>().join(between)
            )
        }
        Value::Map(map) => {
            let entries = map
                .iter()
                .map(|(key, value)| format!("{}: {}", safe(key), short(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
        Value::Bool(_) | Value::Int(_) | Value::Float(_) => value.to_json().to_string(),
    }
}

/// An item of a list: a rule, a subject, or any value.
pub(crate) fn item(value: &Value) -> String {
    rule(value)
        .or_else(|| subject(value))
        .or_else(|| grants(value))
        .unwrap_or_else(|| short(value))
}

/// A rule as people say it: `get, list pods, pods/log (apps)`.
fn rule(value: &Value) -> Option<String> {
    let verbs = words(value.get("verbs")?)?;
    if let Some(urls) = value.get("non_resource_urls").and_then(words) {
        return Some(format!("{verbs} on URL {urls}"));
    }
    let resources = words(value.get("resources")?)?;
    let groups = value
        .get("api_groups")
        .and_then(Value::as_list)
        .unwrap_or_default();
    let group = match groups {
        [only] if only.as_str() == Some("") => String::new(),
        several => {
            let named = several.iter().filter_map(Value::as_str).map(|group| {
                if group.is_empty() {
                    "core".into()
                } else {
                    safe(group)
                }
            });
            format!(" ({})", named.collect::<Vec<_>>().join(", "))
        }
    };
    let names = match value.get("resource_names").and_then(words) {
        Some(names) => format!(" named {names}"),
        None => String::new(),
    };
    Some(format!("{verbs} {resources}{group}{names}"))
}

fn words(list: &Value) -> Option<String> {
    let items = list.as_list()?;
    let words: Option<Vec<_>> = items.iter().map(|item| item.as_str().map(safe)).collect();
    Some(words?.join(", "))
}

fn subject(value: &Value) -> Option<String> {
    let kind = value.get("kind")?.as_str()?;
    let name = safe(value.get("name")?.as_str()?);
    match (kind, value.get("namespace").and_then(Value::as_str)) {
        ("User", _) => Some(format!("user:{name}")),
        ("Group", _) => Some(format!("group:{name}")),
        ("ServiceAccount", Some(namespace)) => {
            Some(format!("serviceaccount:{}/{name}", safe(namespace)))
        }
        _ => Some(format!("{} {name}", safe(kind))),
    }
}

/// A binding of a policy: `roles/viewer: user:ana@example.com, while ...`.
fn grants(value: &Value) -> Option<String> {
    let role = safe(value.get("role")?.as_str()?);
    let members = words(value.get("members")?)?;
    let condition = value
        .get("condition")
        .and_then(|found| found.get("expression"));
    let under = access::under(condition.and_then(Value::as_str));
    Some(format!("{role}: {members}{under}"))
}

/// The lines of one difference. Lists are sets here: what comes and what goes, an item a line.
pub(crate) fn difference(difference: &Difference, indent: &str) -> String {
    let path = safe(&difference.path);
    let whole = is_set_of_names(&difference.path);
    let both = (
        items(&difference.before, whole),
        items(&difference.after, whole),
    );
    if let (Some(before), Some(after)) = both
        && !(before.is_empty() && after.is_empty())
    {
        let gone = before.iter().filter(|item| !after.contains(item));
        let come = after.iter().filter(|item| !before.contains(item));
        let gone = gone.map(|value| styled(REMOVE, &format!("{indent}    - {}\n", item(value))));
        let come = come.map(|value| styled(ADD, &format!("{indent}    + {}\n", item(value))));
        return format!("{indent}{path}\n{}", gone.chain(come).collect::<String>());
    }
    let (style, words) = match (&difference.before, &difference.after) {
        (Value::Null, after) => (ADD, short(after)),
        (before, Value::Null) => (REMOVE, format!("{} -> (not set)", short(before))),
        (before, after) => (CHANGE, format!("{} -> {}", short(before), short(after))),
    };
    format!("{indent}{path}: {}\n", styled(style, &words))
}

/// Members and permissions are many, and what matters is who comes and who goes.
fn is_set_of_names(path: &str) -> bool {
    matches!(path.rsplit('.').next(), Some("members" | "permissions"))
}

/// The items of a list, where it is one of maps or `whole`, or nothing; another list of plain
/// words fits a line.
fn items(value: &Value, whole: bool) -> Option<&[Value]> {
    match value {
        Value::Null => Some(&[]),
        Value::List(items) if whole || items.iter().all(|item| item.as_map().is_some()) => {
            Some(items)
        }
        _ => None,
    }
}
