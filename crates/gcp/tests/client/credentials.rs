use std::path::PathBuf;

use rbacform_core::{Diagnostic, Place};
use rbacform_gcp::{ConnectOptions, GcpProvider};
use rbacform_provider::{ErrorKind, Provider as _, ProviderError};
use secrecy::ExposeSecret as _;
use serde_json::{Value as Json, json};
use tempfile::TempDir;

use super::server::Server;

/// Made for this test, and good for nothing else.
const KEY: &str = include_str!("throwaway-key.pem");

struct Files(TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Connects with a credential file of this content.
    fn connect(&self, credential: &Json) -> Result<GcpProvider, Diagnostic> {
        GcpProvider::connect(&ConnectOptions {
            credentials_file: Some(self.write("credential.json", &credential.to_string())),
            ..ConnectOptions::default()
        })
    }
}

async fn token(provider: &GcpProvider) -> Result<String, ProviderError> {
    let token = provider.tokens().unwrap().token().await?;
    Ok(token.secret().expose_secret().to_owned())
}

fn key(server: &Server) -> Json {
    json!({"type": "service_account", "client_email": "ci@acme-ml.iam.gserviceaccount.com",
           "private_key": KEY, "token_uri": server.url("/token"), "project_id": "acme-ml"})
}

#[tokio::test]
async fn a_service_account_s_key_signs_for_a_token() {
    let server = Server::start().await;
    server.reply(
        200,
        json!({"access_token": "ya29.key", "expires_in": 3600, "token_type": "Bearer"}),
    );
    let provider = Files::new().connect(&key(&server)).unwrap();
    assert_eq!(
        provider.identity().await.unwrap(),
        "ci@acme-ml.iam.gserviceaccount.com"
    );
    assert_eq!(token(&provider).await.unwrap(), "ya29.key");
    assert_eq!(token(&provider).await.unwrap(), "ya29.key");
    let asked = server.asked();
    assert_eq!(asked.len(), 1, "kept");
    assert!(
        asked[0]
            .body
            .starts_with("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer")
    );
    assert_eq!(provider.requests(), 0);
}

#[tokio::test]
async fn a_refused_key_says_why_and_what_to_do() {
    let server = Server::start().await;
    let refused = json!({"error": "invalid_grant", "error_description": "Invalid JWT Signature."});
    server.reply(400, refused);
    let provider = Files::new().connect(&key(&server)).unwrap();
    let refused = token(&provider).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Unauthenticated);
    assert!(
        refused
            .message
            .contains("invalid_grant: Invalid JWT Signature."),
        "{refused}"
    );
    assert!(refused.message.contains("credential.json"), "{refused}");
    assert!(refused.help.unwrap().contains("clock"));
}

#[tokio::test]
async fn a_key_that_is_none_is_not_quoted() {
    let server = Server::start().await;
    let mut broken = key(&server);
    broken["private_key"] = "-----BEGIN PRIVATE KEY-----\nhunter2\n".into();
    let provider = Files::new().connect(&broken).unwrap();
    let refused = token(&provider).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Configuration);
    assert!(!format!("{refused:?}").contains("hunter2"), "{refused:?}");
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn an_external_account_exchanges_its_subject_token_and_impersonates() {
    let server = Server::start().await;
    let files = Files::new();
    let subject = files.write("subject", "the-subject-token");
    let mint =
        "/v1/projects/-/serviceAccounts/ci@acme-ml.iam.gserviceaccount.com:generateAccessToken";
    let credential = json!({
        "type": "external_account", "audience": "//iam.googleapis.com/projects/42/locations/global/workloadIdentityPools/ci/providers/git",
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": server.url("/sts"),
        "credential_source": {"file": subject},
        "service_account_impersonation_url": server.url(mint),
    });
    let sts = json!({"access_token": "ya29.federated", "expires_in": 3600, "token_type": "Bearer"});
    server.reply(200, sts.clone());
    server.reply(
        200,
        json!({"accessToken": "ya29.ci", "expireTime": "2999-01-01T00:00:00Z"}),
    );
    let provider = files.connect(&credential).unwrap();
    assert_eq!(
        provider.identity().await.unwrap(),
        "ci@acme-ml.iam.gserviceaccount.com"
    );
    assert_eq!(token(&provider).await.unwrap(), "ya29.ci");
    let asked = server.asked();
    assert!(asked[0].body.contains("subject_token=the-subject-token"));
    assert_eq!(asked[1].line, format!("POST {mint}"));
    assert_eq!(asked[1].headers["authorization"], "Bearer ya29.federated");

    // From a URL, in JSON, without impersonation; and the server's reason where it refuses.
    let server = Server::start().await;
    let credential = json!({
        "type": "external_account", "audience": "//iam.googleapis.com/projects/42/locations/global/workloadIdentityPools/ci/providers/git",
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": server.url("/sts"),
        "credential_source": {"url": server.url("/subject"), "headers": {"X-Key": "k"},
            "format": {"type": "json", "subject_token_field_name": "value"}},
    });
    server.reply(200, json!({"value": "from-a-url"}));
    server.reply(200, sts);
    let provider = files.connect(&credential).unwrap();
    assert_eq!(token(&provider).await.unwrap(), "ya29.federated");
    assert!(server.asked()[1].body.contains("subject_token=from-a-url"));
    assert_eq!(
        provider.identity().await.unwrap(),
        "projects/42/locations/global/workloadIdentityPools/ci"
    );
}

