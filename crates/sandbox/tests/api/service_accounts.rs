//! Service account tokens, in Secrets and on request.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::client::{admin, caller, sandbox};

const SECRETS: &str = "/api/v1/namespaces/n/secrets";
const TOKEN: &str = "/api/v1/namespaces/n/serviceaccounts/default/token";

fn token_secret(name: &str, account: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/service-account-token",
        "metadata": {
            "name": name, "annotations": {"kubernetes.io/service-account.name": account},
        },
    })
}

fn username(sandbox: &rbacform_sandbox::Sandbox, token: &str) -> (u16, Value) {
    let answer = caller(sandbox, token).post(
        "/apis/authentication.k8s.io/v1/selfsubjectreviews",
        &json!({}),
    );
    (
        answer.code,
        answer.json()["status"]["userInfo"]["username"].clone(),
    )
}

#[test]
fn token_secrets_are_filled_and_their_end_is_the_tokens_end() {
    let sandbox = sandbox();
    let client = admin(&sandbox);
    client
        .apply(&format!("{SECRETS}/t"), "m1", &token_secret("t", "default"))
        .object();
    let filled = client.get(&format!("{SECRETS}/t")).object();
    let encoded = filled["data"]["token"].as_str().unwrap();
    let token = String::from_utf8(STANDARD.decode(encoded).unwrap()).unwrap();
    let name = json!("system:serviceaccount:n:default");
    assert_eq!(username(&sandbox, &token), (201, name));
    client
        .apply(&format!("{SECRETS}/t"), "m1", &token_secret("t", "default"))
        .object();
    assert_eq!(
        client.get(&format!("{SECRETS}/t")).object()["data"],
        filled["data"]
    );
    client.delete(&format!("{SECRETS}/t")).object();
    assert_eq!(username(&sandbox, &token).0, 401);
}

#[test]
fn a_token_secret_without_its_account_does_not_stay() {
    let sandbox = sandbox();
    let client = admin(&sandbox);
    assert_eq!(client.post(SECRETS, &token_secret("t", "gone")).code, 201);
    assert_eq!(client.get(&format!("{SECRETS}/t")).code, 404);
    let mut unnamed = token_secret("u", "");
    unnamed["metadata"]["annotations"] = json!({});
    assert_eq!(
        client.post(SECRETS, &unnamed).message(),
        "Secret \"u\" is invalid: metadata.annotations[kubernetes.io/service-account.name]: \
         Required value"
    );
}

#[test]
fn tokens_are_issued_on_request() {
    let sandbox = sandbox();
    let client = admin(&sandbox);
    let issued = client
        .post(TOKEN, &json!({"spec": {"expirationSeconds": 700}}))
        .object();
    assert_eq!(issued["spec"]["expirationSeconds"], 700);
    let token = issued["status"]["token"].as_str().unwrap();
    assert_eq!(username(&sandbox, token).0, 201);
    let forged = format!("{}x", &token[..token.len() - 1]);
    assert_eq!(username(&sandbox, &forged).0, 401);
    client
        .delete("/api/v1/namespaces/n/serviceaccounts/default")
        .object();
    assert_eq!(
        username(&sandbox, token).0,
        401,
        "another account of that name is another"
    );
}

#[test]
fn token_requests_are_checked() {
    let sandbox = sandbox();
    let client = admin(&sandbox);
    let bound = |reference: Value| json!({"spec": {"boundObjectRef": reference}});
    for (body, code, end) in [
        (
            json!({"spec": {"expirationSeconds": 599}}),
            422,
            "spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 10 \
             minutes",
        ),
        (
            bound(json!({"apiVersion": "v1", "kind": "ConfigMap", "name": "c"})),
            400,
            "cannot bind token to object of type /v1, Kind=ConfigMap",
        ),
        (
            bound(json!({"apiVersion": "v1", "kind": "Secret", "name": "s"})),
            404,
            "secrets \"s\" not found",
        ),
    ] {
        let told = client.post(TOKEN, &body).told();
        assert_eq!(told.0, code);
        assert!(told.1.ends_with(end), "{}", told.1);
    }
}
