//! Members: who a role is granted to, in the spellings of IAM.
//!
//! Google: `iam/docs/principal-identifiers`, and `Binding.members` in the discovery documents.

mod agent;
mod email;
mod federated;
mod kind;
mod read;

pub use agent::is_service_agent;
pub(crate) use email::{address, is_email, is_service_account_email, project_of_email};
pub(crate) use read::{MemberError, read};

use std::fmt;

/// The canonical form of a member, declared or observed: equal principals, equal text.
///
/// Google folds the case of addresses and domains; everything after the scheme of a federated
/// principal is exact. (Terraform's provider, `tpgresource/utils.go`.)
pub fn canonical(member: &str) -> String {
    let (prefix, rest) = match member.strip_prefix(DELETED) {
        Some(rest) => (DELETED, rest),
        None => ("", member),
    };
    match rest.split_once(':') {
        Some((kind, value)) if !kind::is_exact(kind) => {
            format!("{prefix}{kind}:{}", value.to_lowercase())
        }
        _ => member.to_owned(),
    }
}

/// The member that stands for an identity as Google tells it; none where that is no address.
pub fn of_identity(identity: &str) -> Option<String> {
    match identity {
        email if email.ends_with(".gserviceaccount.com") => Some(format!("serviceAccount:{email}")),
        email if email.contains('@') => Some(format!("user:{email}")),
        _ => None,
    }
}

/// Whether this stands for a principal that was deleted: kept where it is, never added.
pub fn is_deleted(member: &str) -> bool {
    member.starts_with(DELETED)
}

/// Whether this is everybody, or everybody with a Google account.
pub fn is_public(member: &str) -> bool {
    matches!(member, "allUsers" | "allAuthenticatedUsers")
}

/// The member that a Kubernetes service account is to Google, in the pool of a project's clusters.
pub fn workload(project: &str, namespace: &str, name: &str) -> String {
    format!("serviceAccount:{project}.svc.id.goog[{namespace}/{name}]")
}

/// A Kubernetes service account that a member stands for: the pool's project, where the member
/// tells it, its namespace, and its name where it is not the whole namespace.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Workload {
    /// The project whose pool it is: `PROJECT.svc.id.goog`.
    pub pool_project: String,
    /// The namespace; none for every workload of the pool.
    pub namespace: Option<String>,
    /// The service account; none for every one in the namespace.
    pub name: Option<String>,
}

impl fmt::Display for Workload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let or_any = |part: &Option<String>| part.clone().unwrap_or_else(|| "*".to_owned());
        write!(f, "`{}/{}`", or_any(&self.namespace), or_any(&self.name))
    }
}

/// The Kubernetes service accounts that a member stands for, in either spelling.
pub fn as_workload(member: &str) -> Option<Workload> {
    if let Some(value) = member.strip_prefix("serviceAccount:") {
        let (project, rest) = value.split_once(".svc.id.goog[")?;
        let (namespace, name) = rest.strip_suffix(']')?.split_once('/')?;
        return Some(Workload {
            pool_project: project.to_owned(),
            namespace: Some(namespace.to_owned()),
            name: Some(name.to_owned()),
        });
    }
    federated::workload(member)
}

const DELETED: &str = "deleted:";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_is_a_member_where_it_is_an_address() {
        for (identity, member) in [
            ("ana@example.com", Some("user:ana@example.com")),
            (
                "bot@p.iam.gserviceaccount.com",
                Some("serviceAccount:bot@p.iam.gserviceaccount.com"),
            ),
            ("sandbox-owner", None),
            ("104857600000000000000", None),
        ] {
            assert_eq!(of_identity(identity).as_deref(), member, "{identity}");
        }
    }

    #[test]
    fn addresses_fold_and_federated_principals_do_not() {
        for (written, expected) in [
            ("user:Ana@Example.COM", "user:ana@example.com"),
            ("domain:Example.com", "domain:example.com"),
            (
                "deleted:serviceAccount:Bot@P.iam.gserviceaccount.com?uid=1",
                "deleted:serviceAccount:bot@p.iam.gserviceaccount.com?uid=1",
            ),
            (
                "principal://iam.googleapis.com/locations/global/workforcePools/p/subject/Ana",
                "principal://iam.googleapis.com/locations/global/workforcePools/p/subject/Ana",
            ),
            (
                "deleted:principal://iam.googleapis.com/x/subject/Ana",
                "deleted:principal://iam.googleapis.com/x/subject/Ana",
            ),
            ("allUsers", "allUsers"),
        ] {
            assert_eq!(canonical(written), expected);
            assert_eq!(canonical(expected), expected, "twice is once");
        }
    }

    #[test]
    fn a_workload_is_known_in_either_spelling() {
        let one = Workload {
            pool_project: "acme-ml".to_owned(),
            namespace: Some("training".to_owned()),
            name: Some("trainer".to_owned()),
        };
        assert_eq!(
            as_workload(&workload("acme-ml", "training", "trainer")),
            Some(one.clone())
        );
        let pool = "iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/acme-ml.svc.id.goog";
        assert_eq!(
            as_workload(&format!(
                "principal://{pool}/subject/ns/training/sa/trainer"
            )),
            Some(one)
        );
        let whole = as_workload(&format!("principalSet://{pool}/namespace/training")).unwrap();
        assert_eq!(
            (whole.namespace.as_deref(), whole.name),
            (Some("training"), None)
        );
        assert_eq!(
            as_workload("serviceAccount:a@b.iam.gserviceaccount.com"),
            None
        );
    }
}
