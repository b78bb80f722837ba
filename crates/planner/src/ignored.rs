//! `ignore_changes`: attributes that stay as they are in the world.

use rbacform_core::{DesiredResource, Map, ObservedObject, Value, compare};

/// What a resource that stands will be once its stack is applied: as declared, but for what its
/// `ignore_changes` leaves as it is. `owned` are its attributes in the state, or null.
pub fn wanted(desired: &DesiredResource, owned: &Value, found: &ObservedObject) -> Value {
    if desired.lifecycle.ignore_changes.is_empty() {
        return desired.attributes.clone();
    }
    let compared = compare::project(&found.attributes, &desired.attributes, owned);
    keep_ignored(desired, &compared)
}

/// What is wanted, with ignored attributes as they are in the world.
pub(crate) fn keep_ignored(desired: &DesiredResource, compared: &Value) -> Value {
    let mut wanted = desired.attributes.clone();
    for path in &desired.lifecycle.ignore_changes {
        let (root, key) = compare::split_path(path);
        let observed = compared.get(root).cloned().unwrap_or_default();
        let Value::Map(attributes) = &mut wanted else {
            continue;
        };
        let Some(key) = key else {
            set(attributes, root, &observed);
            continue;
        };
        let leaf = observed.get(key).cloned().unwrap_or_default();
        let mut inner = match attributes.get(root) {
            Some(Value::Map(inner)) => inner.clone(),
            Some(_) => continue,
            None => Map::new(),
        };
        set(&mut inner, key, &leaf);
        attributes.insert(root, Value::Map(inner));
    }
    wanted
}

fn set(map: &mut Map, key: &str, value: &Value) {
    if value.is_null() {
        map.remove(key);
    } else {
        map.insert(key, without_nulls(value));
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
