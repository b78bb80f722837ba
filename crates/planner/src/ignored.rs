//! `ignore_changes`: attributes that stay as they are in the world.

use rbacform_core::{DesiredResource, Map, Value};

/// What is wanted, with ignored attributes as they are in the world.
pub(crate) fn keep_ignored(desired: &DesiredResource, compared: &Value) -> Value {
    let mut wanted = desired.attributes.clone();
    for path in &desired.lifecycle.ignore_changes {
        let parts: Vec<&str> = path.split('.').collect();
        copy_path(&mut wanted, compared, &parts);
    }
    wanted
}

fn copy_path(into: &mut Value, from: &Value, path: &[&str]) {
    let (Some((first, rest)), Value::Map(map)) = (path.split_first(), into) else {
        return;
    };
    let observed = from.get(first).cloned().unwrap_or_default();
    match map.get_mut(first) {
        Some(inner) if !rest.is_empty() => copy_path(inner, &observed, rest),
        _ if observed.is_null() => {
            map.remove(first);
        }
        _ => {
            map.insert(*first, without_nulls(&observed));
        }
    }
}

/// A projection marks what is missing with null; people and state leave it out.
pub(crate) fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Map(map) => Value::Map(
            map.iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(key, value)| (key, without_nulls(value)))
                .collect::<Map>(),
        ),
        other => other.clone(),
    }
}
