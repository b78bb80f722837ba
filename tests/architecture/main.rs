//! The house: arrows between crates point down only (docs/architecture.md).

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// What each crate may depend on within the house.
const ARROWS: [(&str, &[&str]); 11] = [
    ("rbacform-core", &[]),
    ("rbacform-stack", &["rbacform-core"]),
    ("rbacform-access", &["rbacform-core"]),
    ("rbacform-planner", &["rbacform-core"]),
    ("rbacform-state", &["rbacform-core"]),
    ("rbacform-provider", &["rbacform-core"]),
    (
        "rbacform-kubernetes",
        &["rbacform-core", "rbacform-provider"],
    ),
    ("rbacform-gcp", &["rbacform-core", "rbacform-provider"]),
    (
        "rbacform-executor",
        &["rbacform-core", "rbacform-provider", "rbacform-state"],
    ),
    ("rbacform-sandbox", &["rbacform-access", "rbacform-core"]),
    (
        "rbacform",
        &[
            "rbacform-core",
            "rbacform-stack",
            "rbacform-access",
            "rbacform-planner",
            "rbacform-state",
            "rbacform-provider",
            "rbacform-kubernetes",
            "rbacform-gcp",
            "rbacform-executor",
            "rbacform-sandbox",
        ],
    ),
];

/// Crates that are pure, and what they may never pull in, however deep.
const PURE: [&str; 3] = ["rbacform-core", "rbacform-planner", "rbacform-access"];
const EFFECTS: [&str; 7] = ["tokio", "kube", "hyper", "reqwest", "axum", "rustls", "mio"];

#[test]
fn arrows_point_down() {
    let metadata = metadata();
    let allowed: BTreeMap<&str, &[&str]> = ARROWS.into_iter().collect();
    let mut seen = BTreeSet::new();
    for package in list(&metadata["packages"]) {
        let name = text(&package["name"]);
        if !name.starts_with("rbacform") {
            continue;
        }
        seen.insert(name.to_owned());
        let allowed = allowed
            .get(name)
            .unwrap_or_else(|| panic!("{name} has no place in the house"));
        for dependency in list(&package["dependencies"]) {
            let other = text(&dependency["name"]);
            // Tests may reach across: the provider is tried against the sandbox.
            let in_tests = dependency["kind"].as_str() == Some("dev");
            if other.starts_with("rbacform") && !in_tests {
                assert!(
                    allowed.contains(&other),
                    "{name} must not depend on {other}"
                );
            }
        }
    }
    assert_eq!(seen.len(), ARROWS.len(), "{seen:?}");
}

#[test]
fn the_pure_core_has_no_effects() {
    let metadata = metadata();
    let names: BTreeMap<&str, &str> = list(&metadata["packages"])
        .iter()
        .map(|package| (text(&package["id"]), text(&package["name"])))
        .collect();
    let needs: BTreeMap<&str, Vec<&str>> = list(&metadata["resolve"]["nodes"])
        .iter()
        .map(|node| {
            let normal = list(&node["deps"]).iter().filter(|dependency| {
                list(&dependency["dep_kinds"])
                    .iter()
                    .any(|kind| kind["kind"].is_null())
            });
            (
                text(&node["id"]),
                normal.map(|dependency| text(&dependency["pkg"])).collect(),
            )
        })
        .collect();
    for pure in PURE {
        let root = names
            .iter()
            .find(|(_, name)| **name == pure)
            .map(|(id, _)| *id)
            .unwrap();
        let mut queue = vec![root];
        let mut seen = BTreeSet::new();
        while let Some(id) = queue.pop() {
            if seen.insert(id) {
                assert!(
                    !EFFECTS.contains(&names[id]),
                    "{pure} pulls in {}",
                    names[id]
                );
                queue.extend(needs[id].iter().copied());
            }
        }
    }
}

fn metadata() -> serde_json::Value {
    // Only what is built here is sure to be on this machine.
    let platform = host();
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--offline", "--locked"])
        .args(["--filter-platform", &platform])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

fn host() -> String {
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let output = Command::new(rustc).arg("-vV").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines()
        .find_map(|line| line.strip_prefix("host: "))
        .unwrap()
        .to_owned()
}

fn list(value: &serde_json::Value) -> &[serde_json::Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn text(value: &serde_json::Value) -> &str {
    value.as_str().unwrap_or_default()
}
