use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::future::join_all;
use rbacform_provider::{ErrorKind, Provider as _, ProviderError};
use secrecy::ExposeSecret as _;
use serde_json::json;

use super::google::{Effect, Google, error};
use super::steps::{give, step};
use crate::client::ConnectOptions;
use crate::client::credentials::{Mint, Token, TokenSource};
use crate::ident;

const P: &str = "projects/acme-ml";

fn google() -> Google {
    let google = Google::default();
    google.world().policy(P, json!({"bindings": []}));
    google
}

/// Mints `t1`, `t2`, ... that last an hour.
#[derive(Clone, Default)]
struct Counting(Arc<AtomicU64>);

#[async_trait]
impl Mint for Counting {
    async fn mint(&self) -> Result<Token, ProviderError> {
        tokio::time::sleep(Duration::from_millis(10)).await;
        match self.0.fetch_add(1, Ordering::SeqCst) {
            7 => Err(ProviderError::new(ErrorKind::Unauthenticated, "no more")),
            n => Ok(Token::new(
                format!("t{}", n + 1),
                Some(Duration::from_secs(3600)),
            )),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_is_fetched_once_kept_and_renewed_before_it_ends() {
    let minted = Counting::default();
    let tokens = TokenSource::new(Box::new(minted.clone()));
    let text = |token: Token| token.secret().expose_secret().to_owned();
    let many = join_all((0..50).map(|_| tokens.token())).await;
    assert!(many.into_iter().all(|token| text(token.unwrap()) == "t1"));
    tokio::time::advance(Duration::from_secs(3300)).await;
    assert_eq!(text(tokens.token().await.unwrap()), "t1");
    tokio::time::advance(Duration::from_secs(200)).await;
    assert_eq!(
        text(tokens.token().await.unwrap()),
        "t2",
        "a little before its end"
    );
    assert_eq!(minted.0.load(Ordering::SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_is_renewed_once_however_many_were_refused() {
    let minted = Counting::default();
    let tokens = TokenSource::new(Box::new(minted.clone()));
    let refused = tokens.token().await.unwrap();
    let renewed = join_all((0..20).map(|_| tokens.renew(&refused))).await;
    for token in renewed {
        assert_eq!(token.unwrap().unwrap().secret().expose_secret(), "t2");
    }
    assert_eq!(minted.0.load(Ordering::SeqCst), 2);
    assert_eq!(
        tokens.renewed().await.unwrap().secret().expose_secret(),
        "t3"
    );
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_shared_by_those_who_waited_for_it() {
    let minted = Counting(Arc::new(AtomicU64::new(7)));
    let tokens = TokenSource::new(Box::new(minted.clone()));
    let many = join_all((0..20).map(|_| tokens.token())).await;
    assert!(many.iter().all(Result::is_err));
    assert_eq!(minted.0.load(Ordering::SeqCst), 8, "one try");
    assert!(tokens.token().await.is_ok(), "the next asks again");
}

#[tokio::test(start_paused = true)]
async fn a_token_file_is_read_again_where_its_token_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    std::fs::write(&file, "ya29.first\n").unwrap();
    let google = google();
    let provider = google.provider_with(&ConnectOptions {
        access_token_file: Some(file.clone()),
        ..ConnectOptions::default()
    });
    provider
        .read_one(&ident::iam_policy("gcp", P))
        .await
        .unwrap();
    std::fs::write(&file, "ya29.second").unwrap();
    google.fault(
        ":getIamPolicy",
        Effect::Answer(401, error(401, "UNAUTHENTICATED", "expired").1),
    );
    provider
        .read_one(&ident::iam_policy("gcp", P))
        .await
        .unwrap();
    let sent = google.world().authorizations.clone();
    let wanted = [
        "Bearer ya29.first",
        "Bearer ya29.first",
        "Bearer ya29.second",
    ];
    assert_eq!(sent, wanted.map(|text| Some(text.to_owned())));
}

#[tokio::test(start_paused = true)]
async fn what_this_machine_serves_is_shown_no_token_and_asks_for_none() {
    let google = google();
    let provider = google.open_provider();
    provider
        .write(&step(vec![give(P, "roles/viewer", "user:a@example.com")]))
        .await
        .remove(0)
        .unwrap();
    assert_eq!(google.world().authorizations, [None, None]);
    assert!(provider.tokens().is_none());
    let nobody = provider.identity().await.unwrap_err();
    assert_eq!(nobody.kind, ErrorKind::Unavailable);
}

#[tokio::test(start_paused = true)]
async fn a_chain_of_impersonation_ends_with_the_last_account() {
    let google = google();
    let minted = json!({"accessToken": "ya29.acting", "expireTime": "2999-01-01T00:00:00Z"});
    google.fault(":generateAccessToken", Effect::Answer(200, minted));
    let account = |name: &str| format!("{name}@acme-ml.iam.gserviceaccount.com");
    let provider = google.provider_with(&ConnectOptions {
        access_token: Some("ya29.source".into()),
        impersonate: vec![account("between"), account("acting")],
        ..ConnectOptions::default()
    });
    provider
        .read_one(&ident::iam_policy("gcp", P))
        .await
        .unwrap();
    assert_eq!(provider.identity().await.unwrap(), account("acting"));
    let world = google.world();
    assert_eq!(
        world.requests[0],
        format!(
            "POST /v1/projects/-/serviceAccounts/{}:generateAccessToken",
            account("acting")
        )
    );
    let delegate = format!("projects/-/serviceAccounts/{}", account("between"));
    assert_eq!(world.bodies[0]["delegates"], json!([delegate]));
    let wanted = ["Bearer ya29.source", "Bearer ya29.acting"];
    assert_eq!(
        world.authorizations,
        wanted.map(|text| Some(text.to_owned()))
    );
    assert_eq!(provider.requests(), 1, "tokens are not counted");
}

#[tokio::test(start_paused = true)]
async fn a_refused_impersonation_says_what_to_grant_and_to_whom() {
    let google = google();
    let denied = "Permission 'iam.serviceAccounts.getAccessToken' denied";
    let denied = error(403, "PERMISSION_DENIED", denied).1;
    google.fault(":generateAccessToken", Effect::Answer(403, denied));
    let provider = google.provider_with(&ConnectOptions {
        access_token: Some("ya29.source".into()),
        impersonate: vec!["acting@acme-ml.iam.gserviceaccount.com".to_owned()],
        ..ConnectOptions::default()
    });
    let refused = provider
        .read_one(&ident::iam_policy("gcp", P))
        .await
        .unwrap_err();
    assert!(refused.message.contains("acting@acme-ml"), "{refused}");
    assert!(
        refused
            .help
            .unwrap()
            .contains("roles/iam.serviceAccountTokenCreator")
    );
}

#[tokio::test(start_paused = true)]
async fn without_any_credential_the_metadata_server_is_asked_and_then_the_person() {
    let google = google();
    let provider = google.provider_with(&ConnectOptions::default());
    google.fault("computeMetadata", Effect::Unreached);
    let refused = provider
        .read_one(&ident::iam_policy("gcp", P))
        .await
        .unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Unauthenticated);
    assert!(
        refused
            .help
            .unwrap()
            .contains("gcloud auth application-default login")
    );
    assert_eq!(google.take_requests().len(), 1);
    assert_eq!(provider.requests(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_no_header_can_carry_is_refused_unquoted() {
    let google = google();
    let provider = google.provider_with(&ConnectOptions {
        access_token: Some("ya29.two words".into()),
        ..ConnectOptions::default()
    });
    let refused = provider
        .read_one(&ident::iam_policy("gcp", P))
        .await
        .unwrap_err();
    assert!(!format!("{refused:?}").contains("ya29"), "{refused:?}");
    assert!(google.take_requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_token_says_whose_it_is_and_is_not_put_into_a_url() {
    for (answer, who) in [
        (
            json!({"email": "ana@example.com", "sub": "7"}),
            "ana@example.com",
        ),
        (json!({"sub": "7"}), "7"),
    ] {
        let google = google();
        google.fault("/tokeninfo", Effect::Answer(200, answer));
        assert_eq!(google.provider().identity().await.unwrap(), who);
        assert_eq!(google.take_requests(), ["POST /tokeninfo"]);
    }
    let google = google();
    google.fault(
        "/tokeninfo",
        Effect::Answer(400, json!({"error": "invalid_token"})),
    );
    let refused = google.provider().identity().await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Unauthenticated);
}
