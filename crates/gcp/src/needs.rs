//! Which permissions it takes to plan a stack, apply it and see its drift, by resource.
//!
//! The methods and their permissions: Google's reference of the IAM and Resource Manager APIs.

use std::collections::{BTreeMap, BTreeSet};

use rbacform_core::ObjectId;

use crate::ident::{CUSTOM_ROLE, Ident, SERVICE_ACCOUNT};
use crate::preflight::policy_permissions;
use crate::target::ResourceName;

/// Of objects that a stack declares or that it may delete, what it takes on which resource. On an
/// account that the stack makes nobody can hold anything before that, so what its policy takes must be
/// held on its project.
pub fn needs<'o>(
    objects: impl IntoIterator<Item = &'o ObjectId>,
) -> BTreeMap<String, BTreeSet<String>> {
    let objects: Vec<&ObjectId> = objects.into_iter().collect();
    let accounts_made: BTreeSet<&str> = objects
        .iter()
        .filter(|object| object.kind == SERVICE_ACCOUNT)
        .map(|object| &*object.ident)
        .collect();
    let mut needs: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for object in objects {
        let (place, permissions) = match object.kind.as_str() {
            SERVICE_ACCOUNT => (owner(object), accounts()),
            CUSTOM_ROLE => (owner(object), roles()),
            _ => match Ident::of(object) {
                Some(ident) if accounts_made.contains(ident.resource) => {
                    (above(ident.resource), policy(ident.resource))
                }
                Some(ident) => (ident.resource.to_owned(), policy(ident.resource)),
                None => continue,
            },
        };
        if let Some(project) = project(&place) {
            // Its number pins the world.
            let number = needs.entry(project).or_default();
            number.insert("resourcemanager.projects.get".to_owned());
        }
        needs.entry(place).or_default().extend(permissions);
    }
    needs
}

/// What it takes to tell who may do what on resources, as assertions ask: to read their policies, what
/// projects and folders are in, and the custom roles that may be bound there.
pub fn to_tell<'n>(
    resources: impl IntoIterator<Item = &'n str>,
) -> BTreeMap<String, BTreeSet<String>> {
    let mut needs: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for resource in resources {
        let also: &[&str] = match resource.split('/').collect::<Vec<_>>().as_slice() {
            ["projects", _] => &["resourcemanager.projects.get", "iam.roles.get"],
            ["folders", _] => &["resourcemanager.folders.get"],
            ["organizations", _] => &["iam.roles.get"],
            _ => &[],
        };
        let reading = policy(resource).into_iter().next();
        let also = also.iter().map(|permission| (*permission).to_owned());
        let permissions: BTreeSet<String> = reading.into_iter().chain(also).collect();
        if !permissions.is_empty() {
            needs
                .entry(resource.to_owned())
                .or_default()
                .extend(permissions);
        }
    }
    needs
}

/// What it takes to see whether a service account exists.
pub const TO_SEE_AN_ACCOUNT: &str = "iam.serviceAccounts.get";

/// What it takes to read an object that stands and to bring it to what the stack says, and on which
/// resource.
pub fn upkeep(object: &ObjectId) -> Option<(String, Vec<String>)> {
    Some(match object.kind.as_str() {
        SERVICE_ACCOUNT => (
            object.ident.to_string(),
            named("iam.serviceAccounts", &["get", "update"]),
        ),
        CUSTOM_ROLE => (owner(object), named("iam.roles", &["get", "update"])),
        _ => {
            let resource = Ident::of(object)?.resource;
            (resource.to_owned(), policy(resource))
        }
    })
}

/// `projects/P` or `organizations/O`, which accounts and roles belong to.
fn owner(object: &ObjectId) -> String {
    above(&object.ident)
}

fn above(name: &str) -> String {
    let parts: Vec<&str> = name.split('/').take(2).collect();
    parts.join("/")
}

fn project(place: &str) -> Option<String> {
    let rest = place.strip_prefix("projects/")?;
    let id = rest.split('/').next()?;
    Some(format!("projects/{id}"))
}

fn accounts() -> Vec<String> {
    named(
        "iam.serviceAccounts",
        &[
            "create", "delete", "disable", "enable", "get", "list", "undelete", "update",
        ],
    )
}

fn roles() -> Vec<String> {
    named(
        "iam.roles",
        &["create", "delete", "get", "list", "undelete", "update"],
    )
}

fn policy(resource: &str) -> Vec<String> {
    let name = ResourceName::parse(resource).ok();
    let permissions = name.and_then(|name| policy_permissions(&name));
    permissions.into_iter().flatten().collect()
}

fn named(kind: &str, verbs: &[&str]) -> Vec<String> {
    verbs.iter().map(|verb| format!("{kind}.{verb}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ident::iam_member;
    use crate::roles::permission_exists;

    #[test]
    fn what_assertions_ask_takes_reading_alone() {
        let project = "projects/acme-ml";
        let secret = "projects/acme-ml/secrets/key";
        let all = to_tell([secret, project, "folders/1", "organizations/2"]);
        assert_eq!(
            all[secret].iter().collect::<Vec<_>>(),
            ["secretmanager.secrets.getIamPolicy"]
        );
        for permission in all.values().flatten().map(String::as_str) {
            assert!(permission_exists(permission), "{permission}");
        }
        assert!(permission_exists(TO_SEE_AN_ACCOUNT));
    }

    #[test]
    fn every_permission_is_one_of_googles() {
        let account = "projects/acme-ml/serviceAccounts/it@acme-ml.iam.gserviceaccount.com";
        let viewer = "roles/storage.objectViewer";
        let objects = [
            ObjectId::cluster("gcp", CUSTOM_ROLE, "projects/other/roles/it"),
            ObjectId::cluster("gcp", SERVICE_ACCOUNT, account),
            iam_member("gcp", "buckets/data", viewer, "user:a@b.c", None),
            iam_member("gcp", account, "roles/viewer", "user:a@b.c", None),
        ];
        let needs = needs(&objects);
        let places: Vec<&str> = needs.keys().map(String::as_str).collect();
        assert_eq!(
            places,
            ["buckets/data", "projects/acme-ml", "projects/other"]
        );
        assert_eq!(
            needs["buckets/data"].iter().collect::<Vec<_>>(),
            [
                "storage.buckets.getIamPolicy",
                "storage.buckets.setIamPolicy"
            ]
        );
        // The account is not there yet.
        assert!(needs["projects/acme-ml"].contains("iam.serviceAccounts.setIamPolicy"));
        for permission in needs.values().flatten() {
            assert!(permission_exists(permission), "{permission}");
        }
    }
}
