use rbacform_core::Value;
use serde_json::json;

use crate::{request, selector};

pub(super) fn fields(attributes: &Value, body: &mut serde_json::Map<String, serde_json::Value>) {
    if let Some(rules) = attributes.get("rules") {
        body.insert("rules".to_owned(), request::rules(rules));
    }
    if let Some(selectors) = attributes.get("aggregate").and_then(Value::as_list) {
        let selectors: Vec<_> = selectors.iter().map(selector::request).collect();
        body.insert(
            "aggregationRule".to_owned(),
            json!({"clusterRoleSelectors": selectors}),
        );
    }
}
