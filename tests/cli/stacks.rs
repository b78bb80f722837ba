//! The example stacks, rehearsed as a newcomer does.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::repo::{Repo, files_below};

#[test]
fn every_example_is_formatted_applies_and_is_done() {
    let stacks = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../stacks")
        .canonicalize()
        .unwrap();
    let repo = Repo::new("main", &Value::Null);
    for (path, bytes) in files_below(&stacks) {
        let to = repo
            .root()
            .join("stacks")
            .join(path.strip_prefix(&stacks).unwrap());
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::write(to, bytes).unwrap();
    }
    let mut names: Vec<String> = fs::read_dir(&stacks)
        .unwrap()
        .map(|entry| format!("stacks/{}", entry.unwrap().file_name().to_string_lossy()))
        .collect();
    names.sort();
    assert!(names.len() >= 4, "{names:?}");
    for name in &names {
        repo.run(&["validate", name]).exits(0);
        repo.run(&["fmt", "--check", name]).exits(0);
        // Two of them are one story told twice: each has the world to itself.
        repo.run(&["apply", name, "--sandbox"]).exits(0);
        repo.run(&["plan", name, "--sandbox", "--detailed-exitcode"])
            .exits(0);
        repo.run(&["drift", name, "--sandbox"]).exits(0);
        repo.run(&["destroy", name, "--sandbox"]).exits(0);
        fs::remove_dir_all(repo.root().join(".rbacform")).unwrap();
    }
}
