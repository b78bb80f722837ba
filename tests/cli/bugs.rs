//! Bugs of the program itself.

use serde_json::Value;

use crate::support::repo::Repo;

#[test]
fn a_bug_is_told_and_has_an_exit_code_of_its_own() {
    let repo = Repo::new("main", &Value::Null);
    repo.stack("[kubernetes.namespace.team]\nname = \"team\"\n");
    let args = ["apply", "stacks/main", "--sandbox"];
    for place in ["start", "locked"] {
        let ran = repo
            .run_with(&args, |command| {
                command.env("RBACFORM_TEST_PANIC", place);
            })
            .exits(70);
        assert_eq!(ran.stdout, "");
        let told = [
            "error[bug]: panicked at crates/cli/src/failpoint.rs:",
            "as the test asked for",
            "please report it",
        ];
        for words in told {
            assert!(ran.stderr.contains(words), "{words}: {}", ran.told());
        }
        let ran = repo
            .run_with(&[&args[..], &["--json"]].concat(), |command| {
                command.env("RBACFORM_TEST_PANIC", place);
            })
            .exits(70);
        assert_eq!(ran.codes(), ["bug"]);
    }
    repo.run(&args).exits(0);
}

#[test]
fn a_wrong_command_line_is_a_document_where_one_was_asked_for() {
    let repo = Repo::new("main", &Value::Null);
    for args in [
        &["plan", "--json", "--no-such-flag"][..],
        &["plan", "--json", "--timeout", "never"],
        &["plan", "--json", "a", "b"],
        &["apply", "--json", "--state", "gs://bucket/x"],
        &["--json"],
    ] {
        let ran = repo.run(args).exits(64);
        assert_eq!(ran.codes(), ["usage"], "{}", ran.told());
        assert_eq!(ran.stderr, "");
        let message = ran.json()["diagnostics"][0]["message"].clone();
        let message = message.as_str().unwrap();
        assert!(!message.is_empty() && !message.contains('\n'), "{message}");
    }
}
