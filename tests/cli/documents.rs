//! The JSON documents, key by key, in the order that the contract gives.

use serde_json::Value;

use crate::support::repo::Repo;

const STACK: &str = r#"
[kubernetes.namespace.team]
name = "team"

[kubernetes.role_binding.viewers]
name = "viewers"
namespace = "team"
role = "not-there"
subjects = ["user:ana@example.com"]

[outputs.namespace]
value = "${kubernetes.namespace.team.name}"
"#;

fn repo() -> Repo {
    let repo = Repo::new("main", &Value::Null);
    repo.stack(STACK);
    repo
}

/// The keys of an object of a pretty-printed document, in order: of the document itself, or of
/// the first object under a key of it.
fn keys(text: &str, within: Option<&str>) -> Vec<String> {
    let start = within.map_or(0, |key| text.find(&format!("\n  \"{key}\": ")).unwrap() + 1);
    let indent = if within.is_some() { 4 } else { 2 };
    let list = within.is_some_and(|_| text[start..].lines().next().unwrap().ends_with('['));
    let indent = if list { indent + 2 } else { indent };
    let own = format!("{}\"", " ".repeat(indent));
    let end = format!("{}}}", " ".repeat(indent - 2));
    text[start..]
        .lines()
        .take_while(|line| !(line.starts_with(&end) && line.trim_end_matches(',') == end))
        .filter_map(|line| line.strip_prefix(&own)?.split_once("\":"))
        .map(|(key, _)| key.to_owned())
        .collect()
}

#[test]
fn a_plan_has_the_contracts_keys_in_order() {
    let text = repo()
        .run(&["plan", "stacks/main", "--sandbox", "--json"])
        .exits(0)
        .stdout;
    assert_eq!(
        keys(&text, None),
        [
            "format",
            "rbacform_version",
            "stack",
            "env",
            "mode",
            "summary",
            "changes",
            "drift",
            "unmanaged",
            "access",
            "findings",
            "assertions",
            "preflight",
            "outputs",
            "world",
            "now",
            "requests",
        ]
    );
    assert_eq!(
        keys(&text, Some("summary")),
        [
            "create", "update", "replace", "delete", "adopt", "move", "forget", "no_op"
        ]
    );
    assert_eq!(
        keys(&text, Some("changes")),
        [
            "address",
            "type",
            "object",
            "action",
            "reason",
            "before",
            "after",
            "differences",
            "depends_on",
        ]
    );
    assert_eq!(
        keys(&text, Some("access")),
        ["gained", "lost", "cannot_tell"]
    );
    assert_eq!(
        keys(&text, Some("findings")),
        [
            "code", "severity", "message", "address", "file", "line", "column", "help", "doc"
        ]
    );
    assert_eq!(keys(&text, Some("world")), ["kubernetes", "gcp"]);
    assert_eq!(keys(&text, Some("requests")), ["kubernetes", "gcp"]);
    let plan: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(plan["format"], "rbacform.plan/1");
    assert_eq!(plan["mode"], "apply");
    assert_eq!(plan["findings"][0]["code"], "dangling-binding");
    assert_eq!(plan["outputs"]["namespace"], "team");
    let world = plan["world"]["kubernetes"][0].as_object().unwrap();
    let names: Vec<&str> = world.keys().map(String::as_str).collect();
    assert_eq!(names, ["context", "identity", "server"], "in any order");
}

#[test]
fn a_gate_that_refuses_still_prints_the_plan() {
    let repo = repo();
    let people: Vec<String> = (0..40).map(|n| format!("\"user:u{n}\"")).collect();
    let stack = |people: &[String]| STACK.replace("\"user:ana@example.com\"", &people.join(", "));
    repo.stack(&stack(&people));
    repo.run(&["apply", "stacks/main", "--sandbox"]).exits(0);
    repo.stack(&stack(&people[..5]));
    let ran = repo
        .run(&["apply", "stacks/main", "--sandbox", "--json"])
        .exits(5);
    assert_eq!(ran.json()["format"], "rbacform.plan/1");
    assert_eq!(ran.json()["summary"]["update"], 1);
    assert!(ran.stderr.contains("--allow-revokes 35"), "{}", ran.told());
}

#[test]
fn what_stays_as_it_is_is_counted_and_left_out() {
    let repo = repo();
    repo.run(&["apply", "stacks/main", "--sandbox"]).exits(0);
    let plan = repo
        .run(&["plan", "stacks/main", "--sandbox", "--json"])
        .exits(0)
        .json();
    assert_eq!(plan["summary"]["no_op"], 2);
    assert_eq!(plan["changes"], Value::Array(Vec::new()));
    assert_eq!(plan["world"]["kubernetes"][0]["identity"], Value::Null);
}

#[test]
fn every_mode_is_named() {
    let repo = repo();
    for (flag, mode) in [("--destroy", "destroy"), ("--refresh-only", "refresh_only")] {
        let args = ["plan", "stacks/main", "--sandbox", "--json", flag];
        assert_eq!(repo.run(&args).exits(0).json()["mode"], mode);
    }
}

#[test]
fn a_shown_plan_is_the_plan() {
    let repo = repo();
    let args = [
        "plan",
        "stacks/main",
        "--sandbox",
        "--json",
        "--out",
        "a.plan",
    ];
    let planned = repo.run(&args).exits(0).stdout;
    let shown = repo.run(&["show", "a.plan", "--json"]).exits(0).stdout;
    assert_eq!(shown, planned);
}

#[test]
fn the_other_documents_have_the_contracts_keys_in_order() {
    let repo = repo();
    let text = |args: &[&str], code| repo.run(args).exits(code).stdout;
    assert_eq!(
        keys(
            &text(&["apply", "stacks/main", "--sandbox", "--json"], 0),
            None
        ),
        [
            "format",
            "stack",
            "done",
            "failed",
            "not_started",
            "outputs",
            "serial",
            "requests"
        ]
    );
    assert_eq!(
        keys(
            &text(&["drift", "stacks/main", "--sandbox", "--json"], 0),
            None
        ),
        [
            "format",
            "stack",
            "drifted",
            "drift",
            "unmanaged",
            "requests"
        ]
    );
    let validated = text(&["validate", "stacks/main", "--json"], 0);
    assert_eq!(keys(&validated, None), ["format", "diagnostics"]);
    assert_eq!(
        keys(&validated, Some("diagnostics")),
        [
            "severity", "code", "message", "file", "line", "column", "address", "help"
        ]
    );
    let failed = text(&["plan", "nowhere", "--json"], 1);
    assert_eq!(keys(&failed, None), ["format", "diagnostics"]);
}
