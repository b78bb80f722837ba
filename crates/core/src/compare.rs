//! Comparing attributes: what of an object a stack owns, and where two versions of it differ.
//!
//! Ownership follows the shape of the values. In a map every key is owned by itself, so a label
//! that somebody else put on an object is not ours; a list or a scalar is owned whole. These are
//! the rules of server-side apply for the kinds managed here, where lists are atomic.

use serde::{Deserialize, Serialize};

use crate::{Map, Value};

/// One attribute that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// Where, with dots between keys: `labels.team`, `rules`.
    pub path: String,
    /// What it is now; null where it is not set.
    pub before: Value,
    /// What it becomes; null where it is no longer set.
    pub after: Value,
}

/// The part of `observed` that has the shape of `owner` or `other`: each key that either names,
/// null where `observed` lacks it.
pub fn project(observed: &Value, owner: &Value, other: &Value) -> Value {
    let empty = Map::new();
    match (owner, other) {
        (Value::Map(a), Value::Map(b)) => project_map(observed, a, b),
        (Value::Map(a), _) => project_map(observed, a, &empty),
        (_, Value::Map(b)) => project_map(observed, &empty, b),
        _ => observed.clone(),
    }
}

fn project_map(observed: &Value, a: &Map, b: &Map) -> Value {
    let none = Value::Null;
    let keys: std::collections::BTreeSet<&str> = a.keys().chain(b.keys()).collect();
    let entries = keys.into_iter().map(|key| {
        let (a, b) = (a.get(key).unwrap_or(&none), b.get(key).unwrap_or(&none));
        (key, project(observed.get(key).unwrap_or(&none), a, b))
    });
    Value::Map(entries.collect())
}

/// Where `before` and `after` differ, in order of path. A missing key and null are the same, and
/// so are null and an empty map or list: servers leave out what is empty.
pub fn differences(before: &Value, after: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    collect(String::new(), before, after, &mut found);
    found
}

fn collect(path: String, before: &Value, after: &Value, found: &mut Vec<Difference>) {
    let empty = Map::new();
    let maps = match (before, after) {
        (Value::Map(a), Value::Map(b)) => Some((a, b)),
        (Value::Map(a), Value::Null) => Some((a, &empty)),
        (Value::Null, Value::Map(b)) => Some((&empty, b)),
        _ => None,
    };
    let Some((a, b)) = maps else {
        if !same_leaf(before, after) {
            found.push(Difference {
                path,
                before: before.clone(),
                after: after.clone(),
            });
        }
        return;
    };
    let keys: std::collections::BTreeSet<&str> = a.keys().chain(b.keys()).collect();
    for key in keys {
        let inner = if path.is_empty() {
            key.to_owned()
        } else {
            format!("{path}.{key}")
        };
        let none = Value::Null;
        collect(
            inner,
            a.get(key).unwrap_or(&none),
            b.get(key).unwrap_or(&none),
            found,
        );
    }
}

/// Whether two values are the same as [`differences`] sees them, without listing where.
pub fn same(before: &Value, after: &Value) -> bool {
    match (before, after) {
        (Value::Map(a), Value::Map(b)) => {
            a.iter()
                .all(|(key, value)| same(value, b.get(key).unwrap_or(&Value::Null)))
                && b.iter()
                    .all(|(key, value)| a.contains_key(key) || same(&Value::Null, value))
        }
        (Value::Map(map), Value::Null) | (Value::Null, Value::Map(map)) => {
            map.iter().all(|(_, value)| same(value, &Value::Null))
        }
        _ => same_leaf(before, after),
    }
}

fn same_leaf(before: &Value, after: &Value) -> bool {
    let is_empty = |value: &Value| value.is_null() || value.as_list().is_some_and(<[_]>::is_empty);
    before == after || (is_empty(before) && is_empty(after))
}

/// Whether `path` is `pattern` or lies below it: `labels` covers `labels.team`.
pub fn path_covers(pattern: &str, path: &str) -> bool {
    path.strip_prefix(pattern)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// The parts of a path as `ignore_changes` spells it: an attribute, and the key in it where only
/// one is meant. A key may hold dots, as those of labels do: `labels.example.com/team`.
pub fn split_path(path: &str) -> (&str, Option<&str>) {
    match path.split_once('.') {
        Some((root, key)) => (root, Some(key)),
        None => (path, None),
    }
}

/// Whether a difference at `path` is one that `pattern` says to ignore.
pub fn is_ignored(pattern: &str, path: &str) -> bool {
    match split_path(pattern) {
        (_, Some(_)) => pattern == path,
        (root, None) => split_path(path).0 == root,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(json: serde_json::Value) -> Value {
        Value::from_json(&json)
    }

    #[test]
    fn foreign_labels_are_not_ours_and_dropped_ones_are() {
        let observed = value(serde_json::json!({"labels": {"a": "1", "b": "2", "foreign": "x"}}));
        let desired = value(serde_json::json!({"labels": {"a": "1"}}));
        let prior = value(serde_json::json!({"labels": {"a": "1", "b": "2"}}));
        let compared = project(&observed, &desired, &prior);
        let found = differences(&compared, &desired);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].path, "labels.b");
        assert_eq!(found[0].after, Value::Null);
    }

    #[test]
    fn nothing_an_empty_map_and_an_empty_list_are_the_same() {
        let a = value(serde_json::json!({"labels": {"x": null}, "rules": []}));
        let b = value(serde_json::json!({"rules": []}));
        let nothing = value(serde_json::json!({}));
        for (one, other) in [(&a, &b), (&b, &nothing), (&a, &nothing), (&a, &Value::Null)] {
            assert_eq!(differences(one, other), []);
            assert_eq!(differences(other, one), []);
            assert!(same(one, other) && same(other, one));
        }
        let full = value(serde_json::json!({"rules": [{}]}));
        assert!(!same(&full, &b) && !same(&nothing, &full));
        assert_eq!(differences(&b, &full)[0].path, "rules");
        assert!(!same(&value(serde_json::json!({"x": ""})), &nothing));
    }

    #[test]
    fn what_is_ignored_is_an_attribute_or_one_key_of_it() {
        assert!(is_ignored("labels", "labels.example.com/team") && is_ignored("rules", "rules"));
        assert!(is_ignored(
            "labels.example.com/team",
            "labels.example.com/team"
        ));
        assert!(!is_ignored("labels.example", "labels.example.com/team"));
        assert!(!is_ignored("label", "labels.team"));
    }

    #[test]
    fn a_path_covers_itself_and_what_is_below() {
        assert!(path_covers("labels", "labels.team") && path_covers("labels", "labels"));
        assert!(!path_covers("labels", "labels_of") && !path_covers("labels.team", "labels"));
    }
}
