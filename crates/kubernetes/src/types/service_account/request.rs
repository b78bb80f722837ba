use rbacform_core::Value;
use serde_json::json;

pub(super) fn fields(attributes: &Value, body: &mut serde_json::Map<String, serde_json::Value>) {
    if let Some(secrets) = attributes
        .get("image_pull_secrets")
        .and_then(Value::as_list)
    {
        let secrets = secrets.iter().map(|name| json!({"name": name}));
        body.insert("imagePullSecrets".to_owned(), secrets.collect());
    }
    if let Some(automount) = attributes.get("automount_token").and_then(Value::as_bool) {
        body.insert("automountServiceAccountToken".to_owned(), automount.into());
    }
}
