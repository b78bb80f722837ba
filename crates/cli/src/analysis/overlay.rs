//! An object as it will be: what stands, with what a change sets and takes away.

use rbacform_core::{Map, Value};

/// What becomes of `observed` once the part of it that the stack owns goes from `before` to
/// `after`. What others put on it stays: a label of theirs may be what an aggregated role looks for.
pub(crate) fn changed(observed: &Value, before: &Value, after: &Value) -> Value {
    let (Value::Map(observed), Value::Map(before), Value::Map(after)) = (observed, before, after)
    else {
        return after.clone();
    };
    let mut merged = observed.clone();
    for key in before.keys().filter(|key| !after.contains_key(key)) {
        take(&mut merged, key, before);
    }
    for (key, value) in after.iter() {
        let none = Value::Null;
        let was = before.get(key).unwrap_or(&none);
        let stands = merged.get(key).unwrap_or(&none);
        let value = match (stands, value) {
            (Value::Map(_), Value::Map(_)) => {
                let nothing = Value::Map(Map::new());
                let was = Some(was).filter(|was| was.as_map().is_some());
                changed(stands, was.unwrap_or(&nothing), value)
            }
            _ => value.clone(),
        };
        merged.insert(key, value);
    }
    Value::Map(merged)
}

/// Takes away what the stack owned: of a map only its own keys.
fn take(merged: &mut Map, key: &str, before: &Map) {
    let owned = before.get(key);
    match (merged.get(key), owned) {
        (Some(stands @ Value::Map(_)), Some(owned @ Value::Map(_))) => {
            let left = changed(stands, owned, &Value::Map(Map::new()));
            merged.insert(key, left);
        }
        _ => {
            merged.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(json: serde_json::Value) -> Value {
        Value::from_json(&json)
    }

    #[test]
    fn labels_of_others_stay_and_what_is_no_longer_declared_goes() {
        let observed = value(serde_json::json!({
            "labels": {"ours": "1", "dropped": "1", "theirs": "1"},
            "rules": ["old"],
            "aggregate": ["a"],
        }));
        let before = value(serde_json::json!({
            "labels": {"ours": "1", "dropped": "1"}, "rules": ["old"],
        }));
        let after = value(serde_json::json!({"labels": {"ours": "2"}, "rules": ["new"]}));
        let expected = value(serde_json::json!({
            "labels": {"ours": "2", "theirs": "1"}, "rules": ["new"], "aggregate": ["a"],
        }));
        assert_eq!(changed(&observed, &before, &after), expected);
    }

    #[test]
    fn a_whole_map_that_is_no_longer_declared_leaves_what_others_wrote() {
        let observed = value(serde_json::json!({"labels": {"ours": "1", "theirs": "1"}}));
        let before = value(serde_json::json!({"labels": {"ours": "1"}}));
        let expected = value(serde_json::json!({"labels": {"theirs": "1"}}));
        assert_eq!(
            changed(&observed, &before, &value(serde_json::json!({}))),
            expected
        );
    }
}
