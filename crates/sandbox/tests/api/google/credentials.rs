//! Tokens: minted, exchanged, looked into.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rbacform_sandbox::Sandbox;
use serde_json::{Value, json};

use super::client::{ACCOUNTS, PROJECT, account, bearer, bound, email, owner, set, strict};
use crate::client::{Answer, admin};

const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";
const TOKEN: &str = "/google/oauth2/token";

fn generate(id: &str) -> String {
    let name = format!("projects/-/serviceAccounts/{}", email(id));
    format!("/google/iamcredentials/v1/{name}:generateAccessToken")
}

fn ask() -> Value {
    json!({"scope": [SCOPE]})
}

fn form(sandbox: &Sandbox, path: &str, body: &str) -> Answer {
    let headers = "Content-Type: application/x-www-form-urlencoded\r\n";
    owner(sandbox)
        .exchange("POST", path, headers, body)
        .unwrap()
}

#[test]
fn a_minted_token_is_its_account() {
    let sandbox = strict().start().unwrap();
    let client = owner(&sandbox);
    account(&sandbox, "trainer");
    let member = format!("serviceAccount:{}", email("trainer"));
    let minted = client.post(&generate("trainer"), &ask()).reply();
    let token = minted["accessToken"].as_str().unwrap();
    let trainer = bearer(&sandbox, token);
    trainer
        .get(PROJECT)
        .refused(403, "PERMISSION_DENIED", "resourcemanager.projects.get");
    set(&client, PROJECT, &[bound("roles/viewer", &[&member])]).reply();
    assert_eq!(trainer.get(PROJECT).code, 200);

    let disable = format!("{ACCOUNTS}/{}:disable", email("trainer"));
    client.post(&disable, &json!({})).reply();
    assert_eq!(trainer.get(PROJECT).code, 401, "disabled");
    client
        .post(&generate("trainer"), &ask())
        .refused(400, "FAILED_PRECONDITION", "disabled");
    client
        .post(&disable.replace(":disable", ":enable"), &json!({}))
        .reply();
    assert_eq!(trainer.get(PROJECT).code, 200);
    sandbox.advance_google_clock(Duration::from_secs(3600));
    assert_eq!(trainer.get(PROJECT).code, 401, "expired");
}

#[test]
fn impersonation_goes_from_one_to_the_next() {
    let sandbox = strict()
        .google_identity("token-ana", "user:ana@example.com", &[])
        .start()
        .unwrap();
    let client = owner(&sandbox);
    let ana = bearer(&sandbox, "token-ana");
    for id in ["deployer", "trainer"] {
        account(&sandbox, id);
    }
    let refused = ana.post(&generate("trainer"), &ask());
    refused.refused(
        403,
        "PERMISSION_DENIED",
        "iam.serviceAccounts.getAccessToken",
    );
    let grant = |on: &str, member: &str| {
        let resource = format!("{ACCOUNTS}/{}", email(on));
        set(
            &client,
            &resource,
            &[bound("roles/iam.serviceAccountTokenCreator", &[member])],
        )
        .reply()
    };
    grant("deployer", "user:ana@example.com");
    grant("trainer", &format!("serviceAccount:{}", email("deployer")));
    assert_eq!(
        ana.post(&generate("trainer"), &ask()).code,
        403,
        "not directly"
    );
    let mut chained = ask();
    chained["delegates"] = json!([format!("projects/-/serviceAccounts/{}", email("deployer"))]);
    ana.post(&generate("trainer"), &chained).reply();
}

#[test]
fn what_is_asked_for_must_make_sense() {
    let sandbox = strict().start().unwrap();
    let client = owner(&sandbox);
    account(&sandbox, "trainer");
    client
        .post(&generate("trainer"), &json!({}))
        .refused(400, "INVALID_ARGUMENT", "scope");
    for lifetime in ["0s", "43201s", "3600", "soon"] {
        let body = json!({"scope": [SCOPE], "lifetime": lifetime});
        client
            .post(&generate("trainer"), &body)
            .refused(400, "INVALID_ARGUMENT", "lifetime");
    }
    let nobody = client.post(&generate("nobody"), &ask());
    nobody.refused(403, "PERMISSION_DENIED", "may not exist");
}

#[test]
fn assertions_and_refresh_tokens_are_exchanged() {
    let sandbox = strict()
        .google_identity("token-ana", "user:ana@example.com", &[])
        .start()
        .unwrap();
    account(&sandbox, "trainer");
    let email_of = |reply: Value| -> String {
        let token = reply["access_token"].as_str().unwrap();
        let info = format!("/google/oauth2/v3/tokeninfo?access_token={token}");
        owner(&sandbox).get(&info).reply()["email"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let claims = json!({"iss": email("trainer"), "scope": SCOPE}).to_string();
    let assertion = format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims));
    let grant = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer";
    let reply = form(&sandbox, TOKEN, &format!("{grant}&assertion={assertion}")).reply();
    assert_eq!(reply["token_type"], "Bearer");
    assert_eq!(email_of(reply), email("trainer"));

    let refresh = "grant_type=refresh_token&refresh_token=token-ana";
    assert_eq!(
        email_of(form(&sandbox, TOKEN, refresh).reply()),
        "ana@example.com"
    );
    let exchange = json!({"subjectToken": "token-ana"});
    let exchanged = owner(&sandbox)
        .post("/google/sts/v1/token", &exchange)
        .reply();
    assert_eq!(email_of(exchanged), "ana@example.com");

    for body in [
        "",
        "grant_type=refresh_token&refresh_token=other",
        &format!("{grant}&assertion=x"),
    ] {
        let refused = form(&sandbox, TOKEN, body);
        assert_eq!(refused.code, 400, "{body}");
        assert!(refused.json()["error"].is_string());
    }
    let info = owner(&sandbox).get("/google/oauth2/v2/tokeninfo?access_token=other");
    assert_eq!(info.json()["error"], "invalid_token");
}

#[test]
fn kubernetes_takes_a_google_token_by_its_email() {
    let sandbox = strict()
        .google_identity("token-ana", "user:ana@example.com", &[])
        .start()
        .unwrap();
    let review = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
    let body = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"});
    let ana = bearer(&sandbox, "token-ana").post(review, &body).object();
    assert_eq!(ana["status"]["userInfo"]["username"], "ana@example.com");
    let own = admin(&sandbox).post(review, &body).object();
    assert_eq!(own["status"]["userInfo"]["username"], "sandbox-admin");
    assert_eq!(
        admin(&sandbox).get(PROJECT).code,
        200,
        "and is the owner here"
    );
}
