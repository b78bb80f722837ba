//! What a server-side apply leaves behind: fields that the plan removes and another manager owns,
//! too.

use rbacform_core::{Map, ObservedObject, Value, mark};
use serde_json::{Map as Json, Value as JsonValue};

use crate::meta::{MANAGED_BY, MANAGER};

/// Attributes that may be set or not, and their fields.
const OPTIONAL: [(&str, &str); 3] = [
    ("image_pull_secrets", "imagePullSecrets"),
    ("automount_token", "automountServiceAccountToken"),
    ("aggregate", "aggregationRule"),
];

/// The merge patch that removes them from the object as it was `observed`, and from no other;
/// `None`, nearly always, where there is nothing to remove.
///
/// `compared` is what the plan saw of what the stack owns or owned, `wanted` what it shall be.
pub(crate) fn patch(
    observed: &ObservedObject,
    compared: &Value,
    wanted: &Value,
    marked: bool,
) -> Option<JsonValue> {
    let mut body = Json::new();
    let mut metadata = Json::new();
    for part in ["labels", "annotations"] {
        let mut keys = dropped(
            observed.attributes.get(part),
            compared.get(part),
            wanted.get(part),
        );
        if !marked && part == "annotations" && observed.mark.is_some() {
            keys.extend([mark::STACK_ANNOTATION, mark::LINEAGE_ANNOTATION]);
        }
        let label = observed
            .attributes
            .get(part)
            .and_then(|labels| labels.get(MANAGED_BY));
        if !marked && part == "labels" && label.and_then(Value::as_str) == Some(MANAGER) {
            keys.push(MANAGED_BY);
        }
        if !keys.is_empty() {
            let nulls = keys
                .into_iter()
                .map(|key| (key.to_owned(), JsonValue::Null));
            metadata.insert(part.to_owned(), JsonValue::Object(nulls.collect()));
        }
    }
    for (attribute, field) in OPTIONAL {
        if is_set(compared.get(attribute))
            && !is_set(wanted.get(attribute))
            && is_set(observed.attributes.get(attribute))
        {
            body.insert(field.to_owned(), JsonValue::Null);
        }
    }
    if body.is_empty() && metadata.is_empty() {
        return None;
    }
    metadata.insert("uid".to_owned(), observed.uid.as_str().into());
    metadata.insert(
        "resourceVersion".to_owned(),
        observed.version.as_str().into(),
    );
    body.insert("metadata".to_owned(), metadata.into());
    Some(body.into())
}

/// Whether what a patch would remove from the object `now` is what stood there `then`.
pub(crate) fn is_same(
    now: &ObservedObject,
    then: &ObservedObject,
    compared: &Value,
    wanted: &Value,
) -> bool {
    let of = |object: &ObservedObject, name: &str| object.attributes.get(name).cloned();
    let same_keys = |part: &&str| {
        let (now, then) = (of(now, part), of(then, part));
        dropped(now.as_ref(), compared.get(part), wanted.get(part))
            .into_iter()
            .all(|key| at(now.as_ref(), key) == at(then.as_ref(), key))
    };
    let same_field = |(attribute, _): &(&str, &str)| {
        let drops = is_set(compared.get(attribute)) && !is_set(wanted.get(attribute));
        let now = of(now, attribute);
        !drops || !is_set(now.as_ref()) || now == of(then, attribute)
    };
    (now.mark.is_none() || now.mark == then.mark)
        && ["labels", "annotations"].iter().all(same_keys)
        && OPTIONAL.iter().all(same_field)
}

/// The keys that were compared, are not wanted, and are still there.
fn dropped<'v>(
    observed: Option<&Value>,
    compared: Option<&'v Value>,
    wanted: Option<&Value>,
) -> Vec<&'v str> {
    let in_map = |map: Option<&Value>, key: &str| is_set(at(map, key));
    let entries = compared
        .and_then(Value::as_map)
        .into_iter()
        .flat_map(Map::iter);
    entries
        .filter(|(_, value)| !value.is_null())
        .map(|(key, _)| key)
        .filter(|key| in_map(observed, key) && !in_map(wanted, key))
        .collect()
}

fn at<'v>(map: Option<&'v Value>, key: &str) -> Option<&'v Value> {
    map.and_then(|map| map.get(key))
}

fn is_set(value: Option<&Value>) -> bool {
    value.is_some_and(|value| !value.is_null())
}

#[cfg(test)]
#[path = "leftover_tests.rs"]
mod tests;
