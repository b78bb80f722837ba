use rbacform_core::Value;

use crate::request;

pub(super) fn fields(attributes: &Value, body: &mut serde_json::Map<String, serde_json::Value>) {
    if let Some(rules) = attributes.get("rules") {
        body.insert("rules".to_owned(), request::rules(rules));
    }
}
