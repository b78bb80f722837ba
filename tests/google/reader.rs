//! Google's own models as an independent reader of what is on the wire.

use google_cloud_iam::model::Policy;
use google_cloud_iam_admin::model::{Role, ServiceAccount};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::wire::Passed;

/// Reads with Google's models whatever they know in an exchange, and says how much that was.
pub(crate) fn read(passed: &Passed) -> usize {
    let exchange = &passed.exchange;
    let mut read = 0;
    for value in policies(&exchange.sent)
        .chain(policies(&exchange.received).filter(|_| exchange.status == 200))
    {
        let policy: Policy = model(value);
        same_policy(&policy, value);
        read += 1;
    }
    if exchange.status != 200 || exchange.api != "iam" {
        return read;
    }
    for account in found(&exchange.received, "accounts", "/serviceAccounts/") {
        let read: ServiceAccount = model(account);
        assert_eq!(json!(read.email), text(account, "email"));
        assert_eq!(json!(read.unique_id), text(account, "uniqueId"));
    }
    for role in found(&exchange.received, "roles", "/roles/") {
        let read: Role = model(role);
        assert_eq!(json!(read.title), text(role, "title"));
    }
    read
}

fn model<T: DeserializeOwned>(value: &Value) -> T {
    serde_json::from_value(value.clone()).unwrap_or_else(|error| panic!("{error}: {value:#}"))
}

/// That the model has seen everything: nothing of a policy is lost on an independent reader.
fn same_policy(policy: &Policy, value: &Value) {
    let bindings = value["bindings"].as_array().map_or(&[][..], Vec::as_slice);
    assert_eq!(policy.bindings.len(), bindings.len(), "{value:#}");
    for (read, binding) in policy.bindings.iter().zip(bindings) {
        assert_eq!(json!(read.role), binding["role"]);
        assert_eq!(json!(read.members), binding["members"]);
        let expression = read.condition.as_ref().map(|it| it.expression.clone());
        assert_eq!(json!(expression), binding["condition"]["expression"]);
    }
    let audited = value["auditConfigs"].as_array().map_or(0, Vec::len);
    assert_eq!(policy.audit_configs.len(), audited);
    if audited + bindings.len() > 0 {
        assert!(!policy.etag.is_empty(), "{value:#}");
    }
}

/// The policies in a body: itself, or `policy` in it.
fn policies(body: &Value) -> impl Iterator<Item = &Value> {
    [body, &body["policy"]]
        .into_iter()
        .filter(|value| value["etag"].is_string() && value.get("name").is_none())
}

/// The objects of a list, or the one object, whose name holds this.
fn found<'a>(body: &'a Value, list: &str, name: &str) -> Vec<&'a Value> {
    match body[list].as_array() {
        Some(all) => all.iter().collect(),
        None if body["name"].as_str().is_some_and(|it| it.contains(name)) => vec![body],
        None => Vec::new(),
    }
}

/// A field as the model has it where the JSON leaves it out.
fn text(value: &Value, key: &str) -> Value {
    match &value[key] {
        Value::Null => json!(""),
        text => text.clone(),
    }
}
