//! `[providers.gcp]`.

use rbacform_gcp::Settings;
use secrecy::ExposeSecret;

use crate::source::{node, told};

#[test]
fn settings_are_read() {
    let settings = Settings::read(&node(
        r#"project = "acme-ml"
quota_project = "123456789012"
impersonate = ["deployer@acme-ml.iam.gserviceaccount.com"]
universe_domain = "example.goog"
access_token = "@sensitive"
known_roles = ["roles/x.y"]"#,
    ))
    .unwrap();
    assert_eq!(settings.project.as_deref(), Some("acme-ml"));
    assert_eq!(settings.quota_project.as_deref(), Some("123456789012"));
    assert_eq!(
        settings.impersonate,
        ["deployer@acme-ml.iam.gserviceaccount.com"]
    );
    assert_eq!(
        settings.access_token.as_ref().unwrap().expose_secret(),
        "hunter2"
    );
    assert!(!format!("{settings:?}").contains("hunter2"));
}

#[test]
fn wrong_settings_are_refused_and_a_token_is_never_quoted() {
    let text = r#"project = "123456789012"
quota_project = "projects/acme-ml"
impersonate = ["ana@example.com"]
access_token = "ya29.secret"
known_roles = ["viewer"]"#;
    let errors = Settings::read(&node(text)).unwrap_err();
    let messages: Vec<&str> = errors.iter().map(|error| error.code).collect();
    assert_eq!(
        messages,
        [
            "invalid-project",
            "invalid-project",
            "invalid-value",
            "credential-in-stack",
            "invalid-value"
        ]
    );
    for error in &errors {
        let shown = format!("{}{:?}", error.message, error.help);
        assert!(!shown.contains("ya29"), "{shown}");
    }
}

#[test]
fn a_role_that_the_table_knows_by_now_needs_no_mention() {
    let text = "known_roles = [\"roles/viewer\", \"roles/brand.new\"]";
    assert_eq!(
        told(text, &Settings::warnings(&node(text))),
        [
            "known-role at \"roles/viewer\": `roles/viewer` is in the table of this version (take it out of `known_roles`)"
        ]
    );
}
