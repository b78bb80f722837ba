//! Which permissions it takes to plan a stack, apply it and see its drift, by resource.
//!
//! The methods and their permissions: Google's reference of the IAM and Resource Manager APIs.

use std::collections::{BTreeMap, BTreeSet};

use rbacform_core::ObjectId;

use crate::ident::{CUSTOM_ROLE, Ident, SERVICE_ACCOUNT};
use crate::preflight::policy_permissions;
use crate::target::ResourceName;

/// Of objects that a stack declares or that it may delete, what it takes on which resource.
pub fn needs<'o>(
    objects: impl IntoIterator<Item = &'o ObjectId>,
) -> BTreeMap<String, BTreeSet<String>> {
    let mut needs: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for object in objects {
        let (place, permissions) = match object.kind.as_str() {
            SERVICE_ACCOUNT => (owner(object), accounts()),
            CUSTOM_ROLE => (owner(object), roles()),
            _ => match Ident::of(object) {
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

/// `projects/P` or `organizations/O`, which accounts and roles belong to.
fn owner(object: &ObjectId) -> String {
    let parts: Vec<&str> = object.ident.split('/').take(2).collect();
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
    fn every_permission_is_one_of_googles() {
        let account = "projects/acme-ml/serviceAccounts/it@acme-ml.iam.gserviceaccount.com";
        let viewer = "roles/storage.objectViewer";
        let objects = [
            ObjectId::cluster("gcp", CUSTOM_ROLE, "projects/other/roles/it"),
            ObjectId::cluster("gcp", SERVICE_ACCOUNT, account),
            iam_member("gcp", "buckets/data", viewer, "user:a@b.c", None),
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
        for permission in needs.values().flatten() {
            assert!(permission_exists(permission), "{permission}");
        }
    }
}
