//! A grant on every kind of resource that has a policy.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::stage::Stage;

const ANA: &str = "user:ana@example.com";

const VERTEX: [&str; 11] = [
    "models/m1",
    "endpoints/e1",
    "datasets/d1",
    "agents/a1",
    "featureGroups/g1",
    "featureOnlineStores/s1",
    "featureOnlineStores/s1/featureViews/v1",
    "featurestores/f1",
    "featurestores/f1/entityTypes/t1",
    "reasoningEngines/r1",
    "notebookRuntimeTemplates/n1",
];

const OTHERS: [(&str, &str, &str); 8] = [
    (
        "projects/acme-ml",
        "roles/aiplatform.user",
        "cloudresourcemanager.projects",
    ),
    (
        "folders/123456789012",
        "roles/aiplatform.user",
        "cloudresourcemanager.folders",
    ),
    (
        "organizations/123456789012",
        "roles/aiplatform.user",
        "cloudresourcemanager.organizations",
    ),
    (
        "projects/acme-ml/serviceAccounts/trainer@acme-ml.iam.gserviceaccount.com",
        "roles/iam.serviceAccountUser",
        "iam.projects.serviceAccounts",
    ),
    (
        "buckets/acme-models",
        "roles/storage.objectViewer",
        "storage.buckets",
    ),
    (
        "projects/acme-ml/locations/us-central1/repositories/images",
        "roles/artifactregistry.reader",
        "artifactregistry.projects.locations.repositories",
    ),
    (
        "projects/acme-ml/secrets/key",
        "roles/secretmanager.secretAccessor",
        "secretmanager.projects.secrets",
    ),
    (
        "projects/acme-ml/topics/jobs",
        "roles/pubsub.publisher",
        "pubsub.projects.topics",
    ),
];

/// A resource, a role that means something on it, and what its calls are named after.
fn grants() -> Vec<(String, &'static str, String)> {
    let vertex = VERTEX.into_iter().map(|name| {
        let collections: Vec<&str> = name.split('/').step_by(2).collect();
        (
            format!("projects/acme-ml/locations/us-central1/{name}"),
            "roles/aiplatform.admin",
            format!("aiplatform.projects.locations.{}", collections.join(".")),
        )
    });
    let others = OTHERS.map(|(resource, role, calls)| (resource.into(), role, calls.into()));
    others.into_iter().chain(vertex).collect()
}

fn stack(members: &[&str]) -> String {
    let mut stack = String::new();
    for (number, (resource, role, _)) in grants().iter().enumerate() {
        for (nth, member) in members.iter().enumerate() {
            writeln!(
                stack,
                "[gcp.iam_member.g{number}_{nth}]\nresource = \"{resource}\"\nrole = \"{role}\"\n\
                 member = \"{member}\""
            )
            .unwrap();
        }
    }
    stack
}

/// How often each call of every target is made, of this method.
fn calls<'a>(requests: &'a Value, method: &'a str) -> impl Iterator<Item = (String, u64)> + 'a {
    grants().into_iter().map(move |(_, _, calls)| {
        let number = &requests[format!("{calls}.{method}")];
        (calls, number.as_u64().unwrap_or_default())
    })
}

#[test]
fn every_target_is_read_and_written_once() {
    let stage = Stage::new();
    stage.google.make_account("acme-ml", "trainer");
    let members = [ANA, "group:team@example.com"];
    stage.stack(&stack(&members));
    let planned = stage.requests(|| {
        stage.repo.plan();
    });
    for (target, reads) in calls(&planned, "getIamPolicy") {
        assert_eq!(reads, 1, "{target} in {planned:#}");
    }
    let applied = stage.requests(|| {
        stage.repo.apply();
    });
    for (target, writes) in calls(&applied, "setIamPolicy") {
        assert_eq!(writes, 1, "{target} in {applied:#}");
    }
    for (target, reads) in calls(&applied, "getIamPolicy") {
        assert_eq!(reads, 2, "{target}: once to plan and once to write");
    }
    stage.repo.is_settled();
    for (resource, role, _) in grants() {
        let found = stage.google.members(&resource, role);
        assert_eq!(
            json!(found),
            json!(["group:team@example.com", ANA]),
            "{resource}"
        );
    }
    stage
        .run(&["destroy", "stacks/main", "--yes", "--allow-revokes", "100"])
        .exits(0);
    for (resource, role, _) in grants() {
        assert_eq!(stage.google.members(&resource, role), [""; 0], "{resource}");
    }
}
