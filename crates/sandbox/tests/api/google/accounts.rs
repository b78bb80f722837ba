//! Service accounts.

use std::time::Duration;

use rbacform_sandbox::NewAccounts;
use serde_json::json;

use super::client::{
    ACCOUNTS, PROJECT, account, account_policy, bound, email, owner, policy, sandbox, set, strict,
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[test]
fn an_account_is_found_by_every_spelling() {
    let sandbox = sandbox();
    let client = owner(&sandbox);
    let body = json!({
        "accountId": "trainer",
        "serviceAccount": {"displayName": "Training jobs", "description": "d"},
    });
    let made = client.post(ACCOUNTS, &body).reply();
    let id = made["uniqueId"].as_str().unwrap();
    assert_eq!(id.len(), 21);
    assert_eq!(
        made["name"],
        format!("projects/acme-ml/serviceAccounts/{}", email("trainer"))
    );
    assert_eq!(made["displayName"], "Training jobs");
    assert!(made.get("disabled").is_none(), "false is left out: {made}");

    let number = client.get(PROJECT).reply()["name"]
        .as_str()
        .unwrap()
        .to_owned();
    for project in ["projects/acme-ml", "projects/-", number.as_str()] {
        for spelling in [email("trainer"), id.to_owned()] {
            let path = format!("/google/iam/v1/{project}/serviceAccounts/{spelling}");
            assert_eq!(client.get(&path).reply(), made, "{path}");
        }
    }
}

#[test]
fn a_missing_account_is_404_in_its_project_and_403_behind_the_wildcard() {
    let sandbox = sandbox();
    let client = owner(&sandbox);
    let path = format!("{ACCOUNTS}/{}", email("nobody"));
    client
        .get(&path)
        .refused(404, "NOT_FOUND", "Unknown service account");
    let anywhere = path.replace("acme-ml/serviceAccounts", "-/serviceAccounts");
    client
        .get(&anywhere)
        .refused(403, "PERMISSION_DENIED", "iam.serviceAccounts.get");
    let elsewhere = path.replace("projects/acme-ml", "projects/acme-other");
    client
        .get(&elsewhere)
        .refused(404, "NOT_FOUND", "Unknown project id: acme-other");
}

#[test]
fn ids_and_texts_keep_to_the_grammar() {
    let sandbox = sandbox();
    let client = owner(&sandbox);
    for id in [
        "",
        "short",
        "Trainer",
        "1trainer",
        "trainer-",
        "a-name-of-thirty-one-characters",
    ] {
        let refused = client.post(ACCOUNTS, &json!({"accountId": id}));
        refused.refused(400, "INVALID_ARGUMENT", "service account ID");
    }
    for (field, length) in [("displayName", 101), ("description", 257)] {
        let texts = json!({field: "x".repeat(length)});
        let body = json!({"accountId": "trainer", "serviceAccount": texts});
        client
            .post(ACCOUNTS, &body)
            .refused(400, "INVALID_ARGUMENT", "UTF-8 bytes");
    }
    let unknown = client.post(ACCOUNTS, &json!({"accountId": "trainer", "colour": "red"}));
    unknown.refused(400, "INVALID_ARGUMENT", "Unknown name \"colour\"");
    account(&sandbox, "trainer");
    let again = client.post(ACCOUNTS, &json!({"accountId": "trainer"}));
    again.refused(
        409,
        "ALREADY_EXISTS",
        "already exists within project projects/acme-ml",
    );
}

#[test]
fn lists_come_in_pages() {
    let sandbox = sandbox();
    let client = owner(&sandbox);
    assert_eq!(client.get(ACCOUNTS).reply(), json!({}));
    for number in 0..25 {
        account(&sandbox, &format!("worker-{number:02}"));
    }
    let mut seen = Vec::new();
    let mut token = String::new();
    loop {
        let page = client.get(&format!("{ACCOUNTS}?pageToken={token}")).reply();
        let accounts = page["accounts"].as_array().unwrap();
        assert!(accounts.len() <= 20);
        seen.extend(
            accounts
                .iter()
                .map(|a| a["email"].as_str().unwrap().to_owned()),
        );
        match page["nextPageToken"].as_str() {
            Some(next) => token = next.to_owned(),
            None => break,
        }
    }
    let expected: Vec<String> = (0..25).map(|n| email(&format!("worker-{n:02}"))).collect();
    assert_eq!(seen, expected);
    let whole = client.get(&format!("{ACCOUNTS}?pageSize=100")).reply();
    assert_eq!(whole["accounts"].as_array().unwrap().len(), 25);
    let broken = client.get(&format!("{ACCOUNTS}?pageToken=x"));
    broken.refused(400, "INVALID_ARGUMENT", "page token");
}

#[test]
fn a_patch_answers_with_what_it_patched() {
    let sandbox = sandbox();
    let client = owner(&sandbox);
    let made = account(&sandbox, "trainer");
    let path = format!("{ACCOUNTS}/{}", email("trainer"));
    let body = json!({
        "serviceAccount": {"displayName": "New", "description": "not in the mask"},
        "updateMask": "display_name",
    });
    let patched = client
        .send("PATCH", &path, "application/json", Some(&body))
        .reply();
    assert_eq!(patched, json!({"name": made["name"], "displayName": "New"}));
    let read = client.get(&path).reply();
    assert_eq!(read["displayName"], "New");
    assert!(read.get("description").is_none(), "{read}");

    let body = json!({"serviceAccount": {"disabled": true}, "updateMask": "disabled"});
    let refused = client.send("PATCH", &path, "application/json", Some(&body));
    refused.refused(400, "INVALID_ARGUMENT", "disabled");
    let updated = client.put(&path, &json!({"displayName": "By PUT"})).reply();
    assert_eq!(updated["uniqueId"], made["uniqueId"]);
    assert_eq!(updated["displayName"], "By PUT");
}

#[test]
fn accounts_are_disabled_and_enabled() {
    let sandbox = sandbox();
    let client = owner(&sandbox);
    account(&sandbox, "trainer");
    let path = format!("{ACCOUNTS}/{}", email("trainer"));
    assert_eq!(
        client.post(&format!("{path}:disable"), &json!({})).reply(),
        json!({})
    );
    assert_eq!(client.get(&path).reply()["disabled"], true);
    client.post(&format!("{path}:enable"), &json!({})).reply();
    assert!(client.get(&path).reply().get("disabled").is_none());
}

#[test]
fn policies_follow_an_account_into_deletion_and_back() {
    let sandbox = sandbox();
    let client = owner(&sandbox);
    let id = account(&sandbox, "trainer")["uniqueId"]
        .as_str()
        .unwrap()
        .to_owned();
    let member = format!("serviceAccount:{}", email("trainer"));
    let audit = json!([{"service": "allServices", "auditLogConfigs": [
        {"logType": "DATA_READ", "exemptedMembers": [member]},
    ]}]);
    let wanted = json!({"bindings": [bound("roles/viewer", &[&member])], "auditConfigs": audit});
    let body = json!({"policy": wanted, "updateMask": "bindings,etag,auditConfigs"});
    client
        .post(&format!("{PROJECT}:setIamPolicy"), &body)
        .reply();
    let own = format!("{ACCOUNTS}/{}", email("trainer"));
    let binding = bound("roles/iam.workloadIdentityUser", &["user:ana@example.com"]);
    set(&client, &own, &[binding]).reply();
    let before = policy(&client, PROJECT);

    assert_eq!(client.delete(&own).reply(), json!({}));
    assert_eq!(client.get(&own).code, 404);
    let gone = format!("deleted:{member}?uid={id}");
    let after = policy(&client, PROJECT);
    assert_eq!(after["bindings"][0]["members"], json!([gone]));
    assert_eq!(
        after["auditConfigs"][0]["auditLogConfigs"][0]["exemptedMembers"],
        json!([gone])
    );
    assert_ne!(after["etag"], before["etag"]);

    // An account of the same name is another one, and has neither grants nor policy.
    let other = account(&sandbox, "trainer")["uniqueId"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_ne!(other, id);
    assert_eq!(account_policy(&client, "trainer"), json!({"etag": "ACAB"}));
    let back = format!("{ACCOUNTS}/{id}:undelete");
    client
        .post(&back, &json!({}))
        .refused(409, "ALREADY_EXISTS", "already exists");
    client.delete(&own).reply();

    let restored = client.post(&back, &json!({})).reply();
    assert_eq!(restored["restoredAccount"]["uniqueId"], id.as_str());
    assert_eq!(
        policy(&client, PROJECT)["bindings"][0]["members"],
        json!([member])
    );
    let own = account_policy(&client, "trainer");
    assert_eq!(
        own["bindings"][0]["members"],
        json!(["user:ana@example.com"])
    );
    client
        .post(&back, &json!({}))
        .refused(400, "FAILED_PRECONDITION", "not deleted");
}

#[test]
fn a_deleted_account_can_be_had_back_for_thirty_days() {
    for (days, code) in [(29, 200), (30, 404)] {
        let sandbox = sandbox();
        let client = owner(&sandbox);
        let id = account(&sandbox, "trainer")["uniqueId"]
            .as_str()
            .unwrap()
            .to_owned();
        client.delete(&format!("{ACCOUNTS}/{id}")).reply();
        sandbox.advance_google_clock(DAY * days);
        let back = client.post(&format!("{ACCOUNTS}/{id}:undelete"), &json!({}));
        assert_eq!(back.code, code, "{days}");
    }
}

#[test]
fn a_new_account_comes_into_sight_by_a_script() {
    let script = NewAccounts {
        reads: vec![true, false, true, false],
        refusals: 2,
    };
    let sandbox = strict().google_new_accounts(script).start().unwrap();
    let client = owner(&sandbox);
    account(&sandbox, "trainer");
    let path = format!("{ACCOUNTS}/{}", email("trainer"));
    let codes: Vec<u16> = (0..6).map(|_| client.get(&path).code).collect();
    assert_eq!(codes, [200, 404, 200, 404, 200, 200]);
    let again = client.post(ACCOUNTS, &json!({"accountId": "trainer"}));
    assert_eq!(again.code, 409, "it exists all the while");

    let member = format!("serviceAccount:{}", email("trainer"));
    let bindings = [bound("roles/viewer", &[&member])];
    for _ in 0..2 {
        let early = set(&client, PROJECT, &bindings);
        early.refused(
            400,
            "INVALID_ARGUMENT",
            &format!("{} does not exist", email("trainer")),
        );
    }
    set(&client, PROJECT, &bindings).reply();
}
