//! No credential is ever written: canaries planted wherever credentials come from, and searched
//! for in everything that comes out.

use std::fs;

use crate::stage::Stage;
use crate::support::repo::{files_below, write_private};

const CANARY: &str = "canary-4b71e0";

const STACK: &str = r#"
[variables.token]
sensitive = true

[providers.gcp]
project = "acme-ml"
access_token = "${vars.token}"

[gcp.service_account.trainer]
account_id = "trainer"

[gcp.iam_member.it]
resource = "projects/acme-ml"
role = "roles/aiplatform.user"
member = "${gcp.service_account.trainer.member}"
"#;

#[test]
fn no_credential_is_ever_written() {
    let mut stage = Stage::new();
    let home = stage.repo.home();
    let key = home.join("key.json");
    let token = home.join("token");
    let config = home.join("gcloud");
    fs::create_dir(&config).unwrap();
    let secret = format!(
        "{{\"type\":\"service_account\",\"client_email\":\"a@acme-ml.iam.gserviceaccount.com\",\
         \"private_key\":\"{CANARY}\",\"private_key_id\":\"{CANARY}\",\
         \"token_uri\":\"http://127.0.0.1:1/{CANARY}\"}}"
    );
    write_private(&key, &secret);
    write_private(&token, CANARY);
    let user = format!(
        "{{\"type\":\"authorized_user\",\"client_id\":\"{CANARY}\",\"client_secret\":\"{CANARY}\",\
         \"refresh_token\":\"{CANARY}\"}}"
    );
    write_private(&config.join("application_default_credentials.json"), &user);
    stage.repo.stack(STACK);
    stage.repo.set("RBACFORM_VAR_token", CANARY);
    let settings = [
        ("GOOGLE_APPLICATION_CREDENTIALS", key),
        ("CLOUDSDK_AUTH_ACCESS_TOKEN_FILE", token),
        ("CLOUDSDK_CONFIG", config),
    ];
    for (variable, path) in settings {
        stage.repo.set(variable, path.to_str().unwrap());
    }
    for level in ["RUST_LOG", "RBACFORM_LOG"] {
        stage.repo.set(level, "trace");
    }
    let mut said = 0;
    let runs: [&[&str]; 9] = [
        &["validate", "stacks/main"],
        &["plan", "stacks/main", "-v", "--out", "saved.plan"],
        &["show", "saved.plan", "--json"],
        &["apply", "saved.plan", "-v"],
        &["plan", "stacks/main", "--json", "-v"],
        &["drift", "stacks/main", "--json", "-v"],
        &["state", "show", "stacks/main", "gcp.iam_member.it"],
        &["graph", "stacks/main"],
        &["destroy", "stacks/main", "--yes", "-v"],
    ];
    for args in runs {
        let ran = stage.run(args);
        assert_eq!(ran.code, Some(0), "{}", ran.told());
        for text in [&ran.stdout, &ran.stderr] {
            assert!(!text.contains(CANARY), "{}", ran.told());
            said += text.len();
        }
    }
    let mut files = files_below(stage.repo.everything());
    files.retain(|(path, _)| !path.starts_with(&home));
    assert!(files.len() >= 4, "state, audit, plan and stack");
    for (path, bytes) in files {
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains(CANARY), "{}", path.display());
        said += text.len();
    }
    assert!(said > 4_000, "{said} bytes were searched");
    // The wire is judged when the stage ends: no `Authorization` on plain HTTP.
}

#[test]
fn no_credential_is_told_in_failures() {
    let mut stage = Stage::new();
    let key = stage.repo.home().join("key.json");
    let broken = [
        format!("{{\"type\":\"service_account\",\"private_key\":\"{CANARY}\"}}"),
        format!("{{\"type\":\"pizza\",\"token\":\"{CANARY}\"}}"),
        format!("{CANARY} is not JSON"),
        format!("{{\"type\":\"authorized_user\",\"refresh_token\":\"{CANARY}\"}}"),
        format!(
            "{{\"type\":\"external_account\",\"audience\":\"{CANARY}\",\"credential_source\":{{\"executable\":{{\"command\":\"{CANARY}\"}}}}}}"
        ),
    ];
    stage.stack("[gcp.iam_member.it]\nresource = \"projects/acme-ml\"\nrole = \"roles/viewer\"\nmember = \"user:ana@example.com\"\n");
    stage
        .repo
        .set("GOOGLE_APPLICATION_CREDENTIALS", key.to_str().unwrap());
    // Google itself, which nobody reaches here: credentials are read before it is asked.
    for api in ["CLOUDRESOURCEMANAGER", "IAM"] {
        let variable = format!("CLOUDSDK_API_ENDPOINT_OVERRIDES_{api}");
        stage.repo.set(&variable, "https://127.0.0.1:1/");
    }
    for text in broken {
        write_private(&key, &text);
        let ran = stage.run(&["plan", "stacks/main", "-v"]);
        assert_eq!(ran.code, Some(1), "{}", ran.told());
        let said = format!("{}{}", ran.stdout, ran.stderr);
        assert!(said.contains("key.json"), "{}", ran.told());
        assert!(!said.contains(CANARY), "{}", ran.told());
    }
}
