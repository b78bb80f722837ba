//! Policies: etags, versions, masks.

use std::sync::Barrier;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::client::{
    ACCOUNTS, PROJECT, account, bound, conditional, email, owner, policy, sandbox, set,
};
use crate::client::Client;

const V1: &str = "/google/cloudresourcemanager/v1/projects/acme-ml";
const ALWAYS: &str = "request.time < timestamp('2100-01-01T00:00:00Z')";

fn set_with(client: &Client<'_>, etag: &Value, bindings: Value) -> crate::client::Answer {
    let policy = json!({"version": 3, "etag": etag, "bindings": bindings});
    client.post(
        &format!("{PROJECT}:setIamPolicy"),
        &json!({"policy": policy}),
    )
}

fn read(client: &Client<'_>, version: i64) -> Value {
    let body = json!({"options": {"requestedPolicyVersion": version}});
    client
        .post(&format!("{PROJECT}:getIamPolicy"), &body)
        .reply()
}

#[test]
fn one_policy_is_behind_every_spelling_of_a_project() {
    let sandbox = sandbox();
    let client = owner(&sandbox);
    assert_eq!(policy(&client, PROJECT), json!({"etag": "ACAB"}));
    let member = "user:ana@example.com";
    let written = set(&client, PROJECT, &[bound("roles/viewer", &[member])]).reply();
    let number = client.get(V1).reply()["projectNumber"]
        .as_str()
        .unwrap()
        .to_owned();
    for spelling in [
        PROJECT.to_owned(),
        V1.to_owned(),
        V1.replace("acme-ml", &number),
    ] {
        assert_eq!(policy(&client, &spelling), written, "{spelling}");
    }
}

#[test]
fn every_write_changes_the_etag_and_a_stale_one_is_a_conflict() {
    let sandbox = sandbox();
    let client = owner(&sandbox);
    let bindings = json!([bound("roles/viewer", &["user:ana@example.com"])]);
    let mut etags = vec![json!("ACAB")];
    for _ in 0..5 {
        let written = set_with(&client, etags.last().unwrap(), bindings.clone()).reply();
        let etag = written["etag"].as_str().unwrap();
        let bytes = STANDARD.decode(etag).unwrap();
        assert_eq!(STANDARD.encode(bytes), etag, "canonical");
        assert!(!etags.contains(&written["etag"]));
        etags.push(written["etag"].clone());
    }
    for stale in etags.iter().rev().skip(1) {
        let refused = set_with(&client, stale, json!([]));
        refused.refused(409, "ABORTED", "There were concurrent policy changes");
    }
    assert_eq!(policy(&client, PROJECT)["bindings"], bindings);
}

#[test]
fn without_an_etag_a_set_overwrites() {
    let sandbox = sandbox();
    let client = owner(&sandbox);
    set(
        &client,
        PROJECT,
        &[bound("roles/viewer", &["user:ana@example.com"])],
    )
    .reply();
    let after = set(&client, PROJECT, &[]).reply();
    assert!(after.get("bindings").is_none(), "{after}");
    let empty = client.post(&format!("{PROJECT}:setIamPolicy"), &json!({}));
    empty.refused(400, "INVALID_ARGUMENT", "Policy must be specified");
    let unknown = json!({"policy": {"bindngs": []}});
    let refused = client.post(&format!("{PROJECT}:setIamPolicy"), &unknown);
    refused.refused(400, "INVALID_ARGUMENT", "Unknown name \"bindngs\"");
}

#[test]
fn conditions_are_seen_and_written_with_version_3_alone() {
    let sandbox = sandbox();
    let client = owner(&sandbox);
    let member = "user:ana@example.com";
    let bindings = [conditional("roles/aiplatform.user", &[member], ALWAYS)];
    let written = set(&client, PROJECT, &bindings).reply();
    assert_eq!(written["version"], 3);
    assert_eq!(read(&client, 3), written);

    let degraded = read(&client, 1);
    assert_eq!(degraded["version"], 1);
    let shown = &degraded["bindings"][0];
    assert!(shown.get("condition").is_none());
    let role = shown["role"].as_str().unwrap();
    assert!(
        role.starts_with("roles/aiplatform.user_withcond_"),
        "{role}"
    );
    let mut back = degraded.clone();
    back["version"] = json!(3);
    let refused = client.post(&format!("{PROJECT}:setIamPolicy"), &json!({"policy": back}));
    refused.refused(
        400,
        "INVALID_ARGUMENT",
        "does not exist in the resource's hierarchy",
    );

    for version in [0, 1] {
        let policy = json!({"version": version, "etag": written["etag"], "bindings": []});
        let refused = client.post(
            &format!("{PROJECT}:setIamPolicy"),
            &json!({"policy": policy}),
        );
        refused.refused(400, "INVALID_ARGUMENT", "version 3");
    }
    let policy = json!({"version": 1, "bindings": [bindings[0]]});
    let refused = client.post(
        &format!("{PROJECT}:setIamPolicy"),
        &json!({"policy": policy}),
    );
    refused.refused(400, "INVALID_ARGUMENT", "version 3");
    for version in [2, 4] {
        let body = json!({"options": {"requestedPolicyVersion": version}});
        let refused = client.post(&format!("{PROJECT}:getIamPolicy"), &body);
        refused.refused(400, "INVALID_ARGUMENT", "not valid");
    }
    // Without an etag the conditions are lost, as Google warns.
    let policy = json!({"policy": {"bindings": [bound("roles/viewer", &[member])]}});
    let blind = client
        .post(&format!("{PROJECT}:setIamPolicy"), &policy)
        .reply();
    assert_eq!(blind["version"], 1);
}

