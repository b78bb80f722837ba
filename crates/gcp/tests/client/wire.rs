use std::collections::BTreeMap;
use std::time::Duration;

use axum::body::Body;
use axum::http::Response;
use rbacform_core::ObjectId;
use rbacform_gcp::target::{Api, ResourceName};
use rbacform_gcp::{ConnectOptions, GcpProvider, ident};
use rbacform_provider::{ErrorKind, Provider as _};
use serde_json::json;

use super::server::Server;

fn options(server: &Server) -> ConnectOptions {
    let url = |api: Api| (api, server.url(&format!("/google/{}", api.name())));
    ConnectOptions {
        endpoints: Api::ALL.into_iter().map(url).collect::<BTreeMap<_, _>>(),
        version: "1.2.3".to_owned(),
        ..ConnectOptions::default()
    }
}

fn connect(options: &ConnectOptions) -> GcpProvider {
    GcpProvider::connect(options).unwrap()
}

fn on_account() -> ObjectId {
    let account = "projects/acme-ml/serviceAccounts/a@acme-ml.iam.gserviceaccount.com";
    ident::iam_policy("gcp", account)
}

#[tokio::test]
async fn a_request_carries_who_we_are_and_whom_it_counts_to_and_no_credential() {
    let server = Server::start().await;
    let provider = connect(&ConnectOptions {
        quota_project: Some("acme-billing".to_owned()),
        ..options(&server)
    });
    server.reply(200, json!({"etag": "ACAB"}));
    provider.read_one(&on_account()).await.unwrap();
    let asked = server.asked().remove(0);
    assert_eq!(
        asked.line,
        "POST /google/iam/v1/projects/acme-ml/serviceAccounts/a@acme-ml.iam.gserviceaccount.com\
         :getIamPolicy?options.requestedPolicyVersion=3"
    );
    let header = |name: &str| asked.headers.get(name).map(|value| value.to_str().unwrap());
    assert_eq!(header("user-agent"), Some("rbacform/1.2.3"));
    assert_eq!(header("x-goog-user-project"), Some("acme-billing"));
    assert_eq!(header("authorization"), None);
    // Google's front end refuses a POST that does not say how long it is.
    assert_eq!(header("content-length"), Some("0"));
    assert_eq!(asked.body, "");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let server = Server::start().await;
    let away = Response::builder()
        .status(302)
        .header("location", server.url("/elsewhere"));
    server.raw(away.body(Body::empty()).unwrap());
    let refused = connect(&options(&server))
        .read_one(&on_account())
        .await
        .unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Protocol, "{refused}");
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told_at_once_with_what_to_check() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let url = |api: Api| (api, format!("http://{address}/"));
    let provider = connect(&ConnectOptions {
        endpoints: Api::ALL.into_iter().map(url).collect(),
        ..ConnectOptions::default()
    });
    let refused = provider.read_one(&on_account()).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Unavailable);
    assert!(refused.message.contains("127.0.0.1"), "{refused}");
    assert!(refused.help.unwrap().contains("HTTPS_PROXY"));
    assert_eq!(provider.requests(), 1);
}

#[tokio::test]
async fn a_body_that_is_cut_off_is_no_answer() {
    let server = Server::start().await;
    let cut = futures_util::stream::iter([
        Ok(r#"{"bindings": ["#.to_owned()),
        Err(std::io::Error::other("cut")),
    ]);
    server.raw(Response::new(Body::from_stream(cut)));
    // Asked to come back at once, so that nobody waits.
    server.raw(
        Response::builder()
            .status(503)
            .header("retry-after", "0")
            .body(Body::empty())
            .unwrap(),
    );
    server.reply(200, json!({"etag": "ACAB"}));
    let provider = connect(&options(&server));
    assert!(provider.read_one(&on_account()).await.unwrap().is_some());
    assert_eq!(provider.requests(), 3);
}

#[tokio::test]
async fn a_slow_answer_is_given_up() {
    let server = Server::start().await;
    let never = futures_util::stream::pending::<Result<String, std::io::Error>>();
    server.raw(Response::new(Body::from_stream(never)));
    let name = ResourceName::parse("projects/acme-ml").unwrap();
    let provider = connect(&ConnectOptions {
        timeout: Duration::from_millis(50),
        ..options(&server)
    });
    server.reply(200, json!({"permissions": ["a.b.c"]}));
    let held = provider.test_permissions(&name, &["a.b.c"]).await.unwrap();
    assert_eq!((held.len(), provider.requests()), (1, 2));
}
