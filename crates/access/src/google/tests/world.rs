//! Small worlds to ask.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::google::{Decision, Evaluator, Facts, Missing, Principal, Resource, Roles};

/// Roles by name, as far as the cases need them.
impl Roles for BTreeMap<&'static str, Vec<&'static str>> {
    fn holds(&self, role: &str, permission: &str) -> Option<bool> {
        Some(self.get(role)?.contains(&permission))
    }

    fn permissions(&self, role: &str) -> Option<Vec<&str>> {
        self.get(role).map(|held| held.to_vec())
    }
}

pub(super) fn roles() -> BTreeMap<&'static str, Vec<&'static str>> {
    let reader = vec!["storage.objects.get", "storage.objects.list"];
    let mut owner = reader.clone();
    owner.extend([
        "iam.serviceAccounts.actAs",
        "compute.instances.create",
        "resourcemanager.projects.delete",
        "iam.roles.create",
    ]);
    BTreeMap::from([
        ("roles/storage.objectViewer", reader),
        (
            "roles/storage.objectCreator",
            vec!["storage.objects.create"],
        ),
        ("roles/owner", owner.clone()),
        ("roles/editor", owner),
        (
            "roles/resourcemanager.projectDeleter",
            vec!["resourcemanager.projects.delete"],
        ),
        (
            "roles/iam.serviceAccountUser",
            vec!["iam.serviceAccounts.actAs"],
        ),
        (
            "roles/compute.instanceAdmin",
            vec!["compute.instances.create"],
        ),
        (
            "roles/iam.serviceAccountTokenCreator",
            vec![
                "iam.serviceAccounts.getAccessToken",
                "iam.serviceAccounts.signJwt",
            ],
        ),
        (
            "roles/iam.workloadIdentityUser",
            vec!["iam.serviceAccounts.getAccessToken"],
        ),
        ("roles/container.developer", vec!["container.pods.create"]),
    ])
}

/// Facts from documents as Google's tools print them.
pub(super) fn facts(documents: Value) -> Facts {
    let mut facts = Facts::default();
    assert!(facts.put_document(&documents).unwrap());
    facts
}

/// 2027-01-01T00:00:00Z.
pub(super) const NOW: i64 = 1_798_761_600;

pub(super) fn decide(facts: &Facts, who: &str, permission: &str, resource: &str) -> Decision {
    let roles = roles();
    let evaluator = Evaluator {
        facts,
        roles: &roles,
        now: NOW,
    };
    let resource = Resource::parse(resource).unwrap();
    evaluator.decide(&Principal::of(who), permission, &resource)
}

/// `yes`, `no`, `denied`, or what is missing.
pub(super) fn told(facts: &Facts, who: &str, permission: &str, resource: &str) -> String {
    match decide(facts, who, permission, resource) {
        Decision::Allowed { .. } => "yes".to_owned(),
        Decision::Denied { .. } => "denied".to_owned(),
        Decision::NoGrant => "no".to_owned(),
        Decision::CannotTell { missing, .. } => {
            let missing: Vec<String> = missing.iter().map(Missing::to_string).collect();
            missing.join("; ")
        }
    }
}