#[test]
fn without_conditions_the_version_is_1_whatever_was_sent() {
    let sandbox = sandbox();
    let client = owner(&sandbox);
    let written = set(
        &client,
        PROJECT,
        &[bound("roles/viewer", &["user:a@example.com"])],
    );
    assert_eq!(written.reply()["version"], 1);
    assert_eq!(read(&client, 3)["version"], 1);
}

#[test]
fn audit_configs_outlive_a_write_that_does_not_name_them() {
    let sandbox = sandbox();
    let client = owner(&sandbox);
    let audit = json!([{"service": "allServices", "auditLogConfigs": [{"logType": "ADMIN_READ"}]}]);
    let set_masked = |policy: Value, mask: Value| {
        let mut body = json!({"policy": policy});
        if !mask.is_null() {
            body["updateMask"] = mask;
        }
        client
            .post(&format!("{PROJECT}:setIamPolicy"), &body)
            .reply()
    };
    let bindings = json!([bound("roles/viewer", &["user:ana@example.com"])]);
    let unmasked = set_masked(
        json!({"bindings": bindings, "auditConfigs": audit}),
        Value::Null,
    );
    assert!(
        unmasked.get("auditConfigs").is_none(),
        "the default mask leaves them out"
    );
    let only = set_masked(json!({"auditConfigs": audit}), json!("auditConfigs"));
    assert_eq!(
        (&only["auditConfigs"], &only["bindings"]),
        (&audit, &bindings)
    );
    let after = set_masked(json!({"bindings": []}), json!("bindings,etag"));
    assert_eq!(after["auditConfigs"], audit);
    assert!(after.get("bindings").is_none());
    let removed = set_masked(json!({}), json!("auditConfigs"));
    assert!(removed.get("auditConfigs").is_none());
}

#[test]
fn roles_come_sorted_members_as_written_and_empty_bindings_not_at_all() {
    let sandbox = sandbox();
    let client = owner(&sandbox);
    let bindings = [
        bound(
            "roles/viewer",
            &["user:b@example.com", "user:a@example.com"],
        ),
        bound("roles/aiplatform.user", &["user:Ana@Example.com"]),
        bound("roles/viewer", &["user:c@example.com"]),
        bound("roles/owner", &[]),
    ];
    let written = set(&client, PROJECT, &bindings).reply();
    let expected = json!([
        bound("roles/aiplatform.user", &["user:ana@example.com"]),
        bound(
            "roles/viewer",
            &["user:b@example.com", "user:a@example.com"]
        ),
        bound("roles/viewer", &["user:c@example.com"]),
    ]);
    assert_eq!(written["bindings"], expected);
}

#[test]
fn an_account_has_one_policy_by_email_and_unique_id() {
    let sandbox = sandbox();
    let client = owner(&sandbox);
    let id = account(&sandbox, "trainer")["uniqueId"]
        .as_str()
        .unwrap()
        .to_owned();
    let binding = bound("roles/iam.workloadIdentityUser", &["user:ana@example.com"]);
    let by_email = format!("{ACCOUNTS}/{}", email("trainer"));
    let written = set(&client, &by_email, &[binding]).reply();
    for spelling in [id, email("trainer")] {
        let query = "options.requestedPolicyVersion=3";
        for project in ["acme-ml", "-"] {
            let path = format!(
                "/google/iam/v1/projects/{project}/serviceAccounts/{spelling}:getIamPolicy?{query}"
            );
            assert_eq!(
                client.send("POST", &path, "", None).reply(),
                written,
                "{path}"
            );
        }
    }
}

#[test]
fn writers_who_compare_lose_nothing() {
    let sandbox = sandbox();
    const WRITERS: usize = 8;
    let start = Barrier::new(WRITERS);
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (sandbox, start) = (&sandbox, &start);
            scope.spawn(move || {
                let client = owner(sandbox);
                start.wait();
                for number in 0..5 {
                    let member = format!("user:w{writer}-{number}@example.com");
                    loop {
                        let standing = policy(&client, PROJECT);
                        let empty = json!([]);
                        let bindings = standing.get("bindings").unwrap_or(&empty);
                        let mut bindings = bindings.as_array().unwrap().clone();
                        bindings.push(bound("roles/viewer", &[&member]));
                        let answer = set_with(&client, &standing["etag"], json!(bindings));
                        if answer.code == 200 {
                            break;
                        }
                        answer.refused(409, "ABORTED", "");
                    }
                }
            });
        }
    });
    let bindings = policy(&owner(&sandbox), PROJECT)["bindings"]
        .as_array()
        .unwrap()
        .len();
    assert_eq!(bindings, WRITERS * 5);
}
