//! Which role to give for a permission that somebody lacks.

/// The role that people give so that somebody holds a permission, where there is one.
pub fn usual_holder(permission: &str) -> Option<&'static str> {
    let role = match permission {
        "resourcemanager.projects.getIamPolicy"
        | "resourcemanager.folders.getIamPolicy"
        | "resourcemanager.organizations.getIamPolicy"
        | "iam.serviceAccounts.getIamPolicy" => "roles/iam.securityReviewer",
        "resourcemanager.projects.setIamPolicy" => "roles/resourcemanager.projectIamAdmin",
        "resourcemanager.folders.setIamPolicy" => "roles/resourcemanager.folderIamAdmin",
        "resourcemanager.organizations.setIamPolicy" => "roles/resourcemanager.organizationAdmin",
        "resourcemanager.projects.get" => "roles/browser",
        "iam.serviceAccounts.list" | "iam.serviceAccounts.get" => "roles/iam.serviceAccountViewer",
        "iam.serviceAccounts.getAccessToken" => "roles/iam.serviceAccountTokenCreator",
        "iam.roles.list" | "iam.roles.get" => "roles/iam.roleViewer",
        "container.clusters.get" => "roles/container.clusterViewer",
        _ if permission.starts_with("iam.serviceAccounts.") => "roles/iam.serviceAccountAdmin",
        _ if permission.starts_with("iam.roles.") => "roles/iam.roleAdmin",
        // Far less than an administrator of storage; it can be granted on buckets alone, which is where
        // their policies are.
        "storage.buckets.getIamPolicy" | "storage.buckets.setIamPolicy" => {
            "roles/storage.legacyBucketOwner"
        }
        _ if permission.starts_with("storage.buckets.") => "roles/storage.admin",
        _ if permission.starts_with("aiplatform.") => "roles/aiplatform.admin",
        _ if permission.starts_with("secretmanager.") => "roles/secretmanager.admin",
        _ if permission.starts_with("artifactregistry.") => "roles/artifactregistry.admin",
        _ if permission.starts_with("pubsub.") => "roles/pubsub.admin",
        _ => return None,
    };
    Some(role)
}
