//! Service agents: accounts that Google makes and uses itself. Taking their roles away breaks the
//! service they belong to.
//!
//! Google: `iam/docs/service-agents`.

/// Whether a member is a service agent, or the set of all of them.
///
/// Known by the address: `service-NUMBER@...`, anything in a project `gcp-sa-*`, and the older ones
/// of services that have a domain of their own. The default accounts of Compute Engine and App
/// Engine are no service agents: they are the project's.
pub fn is_service_agent(member: &str) -> bool {
    if let Some(rest) = member.strip_prefix("principalSet://cloudresourcemanager.googleapis.com/") {
        return rest.ends_with("/type/ServiceAgent");
    }
    let Some(email) = member.strip_prefix("serviceAccount:") else {
        return false;
    };
    let Some((local, host)) = email.split_once('@') else {
        return false;
    };
    let Some(owner) = host.strip_suffix(".gserviceaccount.com") else {
        return false;
    };
    match owner.strip_suffix(".iam") {
        Some(project) => project.starts_with("gcp-sa-") || is_numbered(local),
        None => matches!(
            owner,
            "cloudservices" | "cloudbuild" | "system" | "containerregistry"
        ),
    }
}

/// `service-NUMBER`, `service-org-NUMBER`, `service-folder-NUMBER`. Numbers of projects are long;
/// a short one is a person's choice of a name.
fn is_numbered(local: &str) -> bool {
    ["service-org-", "service-folder-", "service-"]
        .iter()
        .filter_map(|prefix| local.strip_prefix(prefix))
        .any(|number| number.len() >= 8 && number.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::is_service_agent;

    #[test]
    fn google_s_own_accounts_are_told_from_the_project_s() {
        for (email, agent) in [
            (
                "service-123456789012@container-engine-robot.iam.gserviceaccount.com",
                true,
            ),
            (
                "service-123456789012@gcp-sa-aiplatform.iam.gserviceaccount.com",
                true,
            ),
            ("p123-9@gcp-sa-cloud-sql.iam.gserviceaccount.com", true),
            (
                "service-org-123456789012@security-center-api.iam.gserviceaccount.com",
                true,
            ),
            ("123456789012@cloudservices.gserviceaccount.com", true),
            ("123456789012@cloudbuild.gserviceaccount.com", true),
            ("123456789012-compute@developer.gserviceaccount.com", false),
            ("acme-ml@appspot.gserviceaccount.com", false),
            ("trainer@acme-ml.iam.gserviceaccount.com", false),
            ("service-7@acme-ml.iam.gserviceaccount.com", false),
            ("service-123456789012@example.com", false),
        ] {
            assert_eq!(
                is_service_agent(&format!("serviceAccount:{email}")),
                agent,
                "{email}"
            );
        }
        assert!(!is_service_agent(
            "user:service-123456789012@gcp-sa-x.iam.gserviceaccount.com"
        ));
        let set = "principalSet://cloudresourcemanager.googleapis.com/projects/1/type/ServiceAgent";
        assert!(is_service_agent(set));
    }
}
