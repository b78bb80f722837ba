//! Help, version, schema, completions.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::repo::{Ran, Repo};

/// Every command, as it is typed.
const COMMANDS: [&str; 18] = [
    "init",
    "validate",
    "fmt",
    "plan",
    "apply",
    "destroy",
    "drift",
    "show",
    "output",
    "graph",
    "state",
    "state list",
    "state show",
    "state mv",
    "state rm",
    "unlock",
    "schema",
    "completions",
];

fn run(line: &str) -> Ran {
    let words: Vec<&str> = line.split_whitespace().collect();
    Repo::new("main", &json!({})).run(&words)
}

#[test]
fn every_command_has_help_on_stdout() {
    for command in COMMANDS {
        for flag in ["--help", "-h"] {
            let ran = run(&format!("{command} {flag}")).exits(0);
            assert!(
                ran.stdout.contains(&format!("Usage: rbacform {command}")),
                "{}",
                ran.told()
            );
            assert_eq!(ran.stderr, "");
        }
    }
}

#[test]
fn help_lists_every_command() {
    let help = run("--help").exits(0).stdout;
    for command in COMMANDS.iter().filter(|command| !command.contains(' ')) {
        assert!(
            help.contains(&format!("\n  {command} ")),
            "{command} is not in {help}"
        );
    }
}

#[test]
fn help_is_a_command_too() {
    assert_eq!(run("help").exits(0).stdout, run("--help").stdout);
    assert_eq!(run("help plan").exits(0).stdout, run("plan --help").stdout);
}

#[test]
fn version_is_the_packages() {
    let version = concat!("rbacform ", env!("CARGO_PKG_VERSION"), "\n");
    assert_eq!(run("--version").exits(0).stdout, version);
}

#[test]
fn the_kept_schema_is_what_is_printed() {
    let printed = run("schema").exits(0).json();
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/stack.schema.json");
    let kept: Value = serde_json::from_str(&std::fs::read_to_string(kept).unwrap()).unwrap();
    assert!(
        printed == kept,
        "run `rbacform schema > docs/stack.schema.json`"
    );
    assert!(
        printed["$schema"].is_string(),
        "it says which JSON Schema it is"
    );
    let properties = printed["properties"].as_object().unwrap();
    for key in [
        "stack",
        "variables",
        "locals",
        "providers",
        "kubernetes",
        "manifests",
        "outputs",
    ] {
        assert!(properties.contains_key(key), "{key} is described");
    }
}

#[test]
fn completions_know_every_command() {
    for shell in ["bash", "zsh", "fish"] {
        let script = run(&format!("completions {shell}")).exits(0).stdout;
        for word in [
            "detailed-exitcode",
            "allow-revokes",
            "sandbox",
            "unlock",
            "completions",
        ] {
            assert!(script.contains(word), "{word} is missing for {shell}");
        }
    }
}
