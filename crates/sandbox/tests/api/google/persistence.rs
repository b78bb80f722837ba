//! A Google half that is kept.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use rbacform_sandbox::{PersistError, Sandbox, SandboxError};
use serde_json::json;

use super::client::{
    ACCOUNTS, PROJECT, ROLES, account, account_policy, bound, email, owner, policy, set, strict,
};

fn open(directory: &Path) -> Sandbox {
    strict().persist(directory).start().unwrap()
}

#[test]
fn everything_survives_a_restart() {
    let home = tempfile::tempdir().unwrap();
    let first = open(home.path());
    let client = owner(&first);
    first.google_resource("buckets/acme-data").unwrap();
    let kept = account(&first, "trainer");
    let gone = account(&first, "former")["uniqueId"]
        .as_str()
        .unwrap()
        .to_owned();
    let members = [format!("serviceAccount:{}", email("former"))];
    set(
        &client,
        PROJECT,
        &[json!({"role": "roles/viewer", "members": members})],
    )
    .reply();
    client.delete(&format!("{ACCOUNTS}/{gone}")).reply();
    let binding = bound("roles/iam.workloadIdentityUser", &["user:ana@example.com"]);
    set(
        &client,
        &format!("{ACCOUNTS}/{}", email("trainer")),
        &[binding],
    )
    .reply();
    let role = json!({"roleId": "reader", "role": {"title": "R"}});
    let role = client.post(ROLES, &role).reply();
    let shown = (policy(&client, PROJECT), account_policy(&client, "trainer"));
    first.shutdown();

    for _ in 0..2 {
        let next = open(home.path());
        let client = owner(&next);
        assert_eq!(
            (policy(&client, PROJECT), account_policy(&client, "trainer")),
            shown
        );
        assert_eq!(
            client
                .get(&format!("{ACCOUNTS}/{}", email("trainer")))
                .reply(),
            kept
        );
        assert_eq!(client.get(&format!("{ROLES}/reader")).reply(), role);
        assert_eq!(
            client.get("/google/storage/storage/v1/b/acme-data").code,
            200
        );
        next.shutdown();
    }
    let next = open(home.path());
    let back = owner(&next).post(&format!("{ACCOUNTS}/{gone}:undelete"), &json!({}));
    assert_eq!(back.reply()["restoredAccount"]["uniqueId"], gone.as_str());
}

#[test]
fn every_answered_write_is_in_the_file_and_a_torn_commit_is_not_there_at_all() {
    let home = tempfile::tempdir().unwrap();
    let log = home.path().join("google.jsonl");
    let sandbox = open(home.path());
    let client = owner(&sandbox);
    account(&sandbox, "trainer");
    let member = format!("serviceAccount:{}", email("trainer"));
    set(&client, PROJECT, &[bound("roles/viewer", &[&member])]).reply();
    let before = fs::read(&log).unwrap();
    client
        .delete(&format!("{ACCOUNTS}/{}", email("trainer")))
        .reply();
    let after = fs::read(&log).unwrap();
    sandbox.shutdown();

    // What a killed process leaves: all it answered for, and half of what it did not.
    let torn = after.len() - 9;
    assert!(torn > before.len());
    fs::write(&log, &after[..torn]).unwrap();
    let sandbox = open(home.path());
    let client = owner(&sandbox);
    assert_eq!(
        client.get(&format!("{ACCOUNTS}/{}", email("trainer"))).code,
        200
    );
    assert_eq!(
        policy(&client, PROJECT)["bindings"][0]["members"],
        json!([member])
    );
    client
        .delete(&format!("{ACCOUNTS}/{}", email("trainer")))
        .reply();
    sandbox.shutdown();
    assert_eq!(owner(&open(home.path())).get(ACCOUNTS).reply(), json!({}));
}

#[test]
fn the_file_is_private_and_holds_no_token() {
    let home = tempfile::tempdir().unwrap();
    let sandbox = strict()
        .persist(home.path())
        .google_identity("canary-token", "user:ana@example.com", &[])
        .start()
        .unwrap();
    account(&sandbox, "trainer");
    let name = format!("projects/-/serviceAccounts/{}", email("trainer"));
    let path = format!("/google/iamcredentials/v1/{name}:generateAccessToken");
    let minted = owner(&sandbox)
        .post(&path, &json!({"scope": ["x"]}))
        .reply();
    let token = minted["accessToken"].as_str().unwrap();
    let log = home.path().join("google.jsonl");
    assert_eq!(
        fs::metadata(&log).unwrap().permissions().mode() & 0o777,
        0o600
    );
    for entry in fs::read_dir(home.path()).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        for secret in [token, "canary-token", sandbox.admin_token()] {
            assert!(!text.contains(secret));
        }
    }
    let shown = format!("{sandbox:?}");
    assert!(!shown.contains(token) && !shown.contains("canary-token"));
}

#[test]
fn a_broken_file_is_refused() {
    let home = tempfile::tempdir().unwrap();
    open(home.path()).shutdown();
    let log = home.path().join("google.jsonl");
    let mut file = fs::OpenOptions::new().append(true).open(&log).unwrap();
    file.write_all(b"{\"commit\": 5}\n").unwrap();
    let refused = strict().persist(home.path()).start().unwrap_err();
    let SandboxError::World(PersistError::Unreadable { path, .. }) = &refused else {
        panic!("{refused}")
    };
    assert_eq!(*path, log);
}

#[test]
fn a_resource_that_cannot_be_is_refused_at_the_start() {
    let refused = strict()
        .google_resource("projects/Acme")
        .start()
        .unwrap_err();
    assert!(refused.to_string().contains("`projects/Acme`"), "{refused}");
}
