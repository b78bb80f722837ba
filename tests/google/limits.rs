//! Google's limits, kept before anything is sent, with the count.

use crate::google::bindings;
use crate::stage::{PROJECT, Stage};

const ROLE: &str = "roles/aiplatform.user";

fn binding(members: &[String]) -> String {
    format!(
        "[gcp.iam_binding.all]\nresource = \"{PROJECT}\"\nrole = \"{ROLE}\"\nmembers = {members:?}\n"
    )
}

fn members(kind: &str, number: usize) -> Vec<String> {
    (0..number)
        .map(|nth| format!("{kind}:m{nth}@example.com"))
        .collect()
}

/// That an apply fails with these numbers and sets nothing.
fn refused(stage: &Stage, numbers: [&str; 2]) {
    let mut told = String::new();
    let requests = stage.requests(|| {
        let ran = stage.run(&["apply", "stacks/main", "--yes"]);
        assert_eq!(ran.code, Some(1), "{}", ran.told());
        told = ran.stdout + &ran.stderr;
    });
    for number in numbers {
        assert!(told.contains(number), "{number} in {told}");
    }
    let sets = &requests["cloudresourcemanager.projects.setIamPolicy"];
    assert!(sets.is_null(), "{requests:#}");
}

#[test]
fn members_of_a_policy_are_counted() {
    let stage = Stage::new();
    stage.applied(&binding(&members("user", 1_500)));
    stage.stack(&binding(&members("user", 1_501)));
    refused(&stage, ["1501", "1500"]);
    assert_eq!(stage.google.members(PROJECT, ROLE).len(), 1_500);
}

#[test]
fn members_of_others_are_counted_too() {
    let stage = Stage::new();
    stage.google.change(PROJECT, |policy| {
        let binding =
            serde_json::json!({"role": "roles/viewer", "members": members("user", 1_490)});
        bindings(policy).push(binding);
    });
    stage.stack(&binding(&members("user", 11)));
    refused(&stage, ["1501", "1500"]);
}

#[test]
fn groups_of_a_policy_are_counted() {
    let stage = Stage::new();
    stage.stack(&binding(&members("group", 251)));
    refused(&stage, ["251", "250"]);
}
