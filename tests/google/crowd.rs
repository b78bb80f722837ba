//! Many who write one policy at once.

use std::process::Child;

use rbacform_sandbox::Sandbox;

use crate::stage::{PROJECT, Stage};
use crate::support::repo::{Ran, Repo};

const APPLIERS: usize = 64;
const EACH: usize = 20;
const APPLY: [&str; 4] = ["apply", "stacks/main", "--yes", "--json"];

#[test]
fn nobody_of_a_crowd_loses_a_grant() {
    let stage = Stage::unwatched(Sandbox::builder());
    let role = "roles/aiplatform.user";
    let repos: Vec<Repo> = (0..APPLIERS)
        .map(|applier| {
            let repo = stage.another_repo(&format!("applier-{applier}"));
            let members: Vec<String> = (0..EACH)
                .map(|nth| format!("user:u{applier}-{nth}@example.com"))
                .collect();
            repo.stack(&format!(
                "[providers.gcp]\nproject = \"acme-ml\"\n[gcp.iam_member.m]\n\
                 for_each = {members:?}\nresource = \"{PROJECT}\"\nrole = \"{role}\"\n\
                 member = \"${{each.key}}\"\n"
            ));
            repo
        })
        .collect();
    let running: Vec<Child> = repos
        .iter()
        .map(|repo| repo.command(&APPLY).spawn().unwrap())
        .collect();
    for child in running {
        Ran::of(&APPLY, child.wait_with_output().unwrap()).exits(0);
    }
    assert_eq!(stage.google.members(PROJECT, role).len(), APPLIERS * EACH);
    let sets = stage
        .sandbox
        .requests()
        .of("setIamPolicy", "cloudresourcemanager.projects");
    assert!(sets >= APPLIERS as u64, "{sets} writes");
}
