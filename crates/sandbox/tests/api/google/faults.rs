//! Counting, faults, holds and quotas.

use std::time::Duration;

use rbacform_sandbox::{Effect, Fault, GoogleApi, GoogleQuota, HoldPoint, RequestMatch, When};
use serde_json::json;

use super::client::{ACCOUNTS, PROJECT, account, bound, owner, policy, sandbox, set, strict};

#[test]
fn reads_and_writes_are_counted_apart_for_each_api() {
    let sandbox = sandbox();
    let client = owner(&sandbox);
    account(&sandbox, "trainer");
    client.get(ACCOUNTS).reply();
    client.get(&format!("{ACCOUNTS}?pageSize=1")).reply();
    policy(&client, PROJECT);
    set(&client, PROJECT, &[]).reply();
    set(&client, PROJECT, &[]).reply();
    let counts = sandbox.requests();
    assert_eq!(counts.google_reads(GoogleApi::Iam), 2);
    assert_eq!(counts.google_writes(GoogleApi::Iam), 1);
    assert_eq!(counts.google_reads(GoogleApi::ResourceManager), 1);
    assert_eq!(counts.google_writes(GoogleApi::ResourceManager), 2);
    assert_eq!(counts.google_reads(GoogleApi::VertexAi), 0);
    assert_eq!(
        counts.of("setIamPolicy", "cloudresourcemanager.projects"),
        2
    );
    assert_eq!(counts.of("list", "iam.serviceAccounts"), 2);
    assert_eq!(counts.total(), 6);
}

#[test]
fn an_injected_status_speaks_googles_language() {
    let sandbox = sandbox();
    let client = owner(&sandbox);
    let on = RequestMatch::of("setIamPolicy", "cloudresourcemanager.projects");
    for (code, status) in [
        (429, "RESOURCE_EXHAUSTED"),
        (503, "UNAVAILABLE"),
        (409, "ABORTED"),
    ] {
        sandbox.faults().add(Fault {
            on: on.clone(),
            when: When::First(1),
            effect: Effect::Status {
                code,
                retry_after: Some(2),
            },
        });
        let bindings = [bound("roles/viewer", &["user:ana@example.com"])];
        let refused = set(&client, PROJECT, &bindings);
        refused.refused(code, status, "injected");
        let retry = &refused.json()["error"]["details"][0];
        assert_eq!(retry["@type"], "type.googleapis.com/google.rpc.RetryInfo");
        assert_eq!(retry["retryDelay"], "2s");
        assert!(refused.head.contains("retry-after: 2"), "{}", refused.head);
        assert_eq!(
            policy(&client, PROJECT),
            json!({"etag": "ACAB"}),
            "nothing was done"
        );
        sandbox.faults().clear();
    }
}

#[test]
fn an_answer_can_be_lost_after_the_write() {
    let sandbox = sandbox();
    let client = owner(&sandbox);
    sandbox.faults().add(Fault {
        on: RequestMatch::of("create", "iam.serviceAccounts"),
        when: When::First(1),
        effect: Effect::DropAfterCommit,
    });
    let body = json!({"accountId": "trainer"}).to_string();
    assert!(client.exchange("POST", ACCOUNTS, "", &body).is_none());
    assert_eq!(
        client.get(ACCOUNTS).reply()["accounts"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[test]
fn a_write_can_be_held_while_another_goes_first() {
    let sandbox = sandbox();
    let client = owner(&sandbox);
    let on = RequestMatch::of("setIamPolicy", "cloudresourcemanager.projects");
    let hold = sandbox.hold(on, 1, HoldPoint::BeforeCommit);
    let etag = policy(&client, PROJECT)["etag"].clone();
    let compared = json!({"policy": {"etag": etag, "bindings": []}});
    std::thread::scope(|scope| {
        let late =
            scope.spawn(|| owner(&sandbox).post(&format!("{PROJECT}:setIamPolicy"), &compared));
        assert!(hold.wait(Duration::from_secs(30)));
        set(
            &client,
            PROJECT,
            &[bound("roles/viewer", &["user:ana@example.com"])],
        )
        .reply();
        hold.release();
        late.join().unwrap().refused(409, "ABORTED", "concurrent");
    });
}

#[test]
fn a_quota_is_told_with_when_to_come_again() {
    let quota = GoogleQuota {
        reads: 3,
        writes: 1,
        window: Duration::from_secs(60),
    };
    let sandbox = strict().google_quota(quota).start().unwrap();
    let client = owner(&sandbox);
    for _ in 0..3 {
        client.get(ACCOUNTS).reply();
    }
    let refused = client.get(ACCOUNTS);
    refused.refused(
        429,
        "RESOURCE_EXHAUSTED",
        "Quota exceeded for quota metric 'Read requests'",
    );
    let details = &refused.json()["error"]["details"];
    assert_eq!(details[0]["reason"], "RATE_LIMIT_EXCEEDED");
    let delay = details[1]["retryDelay"].as_str().unwrap();
    let seconds: u64 = delay.trim_end_matches('s').parse().unwrap();
    assert!((1..=60).contains(&seconds), "{delay}");

    account(&sandbox, "trainer");
    let second = client.post(ACCOUNTS, &json!({"accountId": "second"}));
    second.refused(429, "RESOURCE_EXHAUSTED", "Write requests");
    policy(&client, PROJECT);
    sandbox.advance_google_clock(Duration::from_secs(seconds));
    client.get(ACCOUNTS).reply();
}