#[tokio::test]
async fn a_machine_of_google_s_tells_its_token_and_its_address() {
    let server = Server::start().await;
    server.reply(
        200,
        json!({"access_token": "ya29.machine", "expires_in": 3600}),
    );
    let email = axum::http::Response::builder()
        .header("metadata-flavor", "Google")
        .body("vm@acme-ml.iam.gserviceaccount.com\n".into());
    server.raw(email.unwrap());
    let provider = GcpProvider::connect(&ConnectOptions {
        metadata_host: Some(server.address()),
        ..ConnectOptions::default()
    })
    .unwrap();
    assert_eq!(token(&provider).await.unwrap(), "ya29.machine");
    assert_eq!(
        provider.identity().await.unwrap(),
        "vm@acme-ml.iam.gserviceaccount.com"
    );
    assert_eq!(server.asked()[0].headers["metadata-flavor"], "Google");
}

#[tokio::test]
async fn gcloud_s_own_file_is_found_and_one_that_is_named_comes_first() {
    let server = Server::start().await;
    let files = Files::new();
    let named = files.write("named.json", &key(&server).to_string());
    let mut other = key(&server);
    other["client_email"] = "gcloud@acme-ml.iam.gserviceaccount.com".into();
    files.write(
        ".config/gcloud/application_default_credentials.json",
        &other.to_string(),
    );
    let options = ConnectOptions {
        home: Some(files.0.path().to_owned()),
        ..ConnectOptions::default()
    };
    let who = async |options: &ConnectOptions| {
        GcpProvider::connect(options)
            .unwrap()
            .identity()
            .await
            .unwrap()
    };
    assert_eq!(
        who(&options).await,
        "gcloud@acme-ml.iam.gserviceaccount.com"
    );
    let both = ConnectOptions {
        credentials_file: Some(named),
        ..options
    };
    assert_eq!(who(&both).await, "ci@acme-ml.iam.gserviceaccount.com");
}

#[test]
fn what_is_wrong_with_a_credential_file_is_told_without_quoting_it() {
    let files = Files::new();
    let external = |source: Json| {
        json!({"type": "external_account", "audience": "a", "subject_token_type": "t",
               "token_url": "https://sts.googleapis.com/v1/token", "credential_source": source})
    };
    let secret = "hunter2";
    let cases = [
        (
            json!({"type": "service_account", "private_key": secret}),
            "`client_email`",
        ),
        (
            json!({"type": "authorized_user", "refresh_token": secret}),
            "`client_id`",
        ),
        (
            json!({"type": "authorized_user", "client_id": "i", "client_secret": secret,
                "refresh_token": {"x": secret}}),
            "`refresh_token`",
        ),
        (
            json!({"type": "hunted", "private_key": secret}),
            "`hunted` is no type",
        ),
        (
            json!({"installed": {"client_secret": secret}}),
            "OAuth client",
        ),
        (json!({"private_key": secret}), "no `type`"),
        (
            json!({"type": "service_account", "client_email": "a@b", "private_key": secret,
                "token_uri": "http://example.com/token"}),
            "neither https nor on this machine",
        ),
        (
            json!({"type": "external_account", "audience": secret}),
            "`subject_token_type`",
        ),
        (
            external(json!({"executable": {"command": secret}})),
            "from a program",
        ),
        (external(json!({"environment_id": "aws1"})), "from AWS"),
        (
            external(json!({"file": "f", "format": {"type": "json"}})),
            "from a JSON file",
        ),
        (
            external(json!({"url": "http://example.com/x"})),
            "neither https nor on this machine",
        ),
        (
            external(json!({"url": "https://example.com/", "headers": {"a\nb": secret}})),
            "is no header",
        ),
        (
            json!({"type": "impersonated_service_account", "service_account_impersonation_url": "x"}),
            "generateAccessToken",
        ),
        (
            json!({"type": "service_account", "client_email": "a@b", "private_key": secret,
                "token_uri": "https://oauth2.googleapis.com/token",
                "universe_domain": "other.goog"}),
            "universe `other.goog`",
        ),
    ];
    for (credential, words) in cases {
        let refused = files.connect(&credential).err().unwrap();
        assert_eq!(refused.code, "credentials");
        assert!(
            refused.message.contains(words),
            "{words}: {}",
            refused.message
        );
        assert!(!format!("{refused:?}").contains(secret), "{refused:?}");
    }
}

#[test]
fn a_file_that_is_missing_or_no_json_is_placed() {
    let files = Files::new();
    let connect = |path: PathBuf| {
        let options = ConnectOptions {
            credentials_file: Some(path),
            ..ConnectOptions::default()
        };
        GcpProvider::connect(&options).err().unwrap()
    };
    let missing = connect(files.0.path().join("none.json"));
    assert!(missing.message.contains("none.json"), "{}", missing.message);
    assert!(
        missing
            .help
            .unwrap()
            .contains("GOOGLE_APPLICATION_CREDENTIALS")
    );
    let broken = connect(files.write("broken.json", "{\n  \"type\": hunter2\n}"));
    let Some(Place::File(place)) = &broken.place else {
        panic!("{broken:?}")
    };
    assert_eq!((place.line, place.column), (2, 11));
    assert!(!format!("{broken:?}").contains("hunter2"));
    let folder = connect(files.0.path().to_owned());
    assert!(
        folder.message.contains("no credential file"),
        "{}",
        folder.message
    );
}
